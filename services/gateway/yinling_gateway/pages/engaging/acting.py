"""Doing something, and saying in the reader's words why it could not be done."""

from collections.abc import Awaitable, Mapping
from typing import TypeVar

from yinling_common.errors import AlreadyExists, HoursExceeded, InvalidField, StaleEtag, WrongState
from yinling_gateway.pages.engaging import labels
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.violations import place
from yinling_gateway.pages.visit import Visit

T = TypeVar("T")

_MOVED_ON = _("This can’t be done any more: things have moved on. Look at what is new.")


async def attempt(visit: Visit, form: Form, doing: Awaitable[T], names: Mapping[str, str] | None = None) -> T | None:
    """Do something; where it is refused, put the reasons into the form and return None.

    Args:
        visit: Whose.
        form: Its errors and its status are set where it is refused.
        doing: The call.
        names: Name of the form's field by the field of the contract, where they differ.

    Raises:
        YinlingError: What no form can mend.
    """
    try:
        return await doing
    except InvalidField as error:
        form.status = 422
        place(form, error.violations, visit.texts, names or {})
    except StaleEtag:
        form.status = 409
        form.fail("", visit.gettext("Somebody changed this in the meantime. Look at what is new, then send it again."))
    except WrongState as error:
        form.status = 409
        form.fail("", visit.gettext(labels.REFUSED.get(error.metadata.get("state", ""), _MOVED_ON)))
    except HoursExceeded as error:
        form.status = 409
        form.fail("", _too_many_hours(visit, error))
    except AlreadyExists:
        form.status = 409
        form.fail("", visit.gettext("There is already an invitation, an offer or an engagement between the two."))
    return None


def _too_many_hours(visit: Visit, error: HoursExceeded) -> str:
    """Say how many hours a week would have, and how many the person gives; to an enterprise, how many are free."""
    spoken = visit.page.spoken
    if "minutes" not in error.metadata:
        free = _whole(error.metadata.get("free_minutes", ""))
        if not free:
            return visit.gettext("The person’s hours of that week are taken. Choose another week.")
        return visit.gettext(
            "Of the hours that the person gives %(hours)s are still free in that week."
            " Make it shorter, or choose another week."
        ) % {"hours": spoken.hours(free)}
    minutes, allowed = (_whole(error.metadata.get(name, "")) for name in ("minutes", "allowed_minutes"))
    return visit.gettext(
        "With this the week would have %(hours)s, all engagements together; the person gives %(allowed)s a week."
        " Make it shorter, or choose another week."
    ) % {"hours": spoken.hours(minutes), "allowed": spoken.hours(allowed)}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
