"""What invitations, opt-ins and engagements have in common, as JSON."""

from enum import StrEnum

from pydantic import Field

from yinling_gateway.models.base import Paged, Text

PERSON, OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
"""People of the examples."""

ETAG = Field(description="Send it back as If-Match to guard against a lost update.")


class ClosedBecause(StrEnum):
    """Why something that waited was closed without a word of either side."""

    FILLED = "filled"
    REQUEST_CLOSED = "request_closed"
    REQUEST_EXPIRED = "request_expired"
    PERSON_GONE = "person_gone"


class BetweenQuery(Paged):
    """Conditions of every list of what is between a request and a person."""

    mentoring_request_id: Text = Field("", description="Only of this request.")
    profile_id: Text = Field("", description="Only of this person.")
