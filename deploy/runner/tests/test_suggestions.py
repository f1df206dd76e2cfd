"""What `yinling suggest` prints."""

from typing import Any

from yinling_runner.suggestions import lines

MENTOR: dict[str, Any] = {
    "name": "周立群",
    "score": 0.713,
    "label": "good",
    "city": "成都",
    "distance_km": 651.7,
    "former_employer": "攀钢",
    "last_position": "",
    "evidence": [
        {
            "requirement": "会用 S7-1500",
            "found": True,
            "facet_text": "S7-1500\n编程",
            "strength": 0.91,
            "label": "strong",
            "shared_words": ["S7-1500"],
        },
        {"requirement": "漏钢预报", "found": False},
    ],
    "adjustments": [
        {"kind": "wishes", "effect": 0.02, "rule": None, "not_stated": False},
        {"kind": "years", "effect": -0.06, "rule": None, "not_stated": True},
        {"kind": "broken_wish", "effect": -0.1, "rule": "mode", "not_stated": False},
    ],
    "checks": [{"rule": "hours", "outcome": "not_stated"}, {"rule": "language", "outcome": "passed"}],
    "similar": [{"name": "周立众", "score": 0.7}],
    "by_turn": False,
}
ANSWER: dict[str, Any] = {
    "verdict": "ranked",
    "people": 244,
    "eligible": 55,
    "suggestions": [MENTOR],
    "exclusions": [{"rule": "physical", "people": 12, "only_this_rule": 5}],
    "relaxations": [
        {"rule": "physical", "physical_demand": "underground", "other_demand": "", "strong": 3, "good": 1},
        {"rule": "distance", "physical_demand": None, "other_demand": "", "strong": 0, "good": 2},
    ],
    "without_information": 4,
    "weights": {"about": 2.0, "must": 1.5, "nice": None},
}


def printed(answer: dict[str, Any]) -> list[str]:
    return [line.plain.rstrip() for line in lines("攀钢：带教", answer, 200)]


def test_a_mentor_comes_with_label_evidence_and_warnings() -> None:
    assert printed(ANSWER)[:9] == [
        "攀钢：带教",
        "  244 人中 55 人符合硬性条件 pass every hard rule",
        "  1.  71 % 合适 good  周立群  成都 · 652 km · 攀钢",
        "       ✓ [高 91 %] 会用 S7-1500 [字面 words: S7-1500] ← “S7-1500 编程”",
        "       – 漏钢预报（未找到 not found）",
        "       ! 不合愿望 breaks a wish: 方式 mode -10",
        "       ! 从业年限 years（档案未写明 not stated） -6",
        "       + 本人意愿 own wishes +2",
        "       ? 需当面确认 to be asked: 每周时数 hours",
    ]


def test_a_place_by_turn_says_so() -> None:
    found = printed(ANSWER | {"suggestions": [MENTOR | {"by_turn": True}]})
    assert found[3] == "       ↑ 同样合适，轮到靠前 fits equally well and comes first by turn"


def test_what_relaxing_would_bring_and_the_weights_follow() -> None:
    assert printed(ANSWER)[9:] == [
        "       + 经历几乎相同 nearly the same: 周立众 70 %",
        "  仅因此未列入 left out by this alone: 体力条件 physical (underground): 3 位很合适 strong、1 位合适 good",
        "  仅因此未列入 left out by this alone: 地点 distance: 2 位合适 good",
        "  体力条件 physical: 排除 keeps out 12 (仅因此 by this alone: 5)",
        "  信息不足 not enough information: 4 份空档案 empty profiles",
        "  权重 weights: about 2, must 1.5",
    ]


def test_too_little_to_go_by_gets_words_and_no_number() -> None:
    unknown = ANSWER | {"suggestions": [MENTOR | {"label": None, "evidence": [], "adjustments": []}]}
    assert "信息不足 not enough information  周立群" in printed(unknown)[2]
    assert "71" not in printed(unknown)[2]
    nothing = ANSWER | {"suggestions": [], "verdict": "not_enough_information"}
    assert "信息不足，无法排序" in printed(nothing)[2]


def test_a_long_quotation_does_not_fill_the_screen() -> None:
    evidence = MENTOR["evidence"][0] | {"facet_text": "长" * 500}
    answer = ANSWER | {"suggestions": [MENTOR | {"evidence": [evidence]}]}
    assert all(line.cell_len <= 80 for line in list(lines("x", answer, 80))[2:5])
