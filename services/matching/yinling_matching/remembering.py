"""What was made of texts, kept in memory for a while. All of it can be forgotten at once: when somebody is erased."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import _lru_cache_wrapper

T = TypeVar("T")

_FORGET: list[Callable[[], None]] = []


def remembered(maxsize: int) -> Callable[[Callable[..., T]], _lru_cache_wrapper[T]]:
    """As `functools.lru_cache`, for what is made of people's texts."""

    def decorate(make: Callable[..., T]) -> _lru_cache_wrapper[T]:
        kept = lru_cache(maxsize)(make)
        _FORGET.append(kept.cache_clear)
        return kept

    return decorate


def forget_texts() -> None:
    """Forget all of it; it is made again when it is asked for."""
    for forget in _FORGET:
        forget()
