"""What people say they want and do not want, and what the real model makes of it."""

# ruff: noqa: E501 - tables of cases read better on long lines; Chinese counts double

from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_common.types import TitleLevel
from yinling_matching.catalogue.traits import TraitsOf
from yinling_matching.domain import MentoringRequest
from yinling_matching.embedding import load_embedder
from yinling_matching.ranking.adjustments import AVOIDED, WANTED, Kind, WishCosines, shifts_of
from yinling_matching.ranking.weights import Effective
from yinling_matching.ranking.wishes import MOST_CLAUSES, wish_texts


@pytest.mark.parametrize(
    ("wishes", "wanted", "avoided"),
    [
        ("想带青年工程师学热处理", ("青年工程师学热处理",), ()),
        ("不想再碰财务，想带青年工程师学热处理", ("青年工程师学热处理",), ("财务",)),
        ("只讲焊接，不带别的", ("焊接",), ()),
        ("矿井的活不想再干", (), ("矿井的活",)),
        ("继电保护不想再干了，想搞搞光伏", ("光伏",), ("继电保护",)),
        ("愿意做变电站调试但整定计算不做了", ("变电站调试",), ("整定计算",)),
        ("愿意讲苗绣不愿意讲刺绣销售", ("苗绣",), ("刺绣销售",)),
        ("不希望涉及核电项目", (), ("核电项目",)),
        ("婉拒法律诉讼类的咨询；别让我管招投标", (), ("法律诉讼类的咨询", "让我管招投标")),
        ("对直播带货没兴趣", (), ("对直播带货",)),
        ("不愿意做会计出纳这类事", (), ("会计出纳",)),
        ("特别想教苗绣", ("苗绣",), ()),
        ("不仅讲焊接，也讲热处理", ("焊接", "也讲热处理"), ()),
        ("不限行业，不图钱，不怕辛苦，什么都可以教", (), ()),
        ("Happy to help with vibration diagnosis; avoid travel", ("help with vibration diagnosis",), ()),
        ("I don't want to teach accounting.", (), ("I to teach accounting",)),
        ("Prefer not to work on nuclear projects", (), ("work on nuclear projects",)),
        ("Welding, but no painting work", ("Welding",), ("painting work",)),
        ("I don't mind welding", ("I welding",), ()),
        ("不願意再碰財務，想帶帶年輕的漆藝師", ("漆艺师",), ("财务",)),
        ("对新能源场站有想法，能带智能制造", ("对新能源场站有想法", "智能制造"), ()),
    ],
)
def test_clauses_are_sorted(wishes: str, wanted: tuple[str, ...], avoided: tuple[str, ...]) -> None:
    assert wish_texts(wishes) == (wanted, avoided)


@pytest.mark.parametrize(
    "wishes",
    [
        "", "无", "   ", "……", "不接受夜班", "不想出差", "不愿去外地", "高塔爬不动了，但可以坐镇指挥、讲课", "天窗点的夜班熬不住，白天都行",
        "身体好，可以跟班下井", "能进洞，老了腿脚还行", "每周两天，包吃住就行", "希望多收女徒弟", "想教年轻人，女孩男孩都行", "讲课、当评审顾问都行",
        "可以用英文讲", "不喝酒应酬", "年纪大了，不方便长时间站立", "No night shifts, no travel", "Weekends only, two hours",
        "I would like to mentor young people", "如果方便的话", "不想再干了",
        "退而不休，发挥余热，服从组织安排", "无特殊要求", "每周可服务2次", "只接受远程，不跑工地", "近两年照顾孙子，暂时不接长期项目",
    ],
)  # fmt: skip
def test_conditions_and_forms_are_no_subject(wishes: str) -> None:
    assert wish_texts(wishes) == ((), ())


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    wanted, avoided = wish_texts(text)
    assert all(part.strip() for part in (*wanted, *avoided))


@pytest.mark.parametrize("piece", ["不", "想不", "一", "除了", "no ", "n", "了", " ", "，不", "愿意不愿意"])
def test_long_texts_take_no_time(piece: str) -> None:
    started = process_time()
    wish_texts(piece * 2000)
    assert process_time() - started < 1


