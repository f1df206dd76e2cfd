"""Use cases of notices: handed out to the gateway's deliverer, and to nobody else."""

from collections.abc import Sequence

from yinling_common.database import Database
from yinling_common.errors import Forbidden
from yinling_common.faults import point
from yinling_common.identity import GATEWAY, NOTICE_DELIVERER, Role, current
from yinling_matching.notices.domain import Notice
from yinling_matching.notices.outbox import acknowledge, claim

_LIMIT, _LEASE = 100, 60


class Notices:
    """Hands notices out. `database` keeps them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, limit: int, lease_seconds: int) -> list[Notice]:
        """Take notices that nobody has taken; 0 stands for the default of either."""
        check_deliverer()
        async with self._database.transaction() as conn:
            claimed = await claim(conn, limit or _LIMIT, lease_seconds or _LEASE)
            point("claim.taken")
        point("claim.committed")
        return claimed

    async def acknowledge(self, ids: Sequence[str]) -> None:
        """Delete notices that are kept elsewhere now."""
        check_deliverer()
        async with self._database.transaction() as conn:
            await acknowledge(conn, ids)
            point("acknowledge.deleted")
        point("acknowledge.committed")


def check_deliverer() -> None:
    """Raise Forbidden for everybody but the gateway itself and services: no person reads other people's notices."""
    caller = current()
    deliverer = caller.issuer == GATEWAY and caller.subject == NOTICE_DELIVERER
    if not (deliverer or caller.role is Role.SERVICE):
        raise Forbidden("this is for whoever delivers notices", metadata={"needs": NOTICE_DELIVERER})
