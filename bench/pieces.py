"""Many texts embedded a piece at a time."""

import time
from collections.abc import Callable, Iterator, Sequence

from yinling_matching.embedding import Vectors


def in_pieces(
    encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str], size: int
) -> Iterator[tuple[Sequence[str], Vectors]]:
    """Each piece of the texts with its vectors; prints how far it is."""
    begun = time.monotonic()
    for start in range(0, len(texts), size):
        piece = texts[start : start + size]
        yield piece, encode(piece)
        print(f"{start + len(piece)} of {len(texts)} texts embedded in {time.monotonic() - begun:.0f} s", flush=True)
