"""The words of notices: every kind, both languages, all facts, and kind to whoever reads them."""

import re
from datetime import UTC, datetime
from string import Formatter

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.identity import Role
from yinling_gateway.notices.domain import Audience, Batch, Event, Item
from yinling_gateway.notices.letters import compose
from yinling_gateway.notices.links import page
from yinling_gateway.notices.settling import UNTOLD
from yinling_gateway.notices.words import TABLES, say, short
from yinling_gateway.notices.words.table import SENTENCES, moment

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FACTS = {
    "title": "转炉炼钢操作带教",
    "because": "filled",
    "reason": "no_time",
    "phase": "halfway",
    "start": "2026-11-24T07:00:00+00:00",
    "expire_time": "2026-11-30T02:00:00+00:00",
    "week_start": "2026-11-23",
    "minutes": "450",
    "allowed_minutes": "480",
}
EVERY = [(audience, kind) for audience, table in TABLES.items() for kind in table]


def _event(audience: Audience, kind: int, facts: dict[str, str] = FACTS, **fields: str) -> Event:
    given = {
        "organisation": "云南铜业",
        "profile_id": "p",
        "office": "攀钢集团",
        "mentoring_request_id": "r",
        "resource": "engagement",
        "resource_id": "e",
    } | fields
    return Event(id="i", kind=kind, audience=audience, facts=facts, event_time=NOW, **given)


def test_every_kind_of_the_contract_has_words() -> None:
    assert {kind for table in TABLES.values() for kind in table} == set(pb.NoticeKind.values()) - {0} - UNTOLD


@pytest.mark.parametrize(("audience", "kind"), EVERY)
def test_both_languages_use_the_same_facts_and_only_those_there_are(audience: Audience, kind: int) -> None:
    words = TABLES[audience][kind]
    used = [
        {name for _, name, _, _ in Formatter().parse(subject + body) if name}
        for subject, body in ((words.subject_zh, words.body_zh), (words.subject_en, words.body_en))
    ]
    assert used[0] == used[1]
    assert used[0] <= {"title", "organisation", *SENTENCES}
    assert "{title}" in words.subject_zh


@pytest.mark.parametrize(("audience", "kind"), EVERY)
@pytest.mark.parametrize("facts", [FACTS, {"title": "{braces} & <b>"}, {}], ids=["all", "title", "none"])
def test_every_notice_reads_well_with_and_without_its_facts(
    audience: Audience, kind: int, facts: dict[str, str]
) -> None:
    chinese = say(_event(audience, kind, facts), english=False)
    english = say(_event(audience, kind, facts), english=True)
    for said in (chinese, english):
        text = f"{said.subject}|{said.body}"
        text = text.replace(facts["title"], "X") if "title" in facts else text
        assert not re.search(r"[。，,.]{2}|\s[.,。，]|\s\s|None|[{}]", text), text
    assert re.search(r"[\u4e00-\u9fff]", chinese.body)
    assert chinese.body.endswith(("。", "！"))
    assert english.body.endswith(".")
    if facts.get("title"):
        assert facts["title"] in chinese.subject


@pytest.mark.parametrize("audience", list(Audience))
def test_feedback_is_asked_for_in_the_tense_of_its_phase(audience: Audience) -> None:
    kind = pb.NOTICE_KIND_FEEDBACK_ASKED
    for phase, how in (("halfway", "How does it go?"), ("end", "How did it go?")):
        said = say(_event(audience, kind, {"title": "X", "phase": phase}), english=True)
        assert said.subject == f"{how} X"
    assert short(kind, audience, english=True) == "How does it go"


def test_closing_words_thank_whoever_is_not_needed_any_more() -> None:
    filled = {"title": "带教", "because": "filled"}
    for kind in (pb.NOTICE_KIND_INVITATION_CLOSED, pb.NOTICE_KIND_OPT_IN_TURNED_DOWN):
        said = say(_event(Audience.PERSON, kind, filled), english=False)
        assert re.search(r"谢谢|感谢", said.body)
        assert "已经找到了合适的人" in said.body
        assert "拒绝" not in said.body + said.subject


def test_a_kind_that_is_not_known_yet_says_something() -> None:
    assert say(_event(Audience.PERSON, 99), english=False).subject == "银龄有新消息：转炉炼钢操作带教"


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        ("2026-11-24T07:00:00+00:00", "11月24日（星期二）15:00", "Tuesday 24 November 15:00"),
        ("2026-11-30T20:00:00Z", "12月1日（星期二）04:00", "Tuesday 1 December 04:00"),
        ("nonsense", "", ""),
        ("", "", ""),
    ],
)
def test_times_are_chinas(value: str, chinese: str, english: str) -> None:
    assert (moment(value, english=False), moment(value, english=True)) == (chinese, english)


@pytest.mark.parametrize("role", [Role.HR, Role.RETIREE, Role.COORDINATOR])
@pytest.mark.parametrize(
    "resource", ["mentoring_request", "invitation", "opt_in", "engagement", "mentoring_session", "?"]
)
def test_every_resource_has_a_page(role: Role, resource: str) -> None:
    path = page(_event(Audience.PERSON, 1, resource=resource), role)
    assert path.startswith("/")
    assert "{" not in path


def test_a_title_cannot_break_out_of_a_mail() -> None:
    facts = {"title": "甲\r\nBcc: all@example.com\n<script>alert(1)</script>"}
    event = _event(Audience.PERSON, pb.NOTICE_KIND_INVITATION_RECEIVED, facts)
    batch = Batch("b", "zhou@example.com", "a", "zh", 1, NOW, [Item("d", "n", event, "")])
    mail = compose(batch, sender="银龄 <y@example.cn>", public_url="https://y.example.cn/", now=NOW)
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    rich = mail.get_body(("html",))
    assert rich is not None
    assert "<script>" not in rich.get_content()
    assert b"\nBcc" not in mail.as_bytes()
    same = compose(batch, sender="银龄 <y@example.cn>", public_url="https://y.example.cn/", now=NOW)
    assert same.as_bytes() == mail.as_bytes()
