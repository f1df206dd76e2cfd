"""Arrays that grow with what they hold, in numpy; doubled each time, so that growing costs little on average."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def grown(array: NDArray[T], size: int, fill: int = 0) -> NDArray[T]:
    """The array itself where it has so many rows, or a larger copy of it; its new rows hold `fill`."""
    if size <= len(array):
        return array
    larger = np.full((max(size, 2 * len(array)), *array.shape[1:]), fill, array.dtype)
    larger[: len(array)] = array
    return larger


def grow_all(holder: object, size: int) -> None:
    """Make room for so many rows in each array that is an attribute of an object; new rows are 0."""
    for name, value in vars(holder).items():
        if isinstance(value, np.ndarray):
            setattr(holder, name, grown(value, size))
