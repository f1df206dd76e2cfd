"""Who may see and do what with a profile. Everything that a caller may not see does not exist for them."""

import dataclasses
from collections.abc import Iterable

from yinling_common.errors import Forbidden, NotFound
from yinling_common.identity import Identity, Role, require
from yinling_common.types import Gender
from yinling_talent.domain import Contact, Profile

OWNED_BY_OFFICE = ("organisation", "employee_number")
"""What a retiree may not change in their own profile."""


def reader() -> Identity:
    """The caller, who may read single profiles: everyone may, of those that they may see."""
    return require(Role.HR, Role.RETIREE, Role.COORDINATOR, Role.ADMIN, Role.SERVICE)


def lister() -> Identity:
    """The caller, who may list and search."""
    return require(Role.HR, Role.COORDINATOR, Role.ADMIN)


def editor() -> Identity:
    """The caller, who may change single profiles."""
    return require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)


def keeper() -> Identity:
    """The caller, who may make, delete and import profiles."""
    return require(Role.COORDINATOR, Role.ADMIN)


def follower() -> Identity:
    """The caller, who may follow the change feed."""
    return require(Role.SERVICE)


def may_see(identity: Identity, profile: Profile) -> bool:
    """Whether a profile exists for the caller."""
    match identity.role:
        case Role.ADMIN:
            return True
        case Role.COORDINATOR:
            return profile.organisation == identity.organisation
        case Role.RETIREE:
            return profile.id == identity.profile_id
        case Role.HR | Role.SERVICE:
            return profile.consent.granted


def seen(identity: Identity, profile: Profile | None, profile_id: str) -> Profile:
    """The profile as the caller sees it.

    Raises:
        NotFound: There is none, or none for this caller.
    """
    if profile is None or not may_see(identity, profile):
        raise NotFound("profile", profile_id)
    match identity.role:
        case Role.HR:
            return for_enterprises(profile)
        case Role.SERVICE:
            return for_followers(profile)
        case _:
            return profile


def for_enterprises(profile: Profile) -> Profile:
    """Without contact, health limits, gender, year of birth and employee number."""
    return dataclasses.replace(for_followers(profile), limits=(), other_limits=())


def for_followers(profile: Profile) -> Profile:
    """Without contact, gender, year of birth and employee number. Matching needs the limits: it checks them."""
    return dataclasses.replace(profile, contact=Contact(), gender=Gender.UNSPECIFIED, birth_year=0, employee_number="")


def check_organisations(identity: Identity, organisations: Iterable[str]) -> None:
    """Raise Forbidden where a coordinator names another organisation than their own."""
    if identity.role is Role.ADMIN:
        return
    for organisation in organisations:
        if organisation != identity.organisation:
            raise Forbidden(
                f'"{organisation[:50]}" is not your organisation; you keep the profiles of "{identity.organisation}"',
                metadata={"role": identity.role, "needs": Role.ADMIN},
            )


def check_change(identity: Identity, old: Profile, new: Profile) -> None:
    """Raise Forbidden where the caller may change the profile, but not so."""
    if identity.role is Role.RETIREE:
        for name in OWNED_BY_OFFICE:
            if getattr(old, name) != getattr(new, name):
                raise Forbidden(
                    f"profile.{name} is kept by your retiree office; ask them to change it",
                    metadata={"role": identity.role, "needs": Role.COORDINATOR, "field": f"profile.{name}"},
                )
    else:
        check_organisations(identity, [new.organisation])
