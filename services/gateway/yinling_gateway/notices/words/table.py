"""The shape of the words of a notice, and the sentences that facts become."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yinling_gateway.notices.domain import CHINA


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and body in both languages, with the names of facts in braces."""

    subject_zh: str
    body_zh: str
    subject_en: str
    body_en: str


_BECAUSE = {
    "filled": ("这项需求已经找到了合适的人。", "The request has found whom it needs. "),
    "request_closed": ("对方已经关闭了这项需求。", "The request was closed. "),
    "request_expired": ("这项需求的期限已到。", "The time of the request has passed. "),
    "person_gone": ("对方现在不能参加了。", "The person can no longer take part. "),
}

_REASONS = {
    "no_time": ("原因：近期没有时间。", "The reason: no time in these months. "),
    "too_far": ("原因：路程太远。", "The reason: too far away. "),
    "not_my_field": ("原因：不是所长。", "The reason: not their field. "),
    "conditions": ("原因：待遇、时间或方式不合适。", "The reason: pay, hours, or how the work is done. "),
    "personal": ("原因：个人原因。", "The reason: personal. "),
    "somebody_else": ("原因：先请了另一位专家。", "The reason: somebody else is asked first. "),
    "other_experience": ("原因：需要另一方面的经验。", "The reason: other experience is needed. "),
    "time_or_place": ("原因：时间或地点不合适。", "The reason: time or place do not fit. "),
    "need_changed": ("原因：需求有变化。", "The reason: the need has changed. "),
    "mentor_plans": ("原因：专家的时间或计划有变化。", "The reason: the expert’s time or plans have changed. "),
    "no_fit": ("原因：双方不太合适。", "The reason: the two sides do not fit each other. "),
}
# "other" has no sentence: what it is stands in somebody's own words, and those stay on the page.

_PHASES = {
    "halfway": ("已经过半，", "is halfway. "),
    "end": ("已经结束，", "has come to its end. "),
    "": ("进行了一段时间，", "has gone on for a while. "),
}

# Chinese asks the same at both times.
_HOW = {"end": ("", "How did it go?"), "": ("", "How does it go?")}

_WEEKDAYS_ZH = "一二三四五六日"


def _named(sentences: Mapping[str, tuple[str, str]]) -> Callable[[str, bool], str]:
    def sentence(value: str, english: bool) -> str:
        found = sentences.get(value) or sentences.get("", ("", ""))
        return found[english]

    return sentence


def moment(value: str, *, english: bool, with_time: bool = True) -> str:
    """A time of ISO 8601 as people say it, in China's time; nothing where it is none."""
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return ""
    if time.tzinfo is not None:
        time = time.astimezone(CHINA)
    clock = f" {time:%H:%M}" if with_time else ""
    if english:
        return f"{time:%A} {time.day} {time:%B}{clock}"
    return f"{time.month}月{time.day}日（星期{_WEEKDAYS_ZH[time.weekday()]}）{clock.strip()}"


def _start(value: str, english: bool) -> str:
    said = moment(value, english=english)
    return (f"It is on {said}. " if english else f"时间：{said}。") if said else ""


def _held(value: str, english: bool) -> str:
    said = moment(value, english=english)
    return (f"It was on {said}. " if english else f"时间：{said}。") if said else ""


def _when(value: str, english: bool) -> str:
    said = moment(value, english=english)
    return (f"on {said} " if english else f"（{said}）") if said else ""


def _expire(value: str, english: bool) -> str:
    said = moment(value, english=english, with_time=False)
    return (f"Please answer before {said}. " if english else f"请在{said}之前答复。") if said else ""


def _week(value: str, english: bool) -> str:
    said = moment(value, english=english, with_time=False)
    if not said:
        return "This week " if english else "本周，"
    return f"In the week of {said} " if english else f"{said}起的一周，"


def _length(value: str, english: bool) -> str:
    if not value.isdigit():
        return ""
    hours, minutes = divmod(int(value), 60)
    if english:
        parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
        return f"It took {' '.join(filter(None, parts))}. "
    return f"用时{f'{hours}小时' if hours else ''}{f'{minutes}分钟' if minutes else ''}。"


def _minutes(value: str, english: bool) -> str:
    if not value.isdigit():
        return ""
    hours = f"{int(value) / 60:.1f}".removesuffix(".0")
    return f"{hours} hours are taken already. " if english else f"已经排了 {hours} 小时。"


SENTENCES: dict[str, Callable[[str, bool], str]] = {
    "because": _named(_BECAUSE),
    "reason": _named(_REASONS),
    "phase": _named(_PHASES),
    "how": _named(_HOW),
    "start": _start,
    "when": _when,
    "held": _held,
    "expire_time": _expire,
    "week_start": _week,
    "minutes": _minutes,
    "length": _length,
}
"""What a fact becomes. One that is not given becomes nothing, or a sentence that holds without it."""

FACTS = {"how": "phase", "when": "start", "held": "start", "length": "minutes"}
"""Of which fact a sentence is made, where its name is another."""
