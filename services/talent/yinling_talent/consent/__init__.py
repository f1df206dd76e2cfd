"""The wordings of the consent: data of their own, beside the code, or in a file of the operator's."""

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from yinling_common.errors import InvalidField, Violation
from yinling_talent.domain import Consent, Profile
from yinling_talent.rules import WORDING_LIMIT


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a person agrees to, and for what purpose. The texts are paragraphs."""

    version: str
    purpose_zh: str
    purpose_en: str
    text_zh: tuple[str, ...]
    text_en: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Wordings:
    """All wordings there were, the newest first."""

    all: tuple[Wording, ...]

    @property
    def present(self) -> Wording:
        """The one that is agreed to now."""
        return self.all[0]

    def settle(self, profile: Profile, before: Consent, now: dt.datetime, prefix: str = "profile.") -> Profile:
        """The profile with its consent to a wording that there is, dated.

        Consent given without a version is to the one agreed to before or, where there was no consent, to the present
        one. A version that was kept before stays, whether it is known or not: so do older rows without one.

        Raises:
            InvalidField: The version is unknown.
        """
        consent = profile.consent
        version = consent.wording_version
        if consent.granted and not version:
            version = before.wording_version if before.granted else self.present.version
        if version not in ("", before.wording_version, *(wording.version for wording in self.all)):
            known = ", ".join(wording.version for wording in self.all)
            message = f'"{version}" is no wording of the consent; give one of {known}, or leave it out'
            raise InvalidField([Violation(f"{prefix}consent.wording_version", "consent.wording", message)])
        same = consent.granted == before.granted and (not consent.granted or version == before.wording_version)
        moment = before.update_time if same else now
        return dataclasses.replace(
            profile, consent=Consent(granted=consent.granted, wording_version=version, update_time=moment)
        )


def without_old_wording(old: Profile, new: Profile, paths: Iterable[str]) -> Profile:
    """Consent that is given anew without naming a wording is not to the one that was taken back."""
    if old.consent.granted or not new.consent.granted or {"consent", "consent.wording_version"} & set(paths):
        return new
    return dataclasses.replace(new, consent=dataclasses.replace(new.consent, wording_version=""))


@cache
def shipped() -> Wordings:
    """The wordings that come with the service."""
    return parse((resources.files("yinling_talent") / "consent" / "wordings.toml").read_text("utf-8"))


def read(path: Path | None) -> Wordings:
    """The wordings of a file; the shipped ones without.

    Raises:
        ValueError: It cannot be read; the message says what is wrong.
    """
    if path is None:
        return shipped()
    try:
        return parse(path.read_text("utf-8"))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} holds no wordings of the consent: {error!r}") from error


def parse(text: str) -> Wordings:
    """Wordings from TOML: `[[wording]]` tables, the newest first, with all fields of `Wording`."""
    tables: list[dict[str, Any]] = tomllib.loads(text)["wording"]
    wordings = tuple(
        Wording(
            version=_text(table, "version"),
            purpose_zh=_text(table, "purpose_zh"),
            purpose_en=_text(table, "purpose_en"),
            text_zh=_paragraphs(table, "text_zh"),
            text_en=_paragraphs(table, "text_en"),
        )
        for table in tables
    )
    versions = [wording.version for wording in wordings]
    if not versions or len(set(versions)) < len(versions) or max(map(len, versions)) > WORDING_LIMIT:
        raise ValueError(f"versions must be there, different, and of at most {WORDING_LIMIT} characters: {versions}")
    return Wordings(wordings)


def _text(table: dict[str, Any], name: str) -> str:
    value = table[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a text")
    return value.strip()


def _paragraphs(table: dict[str, Any], name: str) -> tuple[str, ...]:
    text = _text(table, name)
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
