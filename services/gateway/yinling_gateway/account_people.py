"""Whose account a retiree's is: the number of a profile is looked up before it is kept.

Whoever signs in with the number of nobody, or of another unit's person, would see an error and nothing else.
"""

from dataclasses import replace
from uuid import UUID

from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as service

from yinling_common import text
from yinling_common.errors import InvalidField, NotFound, Violation
from yinling_common.identity import Role
from yinling_gateway.backend import Backend
from yinling_gateway.domain import Account, NewAccount

RULES = {
    "uuid": "account.profile_uuid",
    "unknown": "account.profile_unknown",
    "organisation": "account.profile_organisation",
}
"""What may be wrong with the number; the words of each are in both languages."""

_WORDS = {
    "uuid": "这不是档案编号：姓名和工号都不行；请打开此人的页面，从那里开通账号。"
    "This is no profile's id, neither is a name or an employee number; make the account from the person's page",
    "unknown": "没有这个编号的人，可能写错了，或已被删除；请打开此人的页面，从那里开通账号。"
    "There is nobody with this id; it is mistyped, or was deleted: make the account from the person's page",
    "organisation": "此人属于“{theirs}”，账号却写着“{given}”；请改写账号的单位，或换成该单位的人的编号。"
    'This person belongs to "{theirs}", the account to "{given}"; write the person\'s organisation, '
    "or choose somebody of the account's",
}


async def check_new(backend: Backend, by: Account, new: NewAccount) -> NewAccount:
    """A new account with the number as it is kept.

    Args:
        backend: Asked for the person.
        by: The administrator, in whose name it is asked.
        new: What is to be made; where it is no retiree's, or lacks the number, nothing is looked up.

    Raises:
        InvalidField: The number is wrong; with it whatever else is wrong.
        ServiceUnavailable: Talent does not answer; likewise its other errors.
    """
    if new.role is not Role.RETIREE or not text.clean(new.profile_id):
        return new
    try:
        found = await _person(backend, by, new.profile_id, new.organisation)
    except InvalidField as error:
        raise InvalidField([*error.violations, *_others(new)]) from None
    return replace(new, profile_id=found.id)


async def check_change(backend: Backend, by: Account, before: Account, changes: dict[str, object]) -> dict[str, object]:
    """The changes with the number as it is kept; what was kept before is not asked for again. Raises as `check_new`."""
    role = Role(str(changes.get("role", before.role)))
    given = str(changes.get("profile_id", before.profile_id))
    same = before.role is Role.RETIREE and given == before.profile_id
    if role is not Role.RETIREE or same or not text.clean(given):
        return changes
    found = await _person(backend, by, given, str(changes.get("organisation", before.organisation)))
    return {**changes, "profile_id": found.id}


async def _person(backend: Backend, by: Account, given: str, organisation: str) -> talent.Profile:
    profile_id, organisation = text.clean(given), text.clean(organisation)
    try:
        known_form = str(UUID(profile_id)) == profile_id.lower()
    except ValueError:
        known_form = False
    if not known_form:
        raise _wrong("uuid")
    try:
        found = await backend.get_profile(by.identity, service.GetProfileRequest(id=profile_id.lower()))
    except NotFound:
        raise _wrong("unknown") from None
    if organisation and organisation != found.organisation:
        raise _wrong("organisation", theirs=found.organisation, given=organisation)
    return found


def _wrong(what: str, **names: str) -> InvalidField:
    return InvalidField([Violation("profile_id", RULES[what], _WORDS[what].format(**names))])


def _others(new: NewAccount) -> list[Violation]:
    try:
        new.check()
    except InvalidField as error:
        return error.violations
    return []
