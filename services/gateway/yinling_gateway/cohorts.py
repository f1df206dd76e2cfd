"""Cohorts: matching works on one for up to minutes, beside the requests, and the result is kept for some weeks."""

import asyncio
import contextlib
from datetime import timedelta
from time import monotonic

from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common import logs
from yinling_common.errors import NotFound, YinlingError
from yinling_common.identity import Role
from yinling_gateway.backend import Backend
from yinling_gateway.domain import Account, Cohort, CohortLine, CohortState
from yinling_gateway.repository import CohortRepository
from yinling_gateway.settings import GatewaySettings

_SILENT_BEATS = 6
_FINISH_TRIES = 5
_PURGE_INTERVAL = 3600.0


class Cohorts:
    """Has cohorts matched and answers what became of them."""

    def __init__(self, repository: CohortRepository, backend: Backend, settings: GatewaySettings) -> None:
        self._repository = repository
        self._backend = backend
        self._settings = settings
        self._turn = asyncio.Semaphore(settings.cohorts_at_once)
        self._running: set[asyncio.Task[None]] = set()

    async def start(
        self,
        account: Account,
        request: service.AssignCohortRequest,
        lines: list[CohortLine],
        left_out: list[str],
    ) -> str:
        """Begin to match a cohort; answers its id at once.

        Args:
            account: Who asks.
            request: What matching is asked.
            lines: What the page says of each of its requests.
            left_out: Rows that could not be taken, each with the reason.
        """
        cohort_id = await self._repository.insert(
            account_id=account.id,
            organisation=_whose(account),
            lines=lines,
            left_out=left_out,
            request=request.SerializeToString(),
        )
        task = asyncio.create_task(self._work(account, cohort_id, request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return cohort_id

    async def get(self, account: Account, cohort_id: str) -> Cohort:
        """A cohort of the account's organisation; any for administrators. Raises NotFound."""
        found = await self._repository.get(cohort_id)
        if found is None or (account.role != Role.ADMIN and found.organisation != account.organisation):
            raise NotFound("cohort", cohort_id)
        return found

    async def latest(self, account: Account, limit: int) -> list[Cohort]:
        """The newest ones of the account's organisation, or of administrators, without their results."""
        return await self._repository.latest(_whose(account), limit)

    async def watch(self) -> None:
        """Run for as long as the gateway does: find cohorts whose gateway died, delete what is old."""
        silence = timedelta(seconds=self._settings.heartbeat * _SILENT_BEATS)
        age = timedelta(days=self._settings.cohorts_kept_days)
        purged = -_PURGE_INTERVAL
        while True:
            try:
                if interrupted := await self._repository.interrupt_silent(silence):
                    logs.get().warning("cohorts.interrupted", cohorts=interrupted)
                if monotonic() - purged > _PURGE_INTERVAL:
                    await self._repository.purge(age)
                    purged = monotonic()
            except YinlingError as error:
                logs.get().warning("cohorts.watch_failed", error=error.message)
            await asyncio.sleep(self._settings.heartbeat)

    async def close(self) -> None:
        """End those that run here; they are marked as interrupted."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _work(self, account: Account, cohort_id: str, request: service.AssignCohortRequest) -> None:
        beating = asyncio.create_task(self._beat(cohort_id))
        state, response, problem = CohortState.INTERRUPTED, None, None
        try:
            async with self._turn:
                answer = await self._backend.assign_cohort(account.identity, request)
            state, response = CohortState.DONE, answer.SerializeToString()
        except YinlingError as error:
            logs.get().info("cohort.failed", cohort=cohort_id, reason=error.reason.value, error=error.message)
            state, problem = CohortState.FAILED, {"reason": error.reason.value, "message": error.message}
        except asyncio.CancelledError:
            logs.get().info("cohort.interrupted", cohort=cohort_id)
        finally:
            beating.cancel()
        for attempt in range(_FINISH_TRIES):
            try:
                await self._repository.finish(cohort_id, state, response=response, problem=problem)
            except YinlingError as error:
                logs.get().warning("cohort.finish_failed", cohort=cohort_id, attempt=attempt, error=error.message)
                await asyncio.sleep(self._settings.heartbeat)
            else:
                return

    async def _beat(self, cohort_id: str) -> None:
        while True:
            await asyncio.sleep(self._settings.heartbeat)
            with contextlib.suppress(YinlingError):
                await self._repository.beat(cohort_id)


def _whose(account: Account) -> str:
    """Whose cohorts an account makes and lists. Those of administrators may hold anybody's requests."""
    return "" if account.role == Role.ADMIN else account.organisation
