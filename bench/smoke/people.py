"""Synthetic people and requests, the same for the same seed. About six facets a person."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.smoke import vocabulary as words

HEADERS = [
    "工号",
    "姓名",
    "性别",
    "出生年月",
    "现居城市",
    "所属单位",
    "原工作单位",
    "退休前职务",
    "职称",
    "行业",
    "工作年限",
    "专长",
    "工作经历",
    "资格证书",
    "个人简介",
    "服务方式",
    "每周可用小时",
    "出行范围",
    "身体限制",
    "语言",
    "同时指导人数",
    "暂停",
    "同意公开",
]
ORGANISATION = "测速集团"
PHYSICAL = ("underground", "heights", "night_shift", "dust_and_noise")


def rows(count: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Roster rows in the order of HEADERS. Everybody consents; one in fifty takes a break."""
    chance = random.Random(seed)
    for number in range(count):
        yield _row(number, chance)


def write_roster(path: Path, count: int, seed: int = 1) -> None:
    """Write the rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(rows(count, seed))


def requests(count: int, seed: int) -> list[dict[str, Any]]:
    """Requests whose texts differ from each other; some ask for a place, hours or a body that can."""
    chance = random.Random(f"requests {seed}")
    return [_request(chance) for _ in range(count)]


def _row(number: int, chance: random.Random) -> tuple[str, ...]:
    industry = chance.choice(list(words.TRADES))
    positions, matters = words.TRADES[industry]
    employer = chance.choice(words.PLACES) + industry + chance.choice(words.KINDS)
    position = chance.choice(positions)
    matter = chance.choice(matters)
    birth = chance.randint(1945, 1966)
    begin = birth + chance.randint(18, 24)
    end = begin + chance.randint(20, 38)
    experience = (
        f"{begin}—{end} {employer} {position}：主持{_phrase(chance, matter)}，{_result(chance)}，{_result(chance)}"
    )
    bio = chance.choice(words.BIOS).format(what=matter, n=chance.randint(2, 40)) if chance.random() < 0.5 else ""
    return (
        f"T{number:06}",
        chance.choice(words.SURNAMES) + "".join(chance.sample(words.GIVEN, 2)),
        chance.choice("男女"),
        f"{birth}-{chance.randint(1, 12):02}",
        chance.choice(words.CITIES),
        ORGANISATION,
        employer,
        position,
        chance.choice(words.TITLES),
        industry,
        str(end - begin),
        "、".join(_phrase(chance, chance.choice(matters)) for _ in range(chance.choice((1, 2, 2, 3)))),
        experience,
        chance.choice(words.CERTIFICATES) if chance.random() < 0.4 else "",
        bio,
        chance.choice(("现场", "远程", "现场、远程", "现场、远程")),
        str(chance.randint(4, 24)),
        chance.choice(("仅本市", "本省", "全国", "全国")),
        chance.choice(words.LIMITS) if chance.random() < 0.4 else "",
        "普通话、英语" if chance.random() < 0.1 else "普通话",
        str(chance.randint(1, 3)),
        "是" if number % 50 == 49 else "",
        "是",
    )


def _request(chance: random.Random) -> dict[str, Any]:
    industry = chance.choice(list(words.TRADES))
    positions, matters = words.TRADES[industry]
    matter = chance.choice(matters)
    points = [_phrase(chance, chance.choice(matters)) for _ in range(3)]
    request: dict[str, Any] = {
        "organisation": ORGANISATION,
        "title": f"{_phrase(chance, matter)}传帮带",
        "description": f"{chance.choice(words.PLACES)}{chance.choice(words.KINDS)}有{chance.randint(2, 30)}名年轻人，"
        f"想请做过{chance.choice(positions)}的老师傅指导{matter}，目标是{_result(chance)}。",
        "requirements": [
            {"text": f"{point}，{_result(chance)}", "importance": "must" if place < 2 else "nice"}
            for place, point in enumerate(points)
        ],
        "industry": industry,
    }
    if chance.random() < 0.5:
        request |= {"city": chance.choice(words.CITIES), "mode": "on_site", "hours_per_week": chance.randint(4, 12)}
    if chance.random() < 0.3:
        request["physical_demands"] = [chance.choice(PHYSICAL)]
    return request


def _phrase(chance: random.Random, matter: str) -> str:
    return chance.choice(words.MANNERS) + matter + chance.choice(words.WORK)


def _result(chance: random.Random) -> str:
    return chance.choice(words.RESULTS).format(n=chance.randint(2, 60))
