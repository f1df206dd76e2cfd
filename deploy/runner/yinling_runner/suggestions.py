"""What `yinling suggest` prints: who fits, with evidence and warnings, and what relaxing a condition would bring."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

Json = Mapping[str, Any]

_RULES = {
    "availability": "时间",
    "capacity": "名额",
    "physical": "体力条件",
    "mode": "方式",
    "distance": "地点",
    "hours": "每周时数",
    "language": "语言",
    "blocked": "回避",
}
_LABELS = {
    "strong": ("很合适", "bold green"),
    "good": ("合适", "green"),
    "possible": ("可考虑", "yellow"),
    "weak": ("关联较弱", "dim"),
}
_STRENGTHS = {"strong": "高", "good": "较高", "possible": "中", "weak": "低"}
_MOVED = {
    "years": "从业年限 years",
    "title_level": "职称 title",
    "feedback": "以往评价 feedback",
    "wishes": "本人意愿 own wishes",
}
_VERDICTS = {
    "not_enough_information": "信息不足，无法排序 not enough information to rank anyone",
    "nobody_eligible": "没有人符合硬性条件 nobody passes the hard rules",
}
_INDENT = " " * 7


def lines(title: str, answer: Json, width: int) -> Iterator[Text]:
    """Everything about a request's suggestions, line by line.

    Args:
        title: Of the request.
        answer: As the API gives it.
        width: Of the terminal, in columns.
    """
    yield Text(title, style="bold")
    yield Text(f"  {answer['people']} 人中 {answer['eligible']} 人符合硬性条件 pass every hard rule", style="dim")
    for number, mentor in enumerate(answer["suggestions"], start=1):
        yield from _mentor(number, mentor, max(60, width))
    if not answer["suggestions"]:
        yield Text(f"  没有推荐 no suggestions: {_VERDICTS.get(answer['verdict'], answer['verdict'])}")
    yield from _left_out(answer)
    if without := answer["without_information"]:
        yield Text(f"  信息不足 not enough information: {without} 份空档案 empty profiles", style="dim")
    if answer["weights"] and answer["suggestions"]:
        used = ", ".join(f"{name} {value:g}" for name, value in answer["weights"].items() if value is not None)
        yield Text(f"  权重 weights: {used}", style="dim")


def _mentor(number: int, mentor: Json, width: int) -> Iterator[Text]:
    distance = "" if mentor["distance_km"] is None else f"{mentor['distance_km']:.0f} km"
    where = (mentor["city"], distance, mentor["former_employer"], mentor["last_position"])
    yield Text.assemble(
        (f"  {number}. ", "dim"), *_score(mentor), f"  {mentor['name']}  ", (" · ".join(filter(None, where)), "dim")
    )
    if mentor["by_turn"]:
        yield Text(f"{_INDENT}↑ 同样合适，轮到靠前 fits equally well and comes first by turn", style="dim")
    for evidence in mentor["evidence"]:
        line = _evidence(evidence)
        line.truncate(width, overflow="ellipsis")  # a quotation may be long
        yield line
    for moved in sorted(mentor["adjustments"], key=lambda adjustment: float(adjustment["effect"])):
        yield _adjustment(moved)
    unknown = [_rule(check["rule"]) for check in mentor["checks"] if check["outcome"] == "not_stated"]
    if unknown:
        yield Text(f"{_INDENT}? 需当面确认 to be asked: {'、'.join(unknown)}", style="yellow")
    if mentor["similar"]:
        names = "、".join(f"{one['name']} {100 * one['score']:.0f} %" for one in mentor["similar"])
        yield Text(f"{_INDENT}+ 经历几乎相同 nearly the same: {names}", style="dim")


def _score(mentor: Json) -> list[tuple[str, str]]:
    if mentor["label"] is None:
        return [("信息不足 not enough information", "dim")]
    words, style = _LABELS[mentor["label"]]
    return [(f"{100 * mentor['score']:3.0f} % ", style), (f"{words} {mentor['label']}", style)]


def _evidence(evidence: Json) -> Text:
    if not evidence["found"]:
        return Text(f"{_INDENT}– {evidence['requirement']}（未找到 not found）", style="dim")
    strength = _STRENGTHS.get(evidence["label"] or "", "")
    quote = " ".join(evidence["facet_text"].split())
    line = Text.assemble(
        f"{_INDENT}✓ ", (f"[{strength} {100 * evidence['strength']:.0f} %] ", "green"), evidence["requirement"]
    )
    if evidence["shared_words"]:
        line.append(f" [字面 words: {'、'.join(evidence['shared_words'])}]", style="cyan")
    return line.append(" ← ", style="dim").append(f"“{quote}”", style="italic")


def _adjustment(adjustment: Json) -> Text:
    effect = float(adjustment["effect"])
    if adjustment["kind"] == "broken_wish":
        words = f"不合愿望 breaks a wish: {_rule(adjustment['rule'])}"
    else:
        words = _MOVED.get(adjustment["kind"], str(adjustment["kind"]))
        if adjustment["not_stated"]:
            words += "（档案未写明 not stated）"
    sign, style = ("+", "green") if effect >= 0 else ("!", "yellow")
    return Text(f"{_INDENT}{sign} {words} {100 * effect:+.0f}", style=style)


def _left_out(answer: Json) -> Iterator[Text]:
    for relaxation in answer["relaxations"]:
        about = relaxation["physical_demand"] or relaxation["other_demand"]
        found = [f"{relaxation[n]} 位{_LABELS[n][0]} {n}" for n in ("strong", "good") if relaxation[n]]
        yield Text.assemble(
            ("  仅因此未列入 left out by this alone: ", "cyan"),
            f"{_rule(relaxation['rule'])}{f' ({about})' if about else ''}: {'、'.join(found)}",
        )
    for exclusion in answer["exclusions"]:
        alone = f"仅因此 by this alone: {exclusion['only_this_rule']}"
        yield Text(f"  {_rule(exclusion['rule'])}: 排除 keeps out {exclusion['people']} ({alone})", style="dim")


def _rule(name: str | None) -> str:
    return f"{_RULES.get(name or '', '')} {name}".strip()