def test_only_so_many_clauses_are_read() -> None:
    subjects = [f"焊接{number}号炉" for number in range(40)]
    assert len(wish_texts("，".join(subjects))[0]) == MOST_CLAUSES


REQUESTS = {
    "ventilation": "矿井通风技术员传帮带\n新提拔三名通风技术员，不会自己做阻力测定和网络解算，想请一位老通风带一年。",
    "furnace": "高炉工长培养：炉况判断和失常处理\n3200立方米高炉，年轻工长居多，遇到炉凉、管道行程反应慢。",
    "finance": "青年财务骨干导师：合并报表与集团资金管理\n选拔了五名财务骨干，希望做过集团财务负责人的专家远程辅导一年。",
    "clinic": "企业医务室：高血压和尘肺职工管理\n厂医务室两名年轻医生，需要有经验的医生每月远程会诊。",
    "training": "建立师带徒制度和内训师队伍\n请做过企业培训的专家一起设计，并培养第一批四十名内训师。",
    "hazop": "催化裂化装置HAZOP分析和工艺员培养\n装置准备大检修，请专家参加HAZOP会议，并带四名工艺员。",
    "nights": "突出矿井打钻跟夜班指导\n防突队钻孔施工质量不稳，要能下井、能跟夜班，在掌子面手把手教。",
    "claims": "境外EPC合同索赔与仲裁辅导\n两个FIDIC合同项目进入索赔阶段，法务和商务人员需要辅导。",
    "livestream": "跨境直播电商带教\n打算开直播间，缺会策划海外直播、懂投流和店铺运营的老师。",
    "party": "新任党支部书记传帮带\n二十多个基层支部书记一半是第一次干，三会一课流于形式，请老书记来讲讲。",
}
# What the person writes, which requests it speaks for, and which it speaks against. All others stay as they are.
JUDGED = [
    ("愿意带通风技术员，下井可以，每月不超过八个班", {"ventilation"}, set()),
    ("希望每周去现场两天，带炉前和工长", {"furnace"}, set()),
    ("想带三到五位年轻财务骨干，一年为期", {"finance"}, set()),
    ("愿带基层医生、企业医务室", {"clinic"}, set()),
    ("喜欢陪中小型企业从零搭培训体系", {"training"}, set()),
    ("愿意讲HAZOP、带工艺员", {"hazop"}, set()),
    ("不愿再搞煤矿通风了", set(), {"ventilation"}),
    ("不想再做高炉", set(), {"furnace"}),
    ("不想再碰财务", set(), {"finance"}),
    ("不想碰索赔仲裁", set(), {"claims"}),
    ("对直播带货没兴趣", set(), {"livestream"}),
    ("不想讲党课", set(), {"party"}),
    ("天窗点的夜班熬不住，白天都行", set(), set()),
    ("不接受夜班，不想出差", set(), set()),
    ("希望多收女徒弟", set(), set()),
    ("想教年轻人，女孩男孩都行", set(), set()),
]


@pytest.mark.model
def test_signs_with_the_real_model() -> None:
    embedder = load_embedder()
    queries = embedder.encode_queries(list(REQUESTS.values()))
    wrong = []
    for wishes, speaks_for, against in JUDGED:
        best = [
            (queries @ embedder.encode_passages(list(texts)).T).max(axis=1)
            if texts
            else np.full(len(queries), np.nan, np.float32)
            for texts in wish_texts(wishes)
        ]
        nobody = TraitsOf(*(np.zeros(len(queries), kind) for kind in (np.int16, np.bool_, np.int8)))
        request = MentoringRequest("o", "t", min_title_level=TitleLevel.UNSPECIFIED)
        (shift,) = shifts_of(request, Effective(), nobody, wishes=WishCosines(*best))
        assert shift.kind is Kind.WISHES
        assert (shift.values <= WANTED).all()
        assert (shift.values >= AVOIDED).all()
        for name, value in zip(REQUESTS, shift.values, strict=True):
            if np.sign(value) != (name in speaks_for) - (name in against):
                wrong.append((wishes, name, round(float(value), 2)))
    assert wrong == []
