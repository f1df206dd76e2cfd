"""The page with the form of a profile, which a retiree and a retiree office share."""

from starlette.responses import Response

from yinling_gateway.pages import labels
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.texts import pairs
from yinling_gateway.pages.visit import Visit


def render_form(
    visit: Visit, form: Form, *, own: bool, name: str = "", profile_id: str = "", status: int = 200
) -> Response:
    """Render the form.

    Args:
        visit: The visit.
        form: What was typed, or is kept.
        own: Whether it is the reader's own profile; an office sees fields of its own besides.
        name: Whose profile it is; empty for a new one.
        profile_id: Id of the profile, for an office.
        status: Status of the answer.
    """
    texts = visit.texts
    unsaid = texts.gettext("Not stated")
    return visit.page.render(
        "profile_form.html",
        status=status,
        form=form,
        own=own,
        name=name,
        back="/me" if own else "/people",
        profile_id=profile_id,
        genders=[(0, unsaid), *pairs(labels.GENDER, texts)],
        levels=[(0, unsaid), *pairs(labels.TITLE_LEVEL, texts)],
        travels=[(0, unsaid), *pairs(labels.TRAVEL, texts)],
        modes=pairs(labels.MODE, texts),
        limits=pairs(labels.PHYSICAL_DEMAND, texts),
        languages=[(tag, texts.gettext(words)) for tag, words in labels.LANGUAGES.items()]
        + [(tag, tag) for tag in form.all("languages") if tag not in labels.LANGUAGES],
    )
