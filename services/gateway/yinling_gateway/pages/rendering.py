"""Jinja with autoescape, one environment a language, and the page that a handler fills."""

from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from yinling_gateway.pages import i18n, labels
from yinling_gateway.pages.engaging import labels as engaging
from yinling_gateway.pages.engaging.once import key_field
from yinling_gateway.pages.engaging.spoken import Spoken
from yinling_gateway.pages.reasons import Reasons
from yinling_gateway.pages.texts import Texts, chance, effect, marked, paragraphs, percent, texts_for

STATIC = resources.files(__package__) / "static"
CSRF_FIELD = "csrf_token"


@dataclass
class Page:
    """What every page shows around its content.

    Attributes:
        path: Path and query of this page, to come back to after a change of language.
        csrf_token: Goes into every form; empty where nobody is signed in.
        notices: Pairs of kind ("good", "note", "bad") and text, shown at the top.
        unread: How many new notices the reader has; shown beside the menu.
    """

    language: str
    path: str = "/"
    role: str = ""
    organisation: str = ""
    account_name: str = ""
    csrf_token: str = ""
    notices: list[tuple[str, str]] = field(default_factory=list)
    unread: int = 0

    @property
    def texts(self) -> Texts:
        """The reader's language."""
        return texts_for(self.language)

    @property
    def spoken(self) -> Spoken:
        """Times and hours in the reader's language."""
        return Spoken(self.texts)

    @property
    def language_tag(self) -> str:
        """The language as HTML writes it."""
        return self.language.replace("_", "-")

    @property
    def other_languages(self) -> list[tuple[str, str]]:
        """The languages to switch to."""
        return [(code, name) for code, name in i18n.LANGUAGES.items() if code != self.language]

    @property
    def menu(self) -> list[tuple[str, str, bool]]:
        """Address, words, and whether it is the place where the reader is."""
        path = self.path.partition("?")[0]
        entries = MENU.get(self.role, ())
        here = max((a for a, _ in entries if path == a or path.startswith(f"{a}/")), key=len, default="")
        return [(address, self.texts.gettext(words), address == here) for address, words in entries]

    def render(
        self, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """Render a template into a response."""
        environment = _environment(self.language)
        body = environment.get_template(template).render(
            page=self,
            csrf_field=partial(_csrf_field, self.csrf_token),
            key_field=key_field,
            static=static_address,
            **values,
        )
        return HTMLResponse(body, status, headers)


def _(text: str) -> str:
    return text


MENU = {
    "hr": (
        ("/requests", _("Our requests")),
        ("/requests/new", _("Post a request")),
        ("/engagements", _("Engagements")),
        ("/cohorts", _("Match a cohort")),
        ("/reports/figures", _("Figures")),
        ("/settings/matching", _("Weights")),
    ),
    "retiree": (
        ("/me", _("Home")),
        ("/invitations", _("Invitations")),
        ("/opt-ins", _("Offers")),
        ("/engagements", _("Engagements")),
        ("/me/privacy", _("My data")),
    ),
    "coordinator": (
        ("/people", _("People")),
        ("/waiting", _("To be answered")),
        ("/engagements", _("Engagements")),
        ("/imports", _("Import a roster")),
        ("/reports/exposure", _("Who is shown")),
        ("/reports/figures", _("Figures")),
    ),
    "admin": (
        ("/admin", _("State")),
        ("/admin/accounts", _("Accounts")),
        ("/people", _("People")),
        ("/reports/exposure", _("Who is shown")),
        ("/reports/figures", _("Figures")),
        ("/requests", _("Requests")),
        ("/engagements", _("Engagements")),
        ("/cohorts", _("Match a cohort")),
    ),
}


@cache
def static_address(name: str) -> str:
    """Address of a file of ours. It changes with the content, so that browsers may keep it for ever."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def _csrf_field(token: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token) if token else Markup()


@cache
def _environment(language: str) -> Environment:
    texts = texts_for(language)
    reasons, spoken = Reasons(texts), Spoken(texts)
    environment = Environment(
        loader=PackageLoader("yinling_gateway.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it

    def words(values: dict[Any, str]) -> Any:  # noqa: ANN401 - a filter
        return lambda value: texts.gettext(values.get(value, ""))

    environment.filters.update(
        day=texts.day,
        moment=texts.moment,
        listed=texts.listed,
        percent=percent,
        chance=chance,
        paragraphs=paragraphs,
        request_facts=texts.request_facts,
        request_details=texts.request_details,
        since=texts.since,
        person_facts=texts.person_facts,
        profile_details=texts.profile_details,
        exclusion=texts.exclusion,
        adjustment=reasons.adjustment,
        relaxation=reasons.relaxation,
        asked_of_person=texts.asked_of_person,
        effect=effect,
        marked=marked,
        fit_class=labels.fit_class,
        fit_word=words(labels.FIT),
        strength_word=words(labels.STRENGTH),
        cohort_state=words(labels.COHORT_STATE),
        state=words(labels.STATE),
        importance=words(labels.IMPORTANCE),
        facet=words(labels.FACET),
        hard_rule=words(labels.HARD_RULE),
        remedy=words(labels.REMEDY),
        role=words(labels.ROLE),
        import_state=words(labels.IMPORT_STATE),
    )
    environment.filters.update(
        when=spoken.when,
        begun=spoken.begun,
        weekday=spoken.weekday,
        clock=spoken.clock,
        hours=spoken.hours,
        days_left=spoken.days_left,
        until_day=spoken.until_day,
        week_hours=spoken.week,
        invitation_state=words(engaging.INVITATION_STATE),
        opt_in_state=words(engaging.OPT_IN_STATE),
        engagement_state=words(engaging.ENGAGEMENT_STATE),
        session_state=words(engaging.SESSION_STATE),
        declined_because=words(engaging.DECLINED_BECAUSE),
        turned_down_because=words(engaging.TURNED_DOWN_BECAUSE),
        ended_because=words(engaging.ENDED_BECAUSE),
        closed_because=words(engaging.CLOSED_BECAUSE),
        side=words(engaging.SIDE),
        phase=words(engaging.PHASE),
        answer=words(engaging.ANSWER),
        way=words(engaging.WAY),
    )
    return environment
