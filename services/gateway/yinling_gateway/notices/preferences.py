"""How accounts want to be told: themselves, or an administrator for them."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from secrets import token_hex

from yinling_common.errors import InvalidField, Violation
from yinling_gateway.domain import ADDRESS_MAX
from yinling_gateway.notices.domain import Preferences
from yinling_gateway.repository import PreferenceRepository

_ADDRESS = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$")


class PreferenceKeeper:
    """Reads and writes preferences.

    Args:
        repository: Where they are.
        default: What holds for those who have not chosen.
        now: The time.
    """

    def __init__(self, repository: PreferenceRepository, default: Preferences, *, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._default = default
        self._now = now

    async def get(self, account_id: str) -> Preferences:
        """What holds for an account."""
        return await self._repository.get(account_id, self._default)

    async def put(self, account_id: str, wanted: Preferences, *, expected: str = "") -> Preferences:
        """Write an account's preferences as a whole; mails that wait follow them.

        Args:
            account_id: Whose.
            wanted: Their etag does not matter.
            expected: The etag that must still hold; empty for whichever.

        Raises:
            InvalidField: A value breaks its rule.
            StaleEtag: They were changed meanwhile.
        """
        if violations := _violations(wanted):
            raise InvalidField(violations)
        # Quiet from a time to the same time is no quiet at all.
        quiet = None if wanted.quiet and wanted.quiet.start == wanted.quiet.end else wanted.quiet
        kept = replace(wanted, quiet=quiet, etag=token_hex(8))
        await self._repository.put(account_id, kept, expected=expected, default=self._default, now=self._now())
        return kept


def _violations(wanted: Preferences) -> list[Violation]:
    violations = []
    if wanted.address and (len(wanted.address) > ADDRESS_MAX or not _ADDRESS.match(wanted.address)):
        violations.append(Violation("address", "string.email", "must be an e-mail address such as name@example.com"))
    if wanted.digest_hour is not None and not 0 <= wanted.digest_hour <= 23:
        violations.append(Violation("digest_hour", "int32.gte_lte", "must be 0 to 23"))
    return violations
