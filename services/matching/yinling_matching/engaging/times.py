"""How long the two sides are given, and when they are reminded."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Times:
    """How long things take.

    Attributes:
        answer: So long an invitation can be accepted.
        remind: After that the person is reminded of an invitation; zero for never.
        session: So long before its start both are reminded of a session; zero for never.
        feedback: So long after the end who has not written is asked again; zero for never.
    """

    answer: timedelta = timedelta(days=7)
    remind: timedelta = timedelta(days=3)
    session: timedelta = timedelta(days=1)
    feedback: timedelta = timedelta(days=7)
