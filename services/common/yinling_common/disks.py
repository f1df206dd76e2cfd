"""A full disk, told as what it is."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from yinling_common.errors import StorageFull


def is_full(error: OSError) -> bool:
    """Whether the system says that a disk, or somebody's share of it, is full."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def full_is_told() -> Iterator[None]:
    """Turns the system's word that a disk is full into StorageFull."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull from error
        raise
