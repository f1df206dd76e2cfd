"""Forms that count once, however often they are sent."""

from uuid import UUID, uuid4

from markupsafe import Markup

from yinling_gateway.pages.forms import Form

KEY_FIELD = "once"


def key_field() -> Markup:
    """A hidden field with a new key: the service does what a form asks once for each."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(KEY_FIELD, uuid4())


def key_of(form: Form) -> str:
    """The key that came with a form, or a new one where it is not one of ours."""
    try:
        return str(UUID(form.text(KEY_FIELD)))
    except ValueError:
        return str(uuid4())
