"""The words of notices, in Chinese and English."""

from dataclasses import dataclass

from yinling_gateway.notices.domain import Audience, Event
from yinling_gateway.notices.words.enterprise import ENTERPRISE
from yinling_gateway.notices.words.person import PERSON
from yinling_gateway.notices.words.table import FACTS, SENTENCES, Words, moment

__all__ = ["TABLES", "Said", "Words", "moment", "say", "short"]

TABLES: dict[Audience, dict[int, Words]] = {Audience.PERSON: PERSON, Audience.ENTERPRISE: ENTERPRISE}

_UNKNOWN = Words(
    "银龄有新消息：{title}",
    "关于“{title}”有新的进展，请打开页面查看。",
    "News about {title}",
    "There is news about “{title}”. Please open the page.",
)
"""For a kind that a newer matching tells of."""


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in words."""

    subject: str
    body: str


def short(kind: int, audience: Audience | None, *, english: bool) -> str:
    """A kind in a few words: its subject, without what it is about.

    Args:
        kind: Number of the contract.
        audience: Who is told; None where that does not matter.
        english: Or Chinese.
    """
    tables = [TABLES[audience]] if audience else list(TABLES.values())
    words = next((table[kind] for table in tables if kind in table), _UNKNOWN)
    subject = words.subject_en if english else words.subject_zh
    facts = {name: say_it("", english) for name, say_it in SENTENCES.items()}
    facts |= {"title": "", "organisation": "An enterprise" if english else "企业"}
    return subject.format(**facts).strip("：:？? ")


def say(event: Event, *, english: bool, on_behalf_of: str = "") -> Said:
    """A notice in the reader's language.

    Args:
        event: What happened.
        english: Or Chinese.
        on_behalf_of: Name of the person whom the reader, a coordinator, is to tell.
    """
    words = TABLES[event.audience].get(event.kind, _UNKNOWN)
    given = event.facts
    facts = {name: say_it(given.get(FACTS.get(name, name), ""), english) for name, say_it in SENTENCES.items()}
    facts["title"] = event.facts.get("title", "")
    facts["organisation"] = event.organisation
    subject = (words.subject_en if english else words.subject_zh).format(**facts)
    body = (words.body_en if english else words.body_zh).format(**facts).strip()
    if not on_behalf_of:
        return Said(subject, body)
    if english:
        return Said(
            f"Please tell {on_behalf_of}: {subject}",
            f"{on_behalf_of} has no account here. Please call them and say: {body}",
        )
    return Said(f"请转告{on_behalf_of}：{subject}", f"{on_behalf_of}没有网上账号，请打个电话告诉本人：{body}")
