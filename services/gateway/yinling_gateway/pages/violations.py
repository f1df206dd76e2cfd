"""Puts what the services refuse beside the fields of a form, in the reader's language."""

import re
from collections.abc import Mapping

from yinling_common import cities
from yinling_common.errors import Violation
from yinling_gateway.pages.forms import Form, Speaks
from yinling_gateway.pages.labels import _

# What is allowed, by the field of the contract without its message's name.
ADVICE = {
    "title": _("The title is needed, and has at most 500 characters."),
    "description": _("The description has at most 20,000 characters; please shorten it."),
    "requirements": _("At most 30 requirements; join some of them."),
    "requirements.text": _("A requirement has 1 to 500 characters."),
    "industry": _("The industry has at most 100 characters."),
    "city": _("This city is not known. Please write a city at prefecture level, for example 攀枝花."),
    "mode": _("Please choose one of the ways of working."),
    "modes": _("Please choose from the ways of working."),
    "hours_per_week": _("Hours a week are a whole number from 0 to 60."),
    "physical_demands": _("Please choose from the list."),
    "other_demands": _("At most 20 words of at most 50 characters each."),
    "mentees": _("The number of people is from 0 to 10,000."),
    "months": _("The number of months is from 0 to 120."),
    "language": _("Please choose a language from the list."),
    "min_years": _("Years asked for are a whole number from 0 to 60."),
    "min_title_level": _("Please choose from the list."),
    "max_distance_km": _("The distance is a whole number of kilometres from 0 to 6,000."),
    "weights": _("Please check the weights."),
    **dict.fromkeys(("weights.about", "weights.nice"), _("This weight is a number from 0 to 5.")),
    "weights.must": _("This weight is a number from 0.1 to 5."),
    **dict.fromkeys(
        (f"weights.{name}" for name in ("words", "years", "title_level", "feedback", "wishes", "broken_wishes")),
        _("This weight is a number from 0 to 3."),
    ),
    "mentors_wanted": _("The number of mentors is from 0 to 100."),
    "expire_date": _("This day is not in the calendar, or lies outside 1900 to 2200."),
    "message": _("The message has at most 2,000 characters; please shorten it."),
    "words": _("This text has at most 1,000 characters; please shorten it."),
    "reason": _("Please choose a reason from the list."),
    "start_time": _("This moment can’t be used; please check day and time."),
    "minutes": _("A session lasts from 1 minute to 12 hours."),
    "summary": _("This text has at most 2,000 characters; please shorten it."),
    "next_step": _("This text has at most 1,000 characters; please shorten it."),
    "place": _("The place has at most 200 characters."),
    "goals": _("At most 20 goals; join some of them."),
    "goals.text": _("A goal has 1 to 500 characters."),
    "goals.progress": _("The progress is from 0 to 100 percent."),
    "goals.note": _("A note has at most 1,000 characters."),
    "planned_end_date": _("This day is not in the calendar, or lies before the beginning."),
    "enterprise_contact.name": _("The name has at most 100 characters."),
    "enterprise_contact.phone": _("A telephone number has digits, spaces, + - ( ) alone, at most 40 of them."),
    "enterprise_contact.email": _("This is not an e-mail address; one looks like name@example.com."),
    "start_date": _("This day is not in the calendar, or lies outside 1900 to 2200."),
    "name": _("The name is needed, and has at most 100 characters."),
    "organisation": _("The unit is needed, and has at most 100 characters."),
    "employee_number": _("The employee number has at most 32 characters and is not an identity card number."),
    "gender": _("Please choose from the list."),
    "birth_year": _("The year of birth is from 1900 to 2015, for example 1956."),
    "former_employer": _("The employer has at most 200 characters."),
    "last_position": _("The position has at most 200 characters."),
    "title_level": _("Please choose from the list."),
    "years": _("Years of experience are a whole number from 0 to 80."),
    "skills": _("At most 100 skills of at most 200 characters each."),
    "experience": _("At most 100 items of experience."),
    "experience.title": _("Please say what it was, in at most 500 characters."),
    "experience.organisation": _("The unit has at most 200 characters."),
    "experience.start_year": _("A year is a number such as 1998."),
    "experience.end_year": _("A year is a number such as 1998, not before the first year."),
    "experience.description": _("The description has at most 10,000 characters; please shorten it."),
    "credentials": _("At most 50 certificates of at most 200 characters each."),
    "credentials.name": _("A certificate has 1 to 200 characters."),
    "bio": _("The introduction has at most 20,000 characters; please shorten it."),
    "travel": _("Please choose from the list."),
    "limits": _("Please choose from the list."),
    "other_limits": _("At most 20 words of at most 50 characters each."),
    "languages": _("Please choose languages from the list."),
    "wishes": _("The wishes have at most 2,000 characters; please shorten them."),
    "capacity": _("The number of engagements at once is from 0 to 20."),
    "available_from": _("This day is not in the calendar, or lies outside 1900 to 2200."),
    "available_to": _("The last day must be a real day, and not before the first day."),
    "contact.phone": _("A telephone number has digits, spaces, + - ( ) alone, at most 40 of them."),
    "contact.email": _("This is not an e-mail address; one looks like name@example.com."),
    "contact.wechat": _("The WeChat name has at most 64 characters."),
    "contact.address": _("The address has at most 300 characters."),
}

