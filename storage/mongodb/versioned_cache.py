"""Documents read a moment ago, kept in memory for as long as the change stream vouches for them.

A session's person and a conversation's swap are looked at with every request and change rarely; a read of either costs
more than the rest of the request. So both are kept, replaced by every change that the stream reports and by every
write of this process. A copy never goes back: the higher version wins, however late a read comes home. When the
stream is down, or has not been heard for some seconds (it says at least once a second where it stands), nothing is
taken from here.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_AGE = 600.0
"""Seconds after which a copy is read anew even so."""

MAX_SIZE = 20_000


class VersionedCache(Generic[T]):
    """Bounded; what was put in or taken out longest ago goes first."""

    def __init__(self, version: Callable[[T], int], *, max_age: float = MAX_AGE, max_size: int = MAX_SIZE) -> None:
        self._version = version
        self._max_age = max_age
        self._max_size = max_size
        self._entries: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self.is_vouched_for: Callable[[], bool] = lambda: False

    def get(self, key: str) -> T | None:
        entry = self._entries.get(key)
        if entry is None or not self.is_vouched_for():
            return None
        read_at, value = entry
        return value if time.monotonic() - read_at < self._max_age else None

    def put(self, key: str, value: T) -> T:
        """Keep `value` unless a newer version is here; returns the newer one."""
        entry = self._entries.get(key)
        if entry is not None and self._version(entry[1]) > self._version(value):
            return entry[1]
        self._entries[key] = (time.monotonic(), value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_size:
            self._entries.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget everything: changes may have been missed."""
        self._entries.clear()
