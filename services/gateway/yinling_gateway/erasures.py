"""Erases people everywhere: first in talent, then in matching, which waits until it has heard of it, then here.

What is asked for is written down before anything is done, and worked off beside the requests until it is done. Every
step can be done again, so a crash at any point leads to the end all the same. After a while matching and the gateway
are gone through once more: for what another replica, or a message under way, had written meanwhile.
"""

import asyncio
from datetime import timedelta

from yinling.talent.v1.talent_pb2 import Profile

from yinling_common import logs, text
from yinling_common.errors import InvalidField, NotFound, Violation, WrongState, YinlingError
from yinling_common.identity import Role
from yinling_common.repeating import repeat
from yinling_gateway.backend import Backend
from yinling_gateway.converters.erasing import without_person
from yinling_gateway.domain import Account
from yinling_gateway.repository.erasures import Erasure, ErasureRepository, ErasureStep

_LEASE = timedelta(seconds=90)
_NOT_YET, _LONGEST_WAIT = 0.2, 300.0
_IDLE = 30.0
"""Seconds between two looks for what another replica has left."""


class Erasures:
    """Takes what is asked for, and works it off.

    Args:
        repository: Where it is written down.
        backend: Where people are erased.
        settle: Seconds after which they are looked for once more.
    """

    def __init__(self, repository: ErasureRepository, backend: Backend, settle: float) -> None:
        self._repository = repository
        self._backend = backend
        self._settle = timedelta(seconds=settle)
        self._woken = asyncio.Event()

    async def ask(self, account: Account, profile: Profile, confirm: str) -> Erasure:
        """Have somebody erased whom the caller may erase.

        Args:
            account: Who asks.
            profile: The person, as the caller reads them.
            confirm: Their name or id, typed: nobody is erased by a slip of the hand.

        Raises:
            InvalidField: It is another one.
        """
        names = {text.fold(profile.name), profile.id} - {""}
        if text.fold(confirm) not in names:
            message = "type the person's name, or the id of the profile, to confirm that they are to be erased for ever"
            raise InvalidField([Violation("confirm", "erasure.confirm", message)])
        contact = profile.contact
        known = (profile.name, profile.employee_number, contact.phone, contact.email, contact.wechat, contact.address)
        words = [word for word in known if len(word) > 1]
        erasure = await self._repository.ask(account.role, profile.id, profile.organisation, words)
        self.wake()
        return erasure

    async def deleted(self, account: Account, profile_id: str) -> Profile:
        """Somebody who was deleted and not erased, of whom no more is known than the id.

        Raises:
            NotFound: There is nothing left that the caller may erase.
        """
        if account.role is Role.COORDINATOR:  # whose office it was is not known any more
            raise NotFound("profile", profile_id)
        await self._backend.privacy.talent_audit(account.identity, profile_id, 1, "")
        return Profile(id=profile_id.lower())

    async def under_way(self, account: Account, profile_id: str) -> Erasure | None:
        """What was asked for already, where the caller might have asked for it; None otherwise."""
        erasure = await self._repository.of_person(profile_id)
        theirs = erasure and (
            account.role is Role.ADMIN
            or (account.role is Role.RETIREE and account.profile_id.lower() == erasure.profile_id)
            or (account.role is Role.COORDINATOR and account.organisation == erasure.organisation)
        )
        return erasure if theirs else None

    async def get(self, erasure_id: str) -> Erasure:
        """How far one is. It says of nobody who they are, so whoever knows its id may ask. Raises NotFound."""
        erasure = await self._repository.get(erasure_id)
        if erasure is None:
            raise NotFound("erasure", erasure_id)
        return erasure

    async def wait(self, erasure_id: str, seconds: float) -> bool:
        """Whether everything is erased, now or within so many seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            if (await self.get(erasure_id)).step in {ErasureStep.SETTLE, ErasureStep.DONE}:
                return True
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.1)

    def wake(self) -> None:
        """Something is due earlier than it was."""
        self._woken.set()

    async def run(self) -> None:
        """Work off for ever; cancel it to end."""
        await repeat("erasures", self._work, self._woken)

    async def _work(self) -> float:
        while erasure := await self._repository.claim(_LEASE):
            await self._step(erasure)
        due = await self._repository.seconds_to_next()
        return _IDLE if due is None else min(_IDLE, max(0.05, due))

    async def _step(self, erasure: Erasure) -> None:
        log = logs.get().bind(erasure=erasure.id, step=erasure.step.value)
        try:
            await self._do(erasure)
        except YinlingError as error:
            wait = _NOT_YET * 2 ** min(erasure.attempts, 12)
            if not isinstance(error, WrongState):  # that is matching, which has not heard of it yet
                log.warning("erasure.put_off", reason=error.reason.value, attempts=erasure.attempts + 1)
            await self._repository.put_off(erasure.id, error.reason.value, timedelta(seconds=min(wait, _LONGEST_WAIT)))
        else:
            log.info("erasure.step_done")

    async def _do(self, erasure: Erasure) -> None:
        match erasure.step:
            case ErasureStep.TALENT:
                try:
                    await self._backend.privacy.erase_profile(erasure.profile_id)
                except NotFound:  # there never was anybody: its database was restored to an older state
                    logs.get().warning("erasure.nobody", erasure=erasure.id)
                await self._repository.advance(erasure.id, ErasureStep.MATCHING)
            case ErasureStep.MATCHING:
                await self._backend.privacy.erase_person(erasure.profile_id)
                await self._repository.advance(erasure.id, ErasureStep.GATEWAY)
            case ErasureStep.GATEWAY:
                await self._repository.forget(erasure, without_person)
                await self._repository.advance(erasure.id, ErasureStep.SETTLE, self._settle)
            case ErasureStep.SETTLE:
                await self._backend.privacy.erase_person(erasure.profile_id)
                await self._repository.forget(erasure, without_person)
                await self._repository.finish(erasure.id)
                await self._repository.vacuum()
