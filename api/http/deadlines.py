"""Upper bound on the time to answer, whatever the database does.

Nearly every answer is there in milliseconds, so a deadline has to be cheap to set and to lift: all that began within
one interval share a slot, and one timer looks at the slots. A timer each would cost seven times as much.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from domain.errors import Unavailable

ANSWER_SECONDS: Final = 8.0
GRANULARITY_SECONDS: Final = 0.25
"""A deadline is over at ANSWER_SECONDS, of which this is a fraction, or less than so much before."""
RETRY_AFTER_SECONDS: Final = 2

_ROUNDING_SECONDS: Final = 0.001  # sums of floats are not exact

T = TypeVar("T")


class Deadlines:
    """Deadlines of the answers that one event loop is working on."""

    def __init__(self) -> None:
        self._slots: deque[tuple[float, set[_Deadline]]] = deque()  # when a slot was opened, and what began since
        self._newest: set[_Deadline] | None = None  # None while no timer runs

    @property
    def is_timing(self) -> bool:
        """Return whether a timer runs: while there are answers to wait for, and a moment longer."""
        return self._newest is not None

    async def keep(self, answer: Awaitable[T]) -> T:
        """Await `answer` for at most ANSWER_SECONDS.

        Raises Unavailable when they are over; the operation may or may not have taken effect. Somebody else's
        cancellation goes through, also one at the same time.
        """
        slot = self._newest
        if slot is None:
            slot = self._open_slot()
        deadline = _Deadline(asyncio.current_task())
        slot.add(deadline)
        try:
            return await answer
        except asyncio.CancelledError:
            if deadline.is_the_only_canceller():
                raise Unavailable("database.unavailable", retry_after=RETRY_AFTER_SECONDS) from None
            raise
        finally:
            slot.discard(deadline)
            if deadline.is_over:
                deadline.task.uncancel()

    def _open_slot(self) -> set[_Deadline]:
        """Open a slot now, and plan the next one."""
        loop = asyncio.get_running_loop()
        slot: set[_Deadline] = set()
        self._newest = slot
        self._slots.append((loop.time(), slot))
        loop.call_later(GRANULARITY_SECONDS, self._look)
        return slot

    def _look(self) -> None:
        """End the deadlines of slots that are old enough. Without any left, the timer rests until the next answer."""
        now, slots = asyncio.get_running_loop().time(), self._slots
        opened_at, newest = slots[-1]
        slots[-1] = (
            max(opened_at, now - GRANULARITY_SECONDS),
            newest,
        )  # after a standstill, what has just begun is in it
        opened_by = now - ANSWER_SECONDS + _ROUNDING_SECONDS
        while slots and (not slots[0][1] or slots[0][0] <= opened_by):
            for deadline in slots.popleft()[1]:
                deadline.end()
        if slots:
            self._open_slot()
        else:
            self._newest = None


class _Deadline:
    """One answer's deadline. It cancels the task, and tells its own cancellation from others'."""

    __slots__ = ("cancelled_before", "is_over", "task")

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        assert task is not None, "only a task can be cancelled"
        self.task = task
        self.cancelled_before = task.cancelling()
        self.is_over = False

    def end(self) -> None:
        self.is_over = True
        self.task.cancel()

    def is_the_only_canceller(self) -> bool:
        return self.is_over and self.task.cancelling() - 1 <= self.cancelled_before