# What is to be done about a rule of its own, by the rule.
BY_RULE = {
    "mentors_wanted.engaged": _("More people than this are engaged already; give at least as many."),
    "date.past": _("This day has passed already; choose a later one, or leave it empty."),
    "feedback.answers": _("Please answer every question."),
    "session.overlap": _(
        "A session at this time is written down already. If it is the same one, nothing need be done;"
        " if it was another, say when it began."
    ),
    "session.before_engagement": _("This day lies before you began to work together."),
    "session.too_late": _("This day is too far ahead; choose one within two years."),
    "session.held_in_future": _("It was held already, so it can’t lie in the future."),
    "date.order": _("The last day must not lie before the first."),
    "words.required": _("Please say in a few words why."),
}

_CHARACTERS = _(
    "This text holds characters that can’t be stored (for example invisible control characters); remove them."
)
_INDEX = re.compile(r"\[(\d+)\]")


def place(form: Form, violations: list[Violation], speaks: Speaks, names: Mapping[str, str]) -> None:
    """Put each violation beside its field.

    Args:
        form: The form that was sent.
        violations: What the service refused.
        speaks: The reader's language.
        names: Name of the form's field by the field of the contract, where they differ. "{}" stands for the row.
    """
    # A service looks for the city only when the rest is right; a reader wants to know everything at once.
    city = form.text("city")
    if city and cities.resolve(city) is None:
        unknown = ADVICE["city"]
        form.fail("city", speaks.gettext(unknown) + _did_you_mean(speaks, city))
    for violation in violations:
        if violation.rule == "request_id.reused":  # of the form, not of a field that anybody sees
            form.fail("", speaks.gettext("This was sent already. If you want to do it once more, send it again."))
            continue
        path = violation.field
        if _first(path) not in _TOP and "." in path:
            path = path.split(".", 1)[1]
        row = _INDEX.search(path)
        field = _INDEX.sub("", path)
        name = names.get(field, field)
        if "{}" in name:
            name = name.format(row.group(1)) if row else name.split("-{}")[0]
        form.fail(name, _words(speaks, field, violation))


def _did_you_mean(speaks: Speaks, typed: str) -> str:
    near = cities.closest(typed)[:3]
    return speaks.gettext(" Did you mean %(cities)s?") % {"cities": " / ".join(near)} if near else ""


def _first(path: str) -> str:
    return _INDEX.sub("", path.split(".", maxsplit=1)[0])


def _words(speaks: Speaks, field: str, violation: Violation) -> str:
    if any(word in violation.rule for word in ("nul", "surrogate", "characters")):
        return speaks.gettext(_CHARACTERS)
    advice = BY_RULE.get(violation.rule) or ADVICE.get(field)
    return speaks.gettext(advice) if advice else f"{violation.field}: {violation.message}"


_TOP = {field.split(".")[0] for field in ADVICE}
