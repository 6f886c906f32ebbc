"""Queue of what waits for one client, which is empty most of the time."""

from __future__ import annotations

import asyncio
from typing import Any


class _Few(list[Any]):
    """List with the method of a deque that a queue needs. An empty deque takes 0.7 kB, and a queue has four."""

    __slots__ = ()

    def popleft(self) -> Any:
        return self.pop(0)


class PacketQueue(asyncio.Queue[Any]):
    """Queue of asyncio without a bound, which takes 0.6 kB instead of 3.3 while it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self._getters = _Few()
        self._putters = ()  # nobody waits for room
        self._finished._waiters = _Few()  # type: ignore[attr-defined] # asyncio has no public word for it

    def _init(self, maxsize: int) -> None:
        self._queue = _Few()
