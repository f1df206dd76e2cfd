"""The form of a mentoring request, to and from the contract's message."""

from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching

from yinling_gateway.pages import weights
from yinling_gateway.pages.forms import Form, Speaks, day_value

SPARE_ROWS = 3
"""Empty rows that a form starts with."""

# Field of the form by the field of the contract, where they differ.
NAMES = {"requirements.text": "requirements-{}", "requirements.importance": "requirements-{}"}

# What an update writes. The state has buttons of its own.
UPDATED = (
    "title", "description", "requirements", "industry", "city", "mode", "hours_per_week", "physical_demands",
    "other_demands", "mentees", "months", "language", "start_date", "wishes",
    "min_years", "min_title_level", "max_distance_km", "weights", "mentors_wanted", "expire_date",
)  # fmt: skip

CAN_BE_WISHES = frozenset(
    {
        matching.HARD_RULE_AVAILABILITY,
        matching.HARD_RULE_MODE,
        matching.HARD_RULE_DISTANCE,
        matching.HARD_RULE_HOURS,
        matching.HARD_RULE_LANGUAGE,
    }
)


def empty() -> Form:
    """A form to be filled in."""
    form = Form({"mode": ["0"], "language": ["zh"]})
    form.rows = [{"text": "", "importance": "1"} for _ in range(SPARE_ROWS)]
    return form


def filled(request: matching.MentoringRequest) -> Form:
    """A form with a request that is kept."""
    form = Form(
        {
            "title": [request.title],
            "description": [request.description],
            "industry": [request.industry],
            "city": [request.city],
            "mode": [str(request.mode)],
            "hours_per_week": [str(request.hours_per_week or "")],
            "physical_demands": [str(demand) for demand in request.physical_demands],
            "other_demands": ["、".join(request.other_demands)],
            "mentees": [str(request.mentees or "")],
            "months": [str(request.months or "")],
            "language": [request.language or "zh"],
            "start_date": [day_value(request.start_date) if request.HasField("start_date") else ""],
            "wishes": [str(rule) for rule in request.wishes],
            "min_years": [str(request.min_years or "")],
            "min_title_level": [str(request.min_title_level or "")],
            "max_distance_km": [str(request.max_distance_km or "")],
            "mentors_wanted": [str(request.mentors_wanted or "")],
            "expire_date": [day_value(request.expire_date) if request.HasField("expire_date") else ""],
            "etag": [request.etag],
        }
    )
    weights.fill(form, request.weights)
    form.rows = [{"text": row.text, "importance": str(row.importance or 1)} for row in request.requirements]
    form.rows.append({"text": "", "importance": "1"})
    return form


def take_rows(form: Form, spare: int = 1) -> None:
    """Read the rows of requirements that were sent; empty ones go to the end, at least `spare` of them."""
    texts = form.all("requirement_text")
    importances = form.all("requirement_importance")
    importances = importances + ["1"] * (len(texts) - len(importances))
    rows = [
        {"text": text, "importance": "2" if importance == "2" else "1"}
        for text, importance in zip(texts, importances, strict=False)
        if text.strip()
    ]
    form.rows = rows + [{"text": "", "importance": "1"} for _ in range(max(spare, SPARE_ROWS - len(rows)))]


def read(form: Form, speaks: Speaks) -> matching.MentoringRequest:
    """Turn the form into a request. What can't be read is an error of the form, what breaks a rule the service says."""
    take_rows(form)
    if not form.text("title"):
        form.fail("title", speaks.gettext("Please give the request a title."))
    request = matching.MentoringRequest(
        title=form.text("title"),
        description=form.get("description").strip(),
        requirements=[
            matching.Requirement(
                text=row["text"].strip(), importance=matching.Requirement.Importance.ValueType(int(row["importance"]))
            )
            for row in form.rows
            if row["text"].strip()
        ],
        industry=form.text("industry"),
        city=form.text("city"),
        mode=types.Mode.ValueType(form.choice("mode")),
        hours_per_week=form.integer("hours_per_week", speaks),
        physical_demands=[types.PhysicalDemand.ValueType(value) for value in form.choices("physical_demands")],
        other_demands=form.words("other_demands"),
        mentees=form.integer("mentees", speaks),
        months=form.integer("months", speaks),
        language=form.text("language"),
        wishes=[
            matching.HardRule.ValueType(value)
            for value in form.choices("wishes")
            if matching.HardRule.ValueType(value) in CAN_BE_WISHES
        ],
        min_years=form.integer("min_years", speaks),
        min_title_level=types.TitleLevel.ValueType(form.choice("min_title_level")),
        max_distance_km=form.integer("max_distance_km", speaks),
        weights=weights.read(form, speaks),
        mentors_wanted=form.integer("mentors_wanted", speaks),
        etag=form.text("etag"),
    )
    start = form.day("start_date", speaks)
    if start:
        request.start_date.CopyFrom(start)
    expire = form.day("expire_date", speaks)
    if expire:
        request.expire_date.CopyFrom(expire)
    return request
