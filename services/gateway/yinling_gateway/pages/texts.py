"""Words for values: one `Texts` a language, with the filters that the templates use."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from google.protobuf.timestamp_pb2 import Timestamp
from markupsafe import Markup, escape
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching
from yinling.talent.v1 import talent_pb2 as talent

from yinling_gateway.pages import i18n, labels

# Everybody who uses it lives by this clock.
_CLOCK = ZoneInfo("Asia/Shanghai")


class Texts:
    """Translates, and says in words what the contract's values mean.

    Attributes:
        language: "zh_Hans" or "en".
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._translations = i18n.translations(language)
        self._locale = i18n.locale(language)

    def gettext(self, message: str) -> str:
        """Translate a message; an empty one stays empty."""
        return str(self._translations.ugettext(message)) if message else ""

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Translate a message that counts, and put the number in."""
        return str(self._translations.ungettext(one, many, number)) % {"num": number}

    def listed(self, words: Iterable[str]) -> str:
        """Join words as a list."""
        return ("、" if self.language == "zh_Hans" else ", ").join(words)

    def day(self, value: Timestamp | types.Date | datetime) -> str:
        """Write a day."""
        if isinstance(value, types.Date):
            moment = datetime(value.year, value.month, value.day, tzinfo=_CLOCK)
        elif isinstance(value, Timestamp):
            moment = value.ToDatetime(tzinfo=ZoneInfo("UTC")).astimezone(_CLOCK)
        else:
            moment = value.astimezone(_CLOCK)
        return format_date(moment, format="long", locale=self._locale)

    def moment(self, value: Timestamp | datetime) -> str:
        """Write a day with the time."""
        moment = value.ToDatetime(tzinfo=ZoneInfo("UTC")) if isinstance(value, Timestamp) else value
        zone = " China time" if self.language == "en" else ""
        return format_datetime(moment, format="medium", tzinfo=_CLOCK, locale=self._locale) + zone

    def language_name(self, tag: str) -> str:
        """Name a language by its tag; an unknown tag names itself."""
        known = labels.LANGUAGES.get(tag or "zh")
        return self.gettext(known) if known else tag

    def request_facts(self, request: matching.MentoringRequest) -> list[str]:
        """The few words under the title of a request in a list."""
        facts = [request.industry, request.city]
        if request.mode:
            facts.append(self.gettext(labels.MODE[request.mode]))
        if request.hours_per_week:
            facts.append(self.ngettext("%(num)d hour a week", "%(num)d hours a week", request.hours_per_week))
        if request.months:
            facts.append(self.ngettext("%(num)d month", "%(num)d months", request.months))
        return [fact for fact in facts if fact]

    def since(self, request: matching.MentoringRequest) -> str:
        """Since when there is a request: a draft was begun, everything else was posted; both days where they differ."""
        begun = self.day(request.create_time)
        if not request.HasField("open_time"):
            return self.gettext("Draft begun %(day)s") % {"day": begun}
        posted = self.day(request.open_time)
        if posted == begun:
            return self.gettext("Posted %(day)s") % {"day": posted}
        return self.gettext("Draft begun %(begun)s, posted %(day)s") % {"begun": begun, "day": posted}

    def request_details(self, request: matching.MentoringRequest) -> list[tuple[str, str]]:
        """Everything about a request that is not prose, as names and values."""
        mode = self.gettext(labels.MODE[request.mode]) if request.mode else self.gettext("Either")
        demands = self.demands(request)
        hours, months, mentees = request.hours_per_week, request.months, request.mentees
        years, kilometres, wishes = request.min_years, request.max_distance_km, request.wishes
        start = self.day(request.start_date) if request.HasField("start_date") else self.gettext("Now")
        details = [
            (self.gettext("Industry"), request.industry),
            (self.gettext("City"), request.city),
            (self.gettext("Way of working"), mode),
            (self.gettext("Hours a week"), self.ngettext("%(num)d hour", "%(num)d hours", hours) if hours else ""),
            (self.gettext("For how long"), self.ngettext("%(num)d month", "%(num)d months", months) if months else ""),
            (self.gettext("First day"), start),
            (
                self.gettext("To be mentored"),
                self.ngettext("%(num)d person", "%(num)d people", mentees) if mentees else "",
            ),
            (self.gettext("Language"), self.language_name(request.language)),
            (self.gettext("Physical demands"), self.listed(demands) if demands else self.gettext("None")),
            (self.gettext("Experience"), self.ngettext("%(num)d year", "%(num)d years", years) if years else ""),
            (self.gettext("Title level"), self.gettext(labels.TITLE_LEVEL.get(request.min_title_level, ""))),
            (
                self.gettext("At most so far away"),
                self.gettext("%(num)d km") % {"num": kilometres} if kilometres else "",
            ),
            (self.gettext("Wishes, not conditions"), self.listed(self.gettext(labels.HARD_RULE[r]) for r in wishes)),
        ]
        return [(name, value) for name, value in details if value]

    def person_facts(self, person: matching.Suggestion) -> list[str]:
        """The few words under the name of a person who is suggested."""
        facts = [person.city, self.distance(person)]
        if person.years:
            facts.append(self.ngettext("%(num)d year of experience", "%(num)d years of experience", person.years))
        if person.title_level:
            facts.append(self.gettext(labels.TITLE_LEVEL[person.title_level]))
        return [fact for fact in facts if fact]

    def asked_of_person(self, suggestion: matching.RequestSuggestion) -> list[tuple[str, str]]:
        """What a request asks of the person to whom it is suggested, as names and values."""
        request = suggestion.request
        mode = self.gettext(labels.MODE[request.mode]) if request.mode else self.gettext("Either")
        hours, months = request.hours_per_week, request.months
        demands = self.listed(self.demands(request))
        start = self.day(request.start_date) if request.HasField("start_date") else self.gettext("Now")
        details = [
            (
                self.gettext("Place of work"),
                " · ".join(word for word in (mode, request.city, self.distance(suggestion)) if word),
            ),
            (self.gettext("Hours a week"), self.ngettext("%(num)d hour", "%(num)d hours", hours) if hours else ""),
            (self.gettext("First day"), start),
            (self.gettext("For how long"), self.ngettext("%(num)d month", "%(num)d months", months) if months else ""),
            (self.gettext("What it asks of the body"), demands or self.gettext("Nothing special")),
        ]
        return [(name, value) for name, value in details if value]

    def profile_details(self, profile: talent.Profile) -> list[tuple[str, str]]:
        """What a person can and cannot do, as names and values; what is not stated says so."""
        unsaid = self.gettext("Not stated")
        hours = profile.hours_per_week
        limits = [self.gettext(labels.PHYSICAL_DEMAND[value]) for value in profile.limits] + list(profile.other_limits)
        modes = [self.gettext(labels.MODE[value]) for value in profile.modes]
        places = profile.capacity if profile.HasField("capacity") else 1
        position = " · ".join(word for word in (profile.former_employer, profile.last_position) if word)
        level = labels.TITLE_LEVEL.get(profile.title_level, "")
        years = self.ngettext("%(num)d year", "%(num)d years", profile.years) if profile.years else unsaid
        return [
            (self.gettext("Position before retirement"), position or unsaid),
            (self.gettext("Title level"), self.gettext(level) or unsaid),
            (self.gettext("Industry"), profile.industry or unsaid),
            (self.gettext("Experience"), years),
            (self.gettext("Skills"), self.listed(profile.skills) or unsaid),
            (self.gettext("City"), profile.city or unsaid),
            (self.gettext("Way of working"), self.listed(modes) or self.gettext("Either")),
            (self.gettext("Hours a week"), self.ngettext("%(num)d hour", "%(num)d hours", hours) if hours else unsaid),
            (self.gettext("Travel"), self.travel(profile) or unsaid),
            (self.gettext("What I cannot do"), self.listed(limits) or self.gettext("No limits stated")),
            (self.gettext("Languages"), self.listed(self.language_name(tag) for tag in profile.languages or ["zh"])),
            (self.gettext("At once"), self.ngettext("%(num)d engagement", "%(num)d engagements", places)),
            (self.gettext("My wishes"), profile.wishes or unsaid),
        ]

    def travel(self, profile: talent.Profile) -> str:
        """How far a person goes for work on site; their own kilometres come before the range."""
        if profile.max_distance_km:
            return self.gettext("At most %(num)d km from home") % {"num": profile.max_distance_km}
        return self.gettext(labels.TRAVEL.get(profile.travel, ""))

    def exclusion(self, exclusion: matching.Exclusion, request: matching.MentoringRequest) -> str:
        """Say why a number of people are not listed, without naming anyone or anything about one person's health."""
        reason = self.gettext(labels.EXCLUSION[exclusion.rule])
        if exclusion.rule == matching.HARD_RULE_AVAILABILITY:
            return reason
        asked = self.asked(exclusion.rule, request)
        if exclusion.rule == matching.HARD_RULE_DISTANCE and request.max_distance_km:
            within = self.gettext("%(place)s, within %(km)d km")
            asked = within % {"place": asked, "km": request.max_distance_km}
        return reason + (self.gettext(" (asked: %(asked)s)") % {"asked": asked} if asked else "")

    def asked(self, rule: int, request: matching.MentoringRequest) -> str:
        """What a request asks that a rule is about; nothing where it asks nothing."""
        hours, start = request.hours_per_week, request.start_date
        said = {
            matching.HARD_RULE_AVAILABILITY: self.day(start) if start.year else self.gettext("Now"),
            matching.HARD_RULE_PHYSICAL: self.listed(self.demands(request)),
            matching.HARD_RULE_MODE: self.gettext(labels.MODE.get(request.mode, "")),
            matching.HARD_RULE_DISTANCE: request.city,
            matching.HARD_RULE_HOURS: self.ngettext("%(num)d hour a week", "%(num)d hours a week", hours),
            matching.HARD_RULE_LANGUAGE: self.language_name(request.language),
        }
        return said.get(matching.HardRule.ValueType(rule), "")

    def demands(self, request: matching.MentoringRequest) -> list[str]:
        """What a request asks of the body."""
        named = [self.gettext(labels.PHYSICAL_DEMAND[value]) for value in request.physical_demands]
        return [*named, *request.other_demands]

    def distance(self, item: matching.Suggestion | matching.RequestSuggestion) -> str:
        """How far the work is from where the person lives; nothing where that is not known."""
        if not item.HasField("distance_km"):
            return ""
        kilometres = round(item.distance_km)
        if kilometres < 1:
            return self.gettext("same city")
        return self.ngettext("%(num)d km away", "%(num)d km away", kilometres)


