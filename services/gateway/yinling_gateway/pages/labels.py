"""What the pages call the values of the contract. Every text here is a gettext message."""

from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching


def _(text: str) -> str:
    """Mark a text for extraction; it is translated where it is shown."""
    return text


EITHER = _("Either")

MODE: dict[int, str] = {
    types.MODE_ON_SITE: _("On site"),
    types.MODE_REMOTE: _("Remote"),
}

PHYSICAL_DEMAND: dict[int, str] = {
    types.PHYSICAL_DEMAND_UNDERGROUND: _("Work underground"),
    types.PHYSICAL_DEMAND_HEIGHTS: _("Work at heights"),
    types.PHYSICAL_DEMAND_NIGHT_SHIFT: _("Night shifts"),
    types.PHYSICAL_DEMAND_LONG_JOURNEYS: _("Long journeys"),
    types.PHYSICAL_DEMAND_STANDING: _("Standing for hours"),
    types.PHYSICAL_DEMAND_HEAVY_WORK: _("Heavy work"),
    types.PHYSICAL_DEMAND_DUST_AND_NOISE: _("Dust and noise"),
}

TITLE_LEVEL: dict[int, str] = {
    types.TITLE_LEVEL_JUNIOR: _("Junior title"),
    types.TITLE_LEVEL_ASSISTANT: _("Assistant title"),
    types.TITLE_LEVEL_INTERMEDIATE: _("Intermediate title"),
    types.TITLE_LEVEL_SENIOR: _("Senior title"),
    types.TITLE_LEVEL_CHIEF: _("Chief title"),
}

GENDER: dict[int, str] = {
    types.GENDER_FEMALE: _("Female"),
    types.GENDER_MALE: _("Male"),
}

TRAVEL: dict[int, str] = {
    types.TRAVEL_RANGE_CITY: _("Only inside my own city"),
    types.TRAVEL_RANGE_PROVINCE: _("Inside my own province"),
    types.TRAVEL_RANGE_NATIONWIDE: _("Anywhere in the country"),
}

STATE: dict[int, str] = {
    matching.MentoringRequest.STATE_DRAFT: _("Draft"),
    matching.MentoringRequest.STATE_OPEN: _("Open"),
    matching.MentoringRequest.STATE_FILLED: _("Filled"),
    matching.MentoringRequest.STATE_CLOSED: _("Closed"),
    matching.MentoringRequest.STATE_EXPIRED: _("Expired"),
}

IMPORTANCE: dict[int, str] = {
    matching.Requirement.IMPORTANCE_UNSPECIFIED: _("Overall"),
    matching.Requirement.IMPORTANCE_MUST: _("Must have"),
    matching.Requirement.IMPORTANCE_NICE: _("Nice to have"),
}

FACET: dict[int, str] = {
    matching.FACET_KIND_POSITION: _("from the last position"),
    matching.FACET_KIND_SKILL: _("from the skills"),
    matching.FACET_KIND_EXPERIENCE: _("from the experience"),
    matching.FACET_KIND_CREDENTIAL: _("from the certificates"),
    matching.FACET_KIND_BIO: _("from the introduction"),
}

HARD_RULE: dict[int, str] = {
    matching.HARD_RULE_AVAILABILITY: _("Dates"),
    matching.HARD_RULE_CAPACITY: _("Free places"),
    matching.HARD_RULE_PHYSICAL: _("Physical demands"),
    matching.HARD_RULE_MODE: _("Way of working"),
    matching.HARD_RULE_DISTANCE: _("Distance"),
    matching.HARD_RULE_HOURS: _("Hours a week"),
    matching.HARD_RULE_LANGUAGE: _("Language"),
    matching.HARD_RULE_BLOCKED: _("Blocked pair"),
}

# Why a rule keeps people out, as the end of "12 people are not listed: ...".
EXCLUSION: dict[int, str] = {
    matching.HARD_RULE_AVAILABILITY: _("they are taking a break or not available at the start"),
    matching.HARD_RULE_CAPACITY: _("all of their places are taken"),
    matching.HARD_RULE_PHYSICAL: _("their health does not allow what the work asks"),
    matching.HARD_RULE_MODE: _("they do not work in the way asked for"),
    matching.HARD_RULE_DISTANCE: _("the place is farther away than they go"),
    matching.HARD_RULE_HOURS: _("they give fewer hours a week than asked"),
    matching.HARD_RULE_LANGUAGE: _("they do not work in this language"),
    matching.HARD_RULE_BLOCKED: _("you or they asked not to be brought together"),
}

