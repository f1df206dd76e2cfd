"""Errors of HTTP itself that the services do not know."""

from yinling_common.errors import AlreadyExists, InvalidField, Violation


class BadHeader(InvalidField):
    """A header cannot be understood. Answered 400, for no field of the body is wrong."""


class SecretTold(AlreadyExists):
    """The same call has made it, and was told its secret, which nobody is told twice.

    Only hashes are kept of most secrets, so the first answer cannot be given again; and an answer that could be would
    hand the secret to whoever finds the request in a log. So the client learns that it was made, and under which id.
    """

    def __init__(self, resource: str, made_id: str) -> None:
        super().__init__(resource, made_id)
        self.message = (
            f"this call has made the {resource} {made_id}, and its secret is told once; if the answer was lost, "
            "make another under a new Idempotency-Key and take this one away"
        )
        self.metadata = {"resource": resource, "id": made_id, "rule": "once.secret_told"}
        self.violations = [Violation("Idempotency-Key", "once.secret_told", self.message)]
