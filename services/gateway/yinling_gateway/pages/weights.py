"""The weights of a score: their names, their bounds as the contract has them, and where those that hold come from."""

from dataclasses import dataclass
from functools import cache

from buf.validate import validate_pb2
from yinling.matching.v1 import matching_pb2 as matching

from yinling_gateway.pages.forms import Form, Speaks
from yinling_gateway.pages.labels import _

PREFIX = "weights."
"""Begins the names of the fields in forms, as in the paths of the contract."""

WORDS: dict[str, tuple[str, str]] = {
    "about": (_("The request as a whole"), _("Title and description as a whole.")),
    "must": (_("Each must-have"), _("Higher: gaps in the must-haves cost more.")),
    "nice": (_("Each nice-to-have"), _("Beside the must-haves.")),
    "words": (_("Shared words"), _("Certificates, models, standards by their letters; 0 means meaning alone.")),
    "years": (_("Years of experience"), _("Counts only where you ask for years.")),
    "title_level": (_("Title level"), _("Counts only where you ask for a level.")),
    "feedback": (_("Earlier feedback"), _("What enterprises said after earlier work.")),
    "wishes": (_("The person’s own wishes"), _("What the person would like to do.")),
    "broken_wishes": (_("Your wishes that are not met"), _("How much it costs to break one.")),
}


@dataclass(frozen=True)
class Part:
    """One weight as a page shows it.

    Attributes:
        field: Name of the field in a form.
        holds: What holds where nothing is typed; empty where it is not known.
        source: Where that comes from, as a text to be translated.
    """

    field: str
    words: str
    hint: str
    bounds: str
    holds: str
    source: str


@cache
def bounds(name: str) -> tuple[float, float]:
    """The least and the greatest value of a weight."""
    rules = matching.Weights.DESCRIPTOR.fields_by_name[name].GetOptions().Extensions[validate_pb2.field].double
    return rules.gte, rules.lte


def parts(
    speaks: Speaks, settings: matching.MatchingSettings | None, request: matching.Weights | None = None
) -> list[Part]:
    """Every weight with what holds.

    Args:
        speaks: The reader's language.
        settings: Of the organisation; None where they cannot be read.
        request: What the request itself says, where that counts.
    """
    said = [
        (values(request), _("set in this request")),
        (values(settings.weights if settings else None), _("set by your unit")),
        (values(settings.effective if settings else None), _("default")),
    ]
    result = []
    for name, (words, hint) in WORDS.items():
        value, source = next(((chosen[name], why) for chosen, why in said if name in chosen), (None, ""))
        least, greatest = bounds(name)
        result.append(
            Part(
                field=PREFIX + name,
                words=speaks.gettext(words),
                hint=speaks.gettext(hint),
                bounds=f"{least:g}–{greatest:g}",
                holds="" if value is None else f"{value:g}",
                source=speaks.gettext(source),
            )
        )
    return result


def used(
    speaks: Speaks, weights: matching.Weights, request: matching.Weights, settings: matching.MatchingSettings | None
) -> list[Part]:
    """The weights that a list was made with."""
    shown = matching.MatchingSettings(effective=weights)
    if settings is not None:
        shown.weights.CopyFrom(settings.weights)
    return [part for part in parts(speaks, shown, request) if part.holds]


def fill(form: Form, weights: matching.Weights) -> None:
    """Put the weights that are set into a form."""
    for name, value in values(weights).items():
        form.set(PREFIX + name, f"{value:g}")


def read(form: Form, speaks: Speaks) -> matching.Weights | None:
    """The weights that were typed; None for none."""
    typed = {name: form.number(PREFIX + name, speaks) for name in WORDS}
    chosen = {name: value for name, value in typed.items() if value is not None}
    return matching.Weights(**chosen) if chosen else None


def any_in(form: Form) -> bool:
    """Whether a form says anything of weights, or something is wrong with one."""
    return any(form.text(PREFIX + name) or PREFIX + name in form.errors for name in WORDS)


def values(weights: matching.Weights | None) -> dict[str, float]:
    """The weights that are set."""
    return {field.name: value for field, value in weights.ListFields()} if weights is not None else {}
