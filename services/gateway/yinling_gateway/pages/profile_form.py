"""The form of a profile, to and from the contract's message. A retiree and a coordinator fill in the same one."""

from yinling.common.v1 import types_pb2 as types
from yinling.talent.v1 import talent_pb2 as talent

from yinling_gateway.pages.forms import Form, Speaks, day_value

# Field of the form by the field of the contract, where they differ.
NAMES = {
    "experience.title": "experience-{}",
    "experience.organisation": "experience-{}",
    "experience.start_year": "experience-{}",
    "experience.end_year": "experience-{}",
    "experience.description": "experience-{}",
    "credentials.name": "credentials",
    "contact.phone": "phone",
    "contact.email": "email",
    "contact.wechat": "wechat",
    "contact.address": "address",
}

# What a person may change of their own profile. Organisation and employee number are the office's.
OWN_FIELDS = (
    "name", "gender", "birth_year", "city", "former_employer", "last_position", "title_level", "industry", "years",
    "skills", "experience", "credentials", "bio", "modes", "hours_per_week", "travel", "max_distance_km",
    "limits", "other_limits", "languages", "wishes", "capacity", "available_from", "available_to",
    "contact.phone", "contact.email", "contact.wechat", "contact.address",
)  # fmt: skip
OFFICE_FIELDS = (*OWN_FIELDS, "employee_number", "paused")
_ROW = ("title", "organisation", "start", "end", "description")


def empty() -> Form:
    """A form to be filled in."""
    form = Form({"languages": ["zh"], "capacity": ["1"], "travel": ["0"]})
    form.rows = [dict.fromkeys(_ROW, "")]
    return form


def filled(profile: talent.Profile) -> Form:
    """A form with a profile that is kept."""
    form = Form(
        {
            "name": [profile.name],
            "employee_number": [profile.employee_number],
            "gender": [str(profile.gender)],
            "birth_year": [str(profile.birth_year or "")],
            "city": [profile.city],
            "former_employer": [profile.former_employer],
            "last_position": [profile.last_position],
            "title_level": [str(profile.title_level)],
            "industry": [profile.industry],
            "years": [str(profile.years or "")],
            "skills": ["\n".join(profile.skills)],
            "credentials": ["\n".join(_credential_line(credential) for credential in profile.credentials)],
            "bio": [profile.bio],
            "modes": [str(mode) for mode in profile.modes],
            "hours_per_week": [str(profile.hours_per_week or "")],
            "travel": [str(profile.travel)],
            "max_distance_km": [str(profile.max_distance_km or "")],
            "limits": [str(limit) for limit in profile.limits],
            "other_limits": ["、".join(profile.other_limits)],
            "languages": list(profile.languages) or ["zh"],
            "wishes": [profile.wishes],
            "capacity": [str(profile.capacity if profile.HasField("capacity") else 1)],
            "available_from": [day_value(profile.available_from) if profile.HasField("available_from") else ""],
            "available_to": [day_value(profile.available_to) if profile.HasField("available_to") else ""],
            "paused": ["1"] if profile.paused else [],
            "phone": [profile.contact.phone],
            "email": [profile.contact.email],
            "wechat": [profile.contact.wechat],
            "address": [profile.contact.address],
            "etag": [profile.etag],
        }
    )
    form.rows = [
        {
            "title": item.title,
            "organisation": item.organisation,
            "start": str(item.start_year or ""),
            "end": str(item.end_year or ""),
            "description": item.description,
        }
        for item in profile.experience
    ]
    form.rows.append(dict.fromkeys(_ROW, ""))
    return form


def take_rows(form: Form, spare: int = 1) -> None:
    """Read the experience that was sent; empty ones go to the end, `spare` of them."""
    columns = [form.all(f"experience_{part}") for part in _ROW]
    rows = [
        dict(zip(_ROW, values, strict=True))
        for values in zip(*columns, strict=False)
        if any(value.strip() for value in values)
    ]
    form.rows = rows + [dict.fromkeys(_ROW, "") for _ in range(spare)]


def read(form: Form, speaks: Speaks) -> talent.Profile:
    """Turn the form into a profile. What can't be read is an error of the form, what breaks a rule the service says."""
    take_rows(form)
    if not form.text("name"):
        form.fail("name", speaks.gettext("Please write the name."))
    profile = talent.Profile(
        name=form.text("name"),
        employee_number=form.text("employee_number"),
        gender=types.Gender.ValueType(form.choice("gender")),
        birth_year=form.integer("birth_year", speaks),
        city=form.text("city"),
        former_employer=form.text("former_employer"),
        last_position=form.text("last_position"),
        title_level=types.TitleLevel.ValueType(form.choice("title_level")),
        industry=form.text("industry"),
        years=form.integer("years", speaks),
        skills=form.words("skills"),
        experience=_experience(form, speaks),
        credentials=[_credential(line) for line in form.get("credentials").split("\n") if line.strip()],
        bio=form.get("bio").strip(),
        modes=[types.Mode.ValueType(value) for value in form.choices("modes")],
        hours_per_week=form.integer("hours_per_week", speaks),
        travel=types.TravelRange.ValueType(form.choice("travel")),
        max_distance_km=form.integer("max_distance_km", speaks),
        limits=[types.PhysicalDemand.ValueType(value) for value in form.choices("limits")],
        other_limits=form.words("other_limits"),
        languages=list(dict.fromkeys(form.all("languages"))),
        wishes=form.get("wishes").strip(),
        paused=bool(form.get("paused")),
        etag=form.text("etag"),
        contact=talent.Contact(
            phone=form.text("phone"), email=form.text("email"), wechat=form.text("wechat"), address=form.text("address")
        ),
    )
    if form.text("capacity"):
        profile.capacity = form.integer("capacity", speaks)
    first, last = form.day("available_from", speaks), form.day("available_to", speaks)
    if first:
        profile.available_from.CopyFrom(first)
    if last:
        profile.available_to.CopyFrom(last)
    return profile


def _experience(form: Form, speaks: Speaks) -> list[talent.ExperienceItem]:
    items = []
    for index, row in enumerate(form.rows):
        if not any(value.strip() for value in row.values()):
            continue
        if not row["title"].strip():
            form.fail(f"experience-{index}", speaks.gettext("Please say what it was, in at most 500 characters."))
        years = {}
        for part in ("start", "end"):
            try:
                years[part] = max(-(2**31), min(int(row[part] or 0), 2**31 - 1))
            except ValueError:
                form.fail(f"experience-{index}", speaks.gettext("A year is a number such as 1998."))
        items.append(
            talent.ExperienceItem(
                title=row["title"].strip(),
                organisation=row["organisation"].strip(),
                start_year=years.get("start", 0),
                end_year=years.get("end", 0),
                description=row["description"].strip(),
            )
        )
    return items


def _credential_line(credential: talent.Credential) -> str:
    parts = [credential.name, credential.issuer, str(credential.year or "")]
    return " | ".join(parts).rstrip(" |")


def _credential(line: str) -> talent.Credential:
    """Read "name | issuer | year"; a year may also stand second."""
    name, *rest = (part.strip() for part in line.replace("｜", "|").split("|"))
    year = next((int(part) for part in rest if part.isascii() and part.isdigit() and len(part) == 4), 0)
    issuer = next((part for part in rest if not part.isdigit()), "")
    return talent.Credential(name=name, issuer=issuer, year=year)
