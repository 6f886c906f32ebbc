"""In-memory cache of documents, valid as long as the change stream is current.

A session's user and a conversation's swap are read with every request and change rarely; reading either costs more than
the rest of the request. So both are cached, and replaced by every change that the stream reports and by every write of
this process. An entry goes back to no earlier version: the higher one wins, however late a read returns. When the
stream is down, or silent for some seconds (it reports its position at least once a second), the cache is not used.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_AGE = 600.0
"""Seconds after which an entry is read again in any case."""

MAX_SIZE = 20_000

MAX_SILENCE = 3.0
"""Seconds of silence after which caches are not trusted: three times the stream's await time."""


class VersionedCache(Generic[T]):
    """Bounded cache; the entry that was written or removed longest ago is evicted first."""

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
        """Store `value` unless a newer version is cached; returns the newer one. An equal one stays the object that it
        was: others have it, too."""
        entry = self._entries.get(key)
        if entry is not None and self._version(entry[1]) > self._version(value):
            return entry[1]
        if entry is not None and entry[1] == value:
            value = entry[1]
        self._entries[key] = (time.monotonic(), value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_size:
            self._entries.popitem(last=False)
        return value

    def follow_up(self, key: str, before: T, value: T) -> bool:
        """Store what was made of `before` in its place, as read when that was.

        False when another value is cached: one that is as new stays, for it was read later.
        """
        entry = self._entries.get(key)
        if entry is not None and entry[1] is before:
            self._entries[key] = (entry[0], value)
            return True
        if entry is None or self._version(entry[1]) < self._version(value):
            self.put(key, value)
        return False

    def drop(self, key: str) -> None:
        """Drop an entry whose document is gone."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Drop all entries: changes may have been missed."""
        self._entries.clear()
