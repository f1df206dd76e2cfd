"""Times, hours and remaining days in words, in the language and the clock of the reader."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from google.protobuf.timestamp_pb2 import Timestamp
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import engagement_pb2 as pb

from yinling_gateway.pages import i18n
from yinling_gateway.pages.texts import Texts

CLOCK = ZoneInfo("Asia/Shanghai")
"""Everybody who uses it lives by this clock."""

_FULL = {"zh_Hans": "M月d日 EEEE HH:mm", "en": "EEEE, d MMMM, HH:mm 'China time'"}
_FULL_YEAR = {"zh_Hans": "y年M月d日 EEEE HH:mm", "en": "EEEE, d MMMM y, HH:mm 'China time'"}


def local(moment: Timestamp) -> datetime:
    """A moment by the readers' clock."""
    return moment.ToDatetime(tzinfo=UTC).astimezone(CLOCK)


def today() -> date:
    """The day by the readers' clock."""
    return datetime.now(CLOCK).date()


def at(day: types.Date, clock: time) -> Timestamp:
    """A moment by its day and time."""
    moment = Timestamp()
    moment.FromDatetime(datetime(day.year, day.month, day.day, clock.hour, clock.minute, tzinfo=CLOCK))
    return moment


def monday(day: date) -> date:
    """The first day of a week."""
    return day - timedelta(days=day.weekday())


def as_date(day: types.Date) -> date:
    """A day of the contract."""
    return date(day.year, day.month, day.day)


@dataclass(frozen=True)
class Spoken:
    """Filters of the templates for one language."""

    texts: Texts

    def when(self, moment: Timestamp) -> str:
        """Write when a meeting is: day, weekday and time; the year where it is another one."""
        there = local(moment)
        patterns = _FULL if there.year == today().year else _FULL_YEAR
        locale = i18n.locale(self.texts.language)
        return format_datetime(there, patterns[self.texts.language], tzinfo=CLOCK, locale=locale)

    def begun(self, moment: Timestamp) -> bool:
        """Whether a moment has come."""
        return moment.ToDatetime(tzinfo=UTC) <= datetime.now(UTC)

    def weekday(self, moment: Timestamp) -> str:
        """Write the short name of a weekday."""
        return format_date(local(moment), "EEE", locale=i18n.locale(self.texts.language))

    def clock(self, moment: Timestamp) -> str:
        """Write the time of a day."""
        return local(moment).strftime("%H:%M")

    def number(self, minutes: int) -> str:
        """Write minutes as hours, in digits: "1.5"; what is no tenth of an hour is rounded."""
        return f"{minutes / 60:.1f}".removesuffix(".0")

    def hours(self, minutes: int) -> str:
        """Write minutes in words: half hours as hours, everything else exactly."""
        whole, rest = divmod(minutes, 60)
        if rest == 0 or (rest == 30 and whole):
            if minutes == 60:
                return self.texts.gettext("1 hour")
            return self.texts.gettext("%(hours)s hours") % {"hours": self.number(minutes)}
        if not whole:
            return self.texts.ngettext("%(num)d minute", "%(num)d minutes", rest)
        words = self.texts.gettext("%(hours)d h %(minutes)d min")
        return words % {"hours": whole, "minutes": rest}

    def days_left(self, moment: Timestamp) -> str:
        """Write how long something can still be answered."""
        seconds = (moment.ToDatetime(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
        if seconds <= 0:
            return self.texts.gettext("its time is over")
        if seconds < 24 * 3600:
            hours = max(1, int(seconds // 3600))
            return self.texts.ngettext("%(num)d hour left", "%(num)d hours left", hours)
        # Seven days just begun are seven days to a reader, not six.
        return self.texts.ngettext("%(num)d day left", "%(num)d days left", ceil(seconds / (24 * 3600)))

    def until_day(self, day: types.Date) -> str:
        """Write how far a day is away."""
        days = (as_date(day) - today()).days
        if days < 0:
            return self.texts.gettext("has passed")
        if days == 0:
            return self.texts.gettext("today is the last day")
        return self.texts.ngettext("%(num)d day left", "%(num)d days left", days)

    def week(self, hours: pb.WeekHours) -> str:
        """Write what of a week is taken, against what the person gives."""
        if not hours.allowed_minutes:
            return self.texts.gettext("%(hours)s in that week") % {"hours": self.hours(hours.minutes)}
        return self.texts.gettext("%(hours)s of %(allowed)s in that week") % {
            "hours": self.hours(hours.minutes),
            "allowed": self.hours(hours.allowed_minutes),
        }
