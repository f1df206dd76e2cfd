"""Rules, identity card numbers, masks and the plan of an import: pure functions."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from hypothesis import strategies as st
from yinling.talent.v1 import talent_pb2

from yinling_common.errors import InvalidField, InvalidUpdateMask
from yinling_common.identity_numbers import contains_identity_number, is_identity_number, mask_identity_numbers
from yinling_talent import converters, importing, masks, rules
from yinling_talent.consent import shipped
from yinling_talent.domain import (
    NESTED,
    SETTABLE,
    Consent,
    Contact,
    ImportedRow,
    ImportRow,
    Outcome,
    Profile,
    changed,
    roster_key,
    searchable,
)

NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
PERSON = Profile(organisation="攀钢", name="李建国")


def in_contract(message: str, field: str) -> validate_pb2.FieldRules:
    descriptor: FieldDescriptor = getattr(talent_pb2, message).DESCRIPTOR.fields_by_name[field]
    rules_of: validate_pb2.FieldRules = descriptor.GetOptions().Extensions[validate_pb2.field]
    return rules_of


def test_the_limits_are_those_of_the_contract() -> None:
    tables = {
        "Profile": rules.TEXT_LIMITS,
        "ExperienceItem": rules.EXPERIENCE_LIMITS,
        "Credential": rules.CREDENTIAL_LIMITS,
        "Contact": rules.CONTACT_LIMITS,
        "Consent": {"wording_version": rules.WORDING_LIMIT},
    }
    for message, limits in tables.items():
        for name, most in limits.items():
            assert in_contract(message, name).string.max_len == most, (message, name)
    for name, (items, most) in rules.ITEM_LIMITS.items():
        repeated = in_contract("Profile", name).repeated
        assert (repeated.max_items, repeated.items.string.max_len) == (items, most), name
    for name, items in rules.LIST_LIMITS.items():
        assert in_contract("Profile", name).repeated.max_items == items, name
    for name, (least, greatest) in rules.NUMBER_LIMITS.items():
        number = in_contract("Profile", name).int32
        assert (number.gte, number.lte) == (least, greatest), name
    for message, name in (("ExperienceItem", "start_year"), ("ExperienceItem", "end_year"), ("Credential", "year")):
        number = in_contract(message, name).int32
        assert (number.gte, number.lte) == rules.YEAR_LIMITS


def test_no_limit_of_the_contract_is_forgotten() -> None:
    known = {*rules.TEXT_LIMITS, *rules.ITEM_LIMITS, *rules.LIST_LIMITS, *rules.NUMBER_LIMITS, "etag"}
    limited = {
        name
        for name in talent_pb2.Profile.DESCRIPTOR.fields_by_name
        for found in [in_contract("Profile", name)]
        if found.string.max_len or found.int32.lte or found.repeated.max_items
    }
    assert limited <= known


def test_every_field_of_the_contract_can_be_set_or_is_the_services() -> None:
    fields = set(talent_pb2.Profile.DESCRIPTOR.fields_by_name)
    assert fields - set(SETTABLE) == {"id", "revision", "create_time", "update_time", "etag"}
    for top, below in NESTED.items():
        message = talent_pb2.Profile.DESCRIPTOR.fields_by_name[top].message_type
        assert {f.name for f in message.fields} - set(below) <= {"update_time"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("51040219500101123X", True),
        ("身份证号：510402195001011234。", True),
        ("５１０４０２１９５００１０１１２３ｘ", True),
        ("510402 19500101 1234", True),
        ("510402500101123", True),
        ("ID510402195001011234", True),
        ("a51040219500101123Xb", True),
        ("a510402500101123", False),
        ("5104021950010112345", False),
        ("510402195013011234", False),
        ("990402195001011234", False),
        ("138 0812 3390", False),
        ("", False),
    ],
)
def test_identity_numbers_in_texts(text: str, found: bool) -> None:
    assert contains_identity_number(text) is found
    masked = mask_identity_numbers(text)
    assert len(masked) == len(text)
    assert (masked != text) is found
    assert not contains_identity_number(masked)


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("510402195001011234", True),
        ("51040219500101123x", True),
        ("１２３４５６７８９０１２３４５", True),
        ("12345678901234", False),
        ("PG-00123", False),
        ("1234567890123456789", False),
    ],
)
def test_identity_numbers_as_a_value(value: str, is_one: bool) -> None:
    assert is_identity_number(value) is is_one


@given(st.text())
def test_masking_is_harmless(text: str) -> None:
    assert len(mask_identity_numbers(text)) == len(text)


def test_normalising_twice_changes_nothing() -> None:
    messy = dataclasses.replace(
        PERSON, name=" 李建国\u0007 ", city="四川省攀枝花市", skills=(" a", "a", "", "b"), contact=Contact(phone=" 1 ")
    )
    once = rules.normalise(messy)
    assert (once.name, once.city, once.skills, once.contact.phone) == ("李建国", "攀枝花", ("a", "b"), "1")
    assert rules.normalise(once) == once


def test_all_broken_rules_are_named_at_once() -> None:
    bad = dataclasses.replace(PERSON, name="", birth_year=2014, city="火星", years=99)
    with pytest.raises(InvalidField) as caught:
        rules.normalise(bad, "profiles[7].", today=NOW.date())
    assert {(v.field, v.rule) for v in caught.value.violations} == {
        ("profiles[7].name", "string.min_len"),
        ("profiles[7].birth_year", "profile.birth_year_adult"),
        ("profiles[7].city", "city.unknown"),
        ("profiles[7].years", "int32.gte_lte"),
    }


def test_keys_do_not_care_for_width_and_case() -> None:
    a, b = (dataclasses.replace(PERSON, employee_number=number) for number in ("ab 12", "ＡＢ12"))
    assert roster_key(a) == roster_key(b)
    assert roster_key(PERSON) == roster_key(dataclasses.replace(PERSON, name="李 建国"))
    assert roster_key(PERSON) != roster_key(dataclasses.replace(PERSON, birth_year=1950))


def test_searchable_folds_width_case_and_spacing() -> None:
    assert searchable(" ＡBc　\n d ") == "abc d"


def test_masks() -> None:
    assert masks.paths([]) == masks.paths(["*"]) == list(SETTABLE)
    assert masks.paths(["bio", "contact.phone", "bio"]) == ["bio", "contact.phone"]
    for path in ("x", "id", "*,bio", "consent.update_time", "contact.phone.x", "skills.0"):
        with pytest.raises(InvalidUpdateMask):
            masks.paths([path])


def test_changed_goes_below_consent_and_contact() -> None:
    old = dataclasses.replace(PERSON, contact=Contact(phone="1", email="e"), bio="b")
    new = Profile(contact=Contact(phone="2", wechat="w"), bio="n")
    assert changed(old, new, ["contact.phone", "contact.wechat"]) == dataclasses.replace(
        old, contact=Contact(phone="2", email="e", wechat="w")
    )
    assert changed(old, new, ["contact"]).contact == new.contact


def test_a_profile_survives_its_message() -> None:
    full = dataclasses.replace(
        PERSON, capacity=0, available_from=dt.date(2026, 1, 31), consent=Consent(granted=True), skills=("a",)
    )
    assert converters.profile_from(converters.profile_to(full)) == full


def row(*stated: str, **values: Any) -> ImportRow:
    return ImportRow(dataclasses.replace(PERSON, **values), frozenset(stated or SETTABLE))


PRESENT = shipped().present.version


def stored(id_: str, **values: Any) -> Profile:
    return dataclasses.replace(PERSON, id=id_, version=3, create_time=NOW, update_time=NOW, **values)


def plan(rows: list[ImportRow], before: list[Profile]) -> importing.Plan:
    return importing.plan(rows, before, shipped(), NOW)


def answers(made: importing.Plan) -> list[tuple[str, Outcome]]:
    return [(r.id, r.outcome) for r in made.results if isinstance(r, ImportedRow)]


def test_a_plan_tells_new_changed_and_unchanged() -> None:
    before = [stored("a", employee_number="1"), stored("b", employee_number="2")]
    made = plan([row(employee_number="１"), row(employee_number="2", bio="x"), row(employee_number="3")], before)
    # The number is written in another width: the same person, and a change of its writing.
    assert answers(made)[:2] == [("a", Outcome.UPDATED), ("b", Outcome.UPDATED)]
    assert answers(made)[2][1] is Outcome.CREATED
    assert [p.id for p in made.updates] == ["a", "b"]
    assert {p.version for p in made.updates} == {4}
    assert [p.version for p in made.inserts] == [1]


def test_a_change_taken_back_in_the_same_batch_is_none() -> None:
    before = [stored("a", employee_number="1", bio="x")]
    made = plan([row(employee_number="1", bio="y"), row(employee_number="1", bio="x")], before)
    assert answers(made) == [("a", Outcome.UPDATED), ("a", Outcome.UPDATED)]
    assert not made.updates


def test_a_number_filled_in_later_finds_its_person_only_where_it_is_sure() -> None:
    sure = {"birth_year": 1950, "former_employer": "炼铁厂"}
    known = [stored("a", **sure)]
    assert answers(plan([row(employee_number="1", **sure)], known)) == [("a", Outcome.UPDATED)]
    assert plan([row(employee_number="1")], [stored("a")]).inserts, "a name alone is not enough"
    twins = [stored("a", **sure), stored("b", **sure)]
    assert plan([row(employee_number="1", **sure)], twins).inserts, "which of the two?"
    numbered = [stored("a", employee_number="2", **sure)]
    assert plan([row(employee_number="1", **sure)], numbered).inserts, "that one has another number"


def test_consent_is_dated_and_not_given_back() -> None:
    made = plan([row(consent=Consent(granted=True))], [])
    assert made.inserts[0].consent == Consent(granted=True, wording_version=PRESENT, update_time=NOW)
    never_asked = stored("a")
    made = plan([row(consent=Consent(granted=True))], [never_asked])
    assert made.updates[0].consent == Consent(granted=True, wording_version=PRESENT, update_time=NOW)
    withdrawn = stored("a", consent=Consent(update_time=NOW))
    made = plan([row(consent=Consent(granted=True), bio="x")], [withdrawn])
    assert made.updates[0].consent == withdrawn.consent
    assert made.results == [ImportedRow("a", Outcome.UPDATED, consent_kept=True)]


def test_only_what_a_row_states_is_changed() -> None:
    before = stored("a", employee_number="1", bio="x", skills=("s",), contact=Contact(phone="1", email="e"))
    change = row("skills", "contact.phone", employee_number="1", skills=("t",), bio="y", contact=Contact(phone="2"))
    (after,) = plan([change], [before]).updates
    assert after == dataclasses.replace(
        before, skills=("t",), contact=Contact(phone="2", email="e"), version=4, update_time=NOW
    )
