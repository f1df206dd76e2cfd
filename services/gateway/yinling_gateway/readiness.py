"""Whether everything answers. Looked up at most once in a while, however many ask."""

import asyncio
from time import monotonic

from yinling_common.database import Database
from yinling_common.errors import IndexBehind, ServiceUnavailable, YinlingError
from yinling_common.identity import Identity, Role
from yinling_gateway.backend import Backend
from yinling_gateway.calls.core import MATCHING, TALENT

_GATEWAY_ITSELF = Identity("gateway", Role.ADMIN)


class Readiness:
    """Looks at the database, the services and the index, and keeps what it saw for a while."""

    def __init__(self, database: Database, backend: Backend, kept_seconds: float) -> None:
        self._database = database
        self._backend = backend
        self._kept = kept_seconds
        self._one = asyncio.Lock()
        self._end = 0.0
        self._revision = 0
        self._wrong: dict[str, str] = {}

    async def revision(self) -> int:
        """Revision of the index, which has caught up. Raises ServiceUnavailable with everything that is wrong."""
        async with self._one:
            if monotonic() >= self._end:
                self._wrong = await self._look()
                self._end = monotonic() + self._kept
            wrong, revision = self._wrong, self._revision
        if wrong:
            said = "; ".join(f"{name}: {message}" for name, message in wrong.items())
            raise ServiceUnavailable(f"not ready: {said}", metadata={"not_ready": ",".join(wrong)})
        return revision

    async def _look(self) -> dict[str, str]:
        wrong: dict[str, str] = {}
        for name, check in (
            ("database", self._database.ping()),
            *((service, self._backend.check_health(service)) for service in (TALENT, MATCHING)),
        ):
            try:
                await check
            except YinlingError as error:
                wrong[name] = error.message
        if not wrong:
            try:
                status = await self._backend.index_status(_GATEWAY_ITSELF)
                if not status.caught_up:
                    raise IndexBehind(status.revision, status.revision + 1)
                self._revision = status.revision
            except YinlingError as error:
                wrong["index"] = error.message
        return wrong