# The same as the reason in "left out only because ...". %(…)s is what the request asks.
LEFT_OUT: dict[int, str] = {
    matching.HARD_RULE_AVAILABILITY: _("the dates do not suit"),
    matching.HARD_RULE_CAPACITY: _("all of their places are taken"),
    matching.HARD_RULE_PHYSICAL: _("the work asks several things of the body"),
    matching.HARD_RULE_MODE: _("the work is done in another way: %(asked)s"),
    matching.HARD_RULE_DISTANCE: _("%(asked)s is too far away"),
    matching.HARD_RULE_HOURS: _("it takes %(asked)s"),
    matching.HARD_RULE_LANGUAGE: _("the language of the work is %(asked)s"),
    matching.HARD_RULE_BLOCKED: _("the pair is blocked"),
}

LEFT_OUT_PHYSICAL: dict[int, str] = {
    types.PHYSICAL_DEMAND_UNDERGROUND: _("the work is underground"),
    types.PHYSICAL_DEMAND_HEIGHTS: _("the work is at heights"),
    types.PHYSICAL_DEMAND_NIGHT_SHIFT: _("there are night shifts"),
    types.PHYSICAL_DEMAND_LONG_JOURNEYS: _("there are long journeys"),
    types.PHYSICAL_DEMAND_STANDING: _("one has to stand for hours"),
    types.PHYSICAL_DEMAND_HEAVY_WORK: _("the work is heavy"),
    types.PHYSICAL_DEMAND_DUST_AND_NOISE: _("there is dust and noise"),
}

# What the owner of a request can do about it; rules without a remedy are left out.
REMEDY: dict[int, str] = {
    matching.HARD_RULE_AVAILABILITY: _("A later start may bring some of them in."),
    matching.HARD_RULE_PHYSICAL: _("If a colleague can take over the physical part, remove that demand."),
    matching.HARD_RULE_MODE: _("If part of it can be done by telephone or video, choose “Either”."),
    matching.HARD_RULE_DISTANCE: _("Remote work, or travel and lodging that you arrange, would widen the choice."),
    matching.HARD_RULE_HOURS: _("Ask for fewer hours a week, or let two people share the work."),
    matching.HARD_RULE_LANGUAGE: _("Check that the language is really needed."),
}

LANGUAGES = {
    "zh": _("Chinese (Mandarin)"),
    "yue": _("Cantonese"),
    "wuu": _("Shanghainese (Wu)"),
    "nan": _("Southern Min"),
    "hak": _("Hakka"),
    "gan": _("Gan"),
    "hsn": _("Xiang"),
    "cjy": _("Jin"),
    "cdo": _("Eastern Min"),
    "en": _("English"),
    "ru": _("Russian"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "de": _("German"),
    "fr": _("French"),
    "ug": _("Uyghur"),
    "bo": _("Tibetan"),
    "mn": _("Mongolian"),
    "kk": _("Kazakh"),
    "za": _("Zhuang"),
    "ii": _("Yi"),
    "hmn": _("Miao"),
}

ROLE = {
    "hr": _("HR of an enterprise"),
    "retiree": _("Retired expert"),
    "coordinator": _("Retiree office"),
    "admin": _("Administrator"),
}

IMPORT_STATE = {
    "running": _("Running"),
    "done": _("Done"),
    "failed": _("The import failed"),
    "interrupted": _("The import was interrupted"),
}


COHORT_STATE = {
    "running": _("Running"),
    "done": _("Done"),
    "failed": _("The matching failed"),
    "interrupted": _("The matching was interrupted"),
}

FIT: dict[int, str] = {
    matching.LABEL_UNSPECIFIED: _("Not enough information"),
    matching.LABEL_STRONG: _("Very good fit"),
    matching.LABEL_GOOD: _("Good fit"),
    matching.LABEL_POSSIBLE: _("Possible fit"),
    matching.LABEL_WEAK: _("Weak fit"),
}

# How strongly one point is answered.
STRENGTH: dict[int, str] = {
    matching.LABEL_STRONG: _("Strong"),
    matching.LABEL_GOOD: _("Good"),
    matching.LABEL_POSSIBLE: _("Fair"),
    matching.LABEL_WEAK: _("Faint"),
}

ANSWERED = frozenset({matching.LABEL_STRONG, matching.LABEL_GOOD})
"""Labels of a point that can be called answered."""

UNASSIGNED: dict[int, str] = {
    matching.Unassigned.REASON_NOT_ENOUGH_INFORMATION: _("It says too little to rank anyone by."),
    matching.Unassigned.REASON_NOBODY_ELIGIBLE: _("Nobody meets its conditions."),
    matching.Unassigned.REASON_NOBODY_FITS: _("Nobody who meets its conditions reaches the lowest score."),
    matching.Unassigned.REASON_ALL_TAKEN: _("Those who fit are needed more, or as much, elsewhere."),
}


def fit_class(label: int) -> str:
    """CSS class that goes with a label."""
    return f"fit-{5 - label}" if label else "fit-0"
