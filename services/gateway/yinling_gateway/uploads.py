"""An upload on its way to talent."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import BinaryIO

from yinling.talent.v1 import talent_service_pb2 as service

from yinling_common.errors import InvalidField, Violation, YinlingError
from yinling_common.identity import Identity

_CHUNK = 256 * 1024


class Run:
    """One import while it runs here.

    Attributes:
        answered: Set when talent has said the first thing, or the import has ended.
        refused: Why it ended, where that was before talent said anything.
        detached: The upload has been answered; what happens now is kept in the job.
    """

    def __init__(self, job_id: str, identity: Identity, header: service.ImportRosterHeader, file: BinaryIO) -> None:
        self.job_id = job_id
        self.identity = identity
        self.file = file
        self.answered = asyncio.Event()
        self.refused: YinlingError | None = None
        self.detached = False
        self.done = self.total = 0
        self._header = header

    async def requests(self) -> AsyncIterator[service.ImportRosterRequest]:
        """The header, then the file in pieces."""
        yield service.ImportRosterRequest(header=self._header)
        while chunk := await asyncio.to_thread(self.file.read, _CHUNK):
            yield service.ImportRosterRequest(chunk=chunk)


def digest(file: BinaryIO) -> str:
    """SHA-256 of a file, which is at its beginning then."""
    digest = sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def sendable(field: str, value: str) -> str:
    """The text, if protobuf and PostgreSQL can hold it."""
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise InvalidField([Violation(field, "string.no_nul", "must not contain NUL or broken characters")])
    return value
