"""The catalogue on disk, so that a restart embeds nothing and reads nothing again.

A file: a line with magic and format version, the length of the header, the header (JSON), its SHA-256, and the
sections that the header lists, each with its length and SHA-256. Numbers are little-endian. It is written beside the
old one and renamed, so that there is always a whole one; several replicas may share a directory, as each file is true
for the revision it names.
"""

import json
import os
import struct
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yinling_common import logs
from yinling_matching.catalogue.entries import Indexed
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.catalogue.snapshot_terms import read_terms, write_terms
from yinling_matching.converters import profiles
from yinling_matching.lexical import Prepared, cutting
from yinling_matching.vectors import passage_key

Floats = NDArray[np.float32]

FORMAT = 1
_MAGIC = b"yinling-matching-snapshot "
_NAME = "catalogue.snapshot"
_LENGTH = struct.Struct("<I")
_DIGEST = 32
_MAX_HEADER = 64 * 1024
_KEPT_BAD = 2
_STALE_TEMPORARY = 600.0


class BadSnapshot(Exception):
    """The file is not a snapshot that can be used here."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a snapshot holds.

    Attributes:
        revision: Of the profile feed.
        people: Everybody.
        vectors: A row for each facet of each of them in turn.
        time: When it was written.
        terms: Of each facet that is evidence, in turn; None where they are not known, or may be others by now.
    """

    revision: int
    people: Sequence[Indexed]
    vectors: Floats
    time: datetime
    terms: Sequence[Prepared] | None = None


class SnapshotFile:
    """The snapshot in one directory, for one model.

    Args:
        directory: Made where it is not there.
        model: Name of the model; vectors of another one are of no use.
        dimensions: Of its vectors.
    """

    def __init__(self, directory: Path, model: str, dimensions: int) -> None:
        self.path = directory / _NAME
        self._model = model
        self._dimensions = dimensions

    def load(self) -> Content | None:
        """Read it; None where there is none. One that cannot be used is set aside and logged."""
        self._tidy()
        try:
            return self._read(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            logs.get().warning("snapshot.not_read", error=str(error), path=str(self.path))
        except Exception as error:
            # Whatever is wrong with the file, it is not worth a start that fails.
            reason = str(error) if isinstance(error, BadSnapshot) else repr(error)
            logs.get().warning("snapshot.bad", reason=reason, path=str(self.path), moved_to=self.set_aside())
        return None

    def save(self, content: Content) -> None:
        """Replace it, all or nothing. Raises OSError where the disk does not take it; the old one stays."""
        sections = list(_sections(content))
        header = json.dumps(
            {
                "model": self._model,
                "dimensions": self._dimensions,
                "revision": content.revision,
                "time": content.time.isoformat(),
                "people": len(content.people),
                "cutting": None if content.terms is None else cutting(),
                "sections": [[name, len(data), sha256(data).hexdigest()] for name, data in sections],
            }
        ).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{_NAME}.tmp-", dir=self.path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + b"%d\n" % FORMAT + _LENGTH.pack(len(header)) + header + sha256(header).digest())
                for _, data in sections:
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        # The new name must survive a power cut too.
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _read(self, data: bytes) -> Content:
        header, position = _header(data)
        if header["model"] != self._model or header["dimensions"] != self._dimensions:
            raise BadSnapshot(f"it was made with the model {header['model']}, not {self._model}")
        sections: dict[str, memoryview] = {}
        for name, length, digest in header["sections"]:
            section = memoryview(data)[position : position + length]
            if len(section) != length:
                raise BadSnapshot(f"it is cut off in its section {name}")
            if sha256(section).hexdigest() != digest:
                raise BadSnapshot(f"its section {name} is damaged")
            sections[name] = section
            position += length
        people = list(_people(sections["people"], sections["keys"]))
        vectors = np.frombuffer(sections["vectors"], dtype="<f4").reshape(-1, self._dimensions)
        if len(people) != header["people"] or len(vectors) != sum(len(indexed.keys) for indexed in people):
            raise BadSnapshot("its sections do not go together")
        # One written before terms were kept has none, and one of another version may have others.
        terms = read_terms(sections) if header.get("cutting") == cutting() else None
        if terms is not None and len(terms) != sum(len(indexed.evidence) for indexed in people):
            raise BadSnapshot("its terms do not go together with its people")
        return Content(header["revision"], people, vectors, datetime.fromisoformat(header["time"]), terms)

    def set_aside(self) -> str:
        """Rename it, so that it is not loaded again; returns where it is now. There may be none."""
        bad = self.path.with_name(f"{_NAME}.bad-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
        try:
            self.path.replace(bad)
            for old in sorted(self.path.parent.glob(f"{_NAME}.bad-*"))[:-_KEPT_BAD]:
                old.unlink(missing_ok=True)
        except FileNotFoundError:
            return "nowhere: there is none"
        except OSError as error:
            return f"nowhere: {error}"
        return str(bad)

    def discard(self, *, bad_only: bool = False) -> None:
        """Delete everything that there is of it, or only what was set aside and what was left half written."""
        kept = {self.path} if bad_only else set()
        for path in set(self.path.parent.glob(f"{_NAME}*")) - kept:
            path.unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Remove what a process that was killed while it wrote has left; not what another replica writes just now."""
        for left in self.path.parent.glob(f"{_NAME}.tmp-*"):
            try:
                if time() - left.stat().st_mtime > _STALE_TEMPORARY:
                    left.unlink()
            except OSError as error:
                logs.get().warning("snapshot.not_tidied", error=str(error))


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header and where the sections begin."""
    line, newline, _ = data[:64].partition(b"\n")
    if not newline or not line.startswith(_MAGIC):
        raise BadSnapshot("it is not a snapshot")
    if line != _MAGIC + b"%d" % FORMAT:
        raise BadSnapshot(f"it has format {line.removeprefix(_MAGIC).decode(errors='replace')}, not {FORMAT}")
    start = len(line) + 1 + _LENGTH.size
    if len(data) < start:
        raise BadSnapshot("it is cut off before its header")
    (length,) = _LENGTH.unpack_from(data, len(line) + 1)
    end = start + length
    if length > _MAX_HEADER or len(data) < end + _DIGEST:
        raise BadSnapshot("it is cut off in its header")
    if sha256(data[start:end]).digest() != data[end : end + _DIGEST]:
        raise BadSnapshot("its header is damaged")
    return json.loads(data[start:end]), end + _DIGEST


def _sections(content: Content) -> Iterator[tuple[str, bytes | memoryview]]:
    people = bytearray()
    keys = bytearray()
    for indexed in content.people:
        profile = profiles.to_bytes(indexed.person)
        people += _LENGTH.pack(len(profile)) + profile
        for key in indexed.keys:
            keys += key
    yield "people", bytes(people)
    yield "keys", bytes(keys)
    yield "vectors", np.ascontiguousarray(content.vectors, dtype="<f4").reshape(-1).view(np.uint8).data
    if content.terms is not None:
        yield from write_terms(content.terms)


def _people(data: memoryview, keys: memoryview) -> Iterator[Indexed]:
    """Cuts each profile into its facets again: where that gives other texts than were embedded, it is of no use."""
    at = key_at = 0
    while at < len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        person = profiles.from_bytes(bytes(data[at : at + length]))
        at += length
        facets = tuple(facets_of(person))
        made = tuple(passage_key(facet.text) for facet in facets)
        size = _DIGEST * len(made)
        if keys[key_at : key_at + size] != b"".join(made):
            raise BadSnapshot("this version cuts profiles into facets differently")
        key_at += size
        yield Indexed(person, facets, made)