def paragraphs(text: str) -> Markup:
    """Write a text of several lines as paragraphs; everything in it is escaped."""
    parts = [part.strip() for part in text.split("\n")]
    return Markup().join(Markup("<p>{}</p>").format(part) for part in parts if part) or escape("")


def marked(text: str, words: Iterable[str]) -> Markup:
    """Write a text with words marked where they stand in it; everything in it is escaped."""
    found = [re.escape(word) for word in sorted(words, key=len, reverse=True) if word]
    if not found:
        return escape(text)
    parts = re.split(f"({'|'.join(found)})", text, flags=re.IGNORECASE)
    return Markup().join(Markup("<mark>{}</mark>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def effect(value: float) -> str:
    """Write what an adjustment does to a score, in points out of 100; nothing for less than half of one."""
    points = round(value * 100)
    return f"{'+' if points > 0 else '−'}{abs(points)}" if points else ""


def percent(value: float) -> int:
    """Write a score between 0 and 1 as a number out of 100."""
    return max(0, min(100, round(value * 100)))


def chance(score: float) -> int:
    """Write a score as a chance in a hundred; never as certain, and never rounded up to a better word than it has."""
    return max(1, min(99, int(score * 100)))


def pairs(values: dict[int, str], texts: Texts, first: Sequence[tuple[int, str]] = ()) -> list[tuple[int, str]]:
    """Options of a list: value and words."""
    return [
        *((value, texts.gettext(words)) for value, words in first),
        *((v, texts.gettext(w)) for v, w in values.items()),
    ]


@cache
def texts_for(language: str) -> Texts:
    """The texts of a language."""
    return Texts(language)
