"""Each user's newest swaps in memory, valid as long as the change stream is current.

A list is read from the database once and then follows the stream: a changed swap takes the place of its older version,
and whatever else may change who is in a list, or its order, drops the list, which is read again when it is asked for.
A read that something overtakes is not kept.

Writes of this process count at once. Those that lead to a new version are put here, and an older version that the
stream still brings is ignored. Those that leave the version as it is have no such order: whoever they concern is
`barred` from memory until the stream has certainly brought them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from domain.swaps import MAX_PAGE, Swap
from storage.mongodb.versioned_cache import MAX_AGE, MAX_SILENCE

Page = Sequence[Swap]

MAX_KEPT = 15_000
"""Swaps in all lists together; the list that was asked for longest ago goes first."""

KEPT_OF_ONE = MAX_PAGE + 1
"""Swaps of one user: the first page, and one more, which shows that there is a next page."""

MAX_LATE = 1.0
"""Seconds after a change's commit that the stream may bring it, for lists to be trusted."""

BARRED_FOR = MAX_SILENCE + MAX_LATE + 1.0
"""Seconds after which a stream that is trusted has brought a write, and everything before it."""


class Query(NamedTuple):
    """Question for a page of a user's swaps, newest first. `before` is the last id of the previous page."""

    statuses: tuple[str, ...] | None
    before: str | None
    limit: int
    with_circles: bool

    def has(self, swap: Swap) -> bool:
        return (
            (self.with_circles or swap.circle is None)
            and (self.statuses is None or swap.status in self.statuses)
            and (self.before is None or swap.id < self.before)
        )


@dataclass(slots=True)
class _List:
    """Newest swaps of a user by id, newest first; all of them if it `is_whole`. `last` are the last question since it
    changed, and the answer: the same question gets the same object."""

    read_at: float
    swaps: dict[str, Swap]
    is_whole: bool
    last: tuple[Query, Page] | None = None

    def answer(self, query: Query) -> Page | None:
        """Return the page; None when it may go on beyond this list."""
        if self.last is not None and self.last[0] == query:
            return self.last[1]
        found = [swap for swap in self.swaps.values() if query.has(swap)]
        if not self.is_whole and len(found) < query.limit:
            return None
        self.last = query, tuple(found[: query.limit])
        return self.last[1]


@dataclass(eq=False, slots=True)
class _Reading:
    """Read of a user's swaps that is under way, and what has changed since it began."""

    user_id: str
    changed: set[str] = field(default_factory=set)
    is_overtaken: bool = False


class SwapLists:
    def __init__(self, same: Callable[[str, Swap], Swap], *, max_kept: int = MAX_KEPT) -> None:
        """`same` returns the one object that memory has for a swap that has been read."""
        self._max_kept = max_kept
        self._same = same
        self._count = 0
        self._lists: OrderedDict[str, _List] = OrderedDict()
        self._holders: dict[str, tuple[str, ...]] = {}  # by swap id: whose lists it is in; a set takes thrice the room
        self._readings: set[_Reading] = set()
        self._barred: dict[str, float] = {}  # by user id, until when
        self._all_barred_until = 0.0
        self.is_vouched_for: Callable[[], bool] = lambda: False

    async def page(self, user_id: str, query: Query, read: Callable[[], Awaitable[Page]]) -> Page | None:
        """Return a user's page; None when memory does not surely have all of it. `read` reads the newest KEPT_OF_ONE
        swaps of the user, to be kept. What is kept is a tuple, the same object until something in it changes; a list is
        for this question alone."""
        known, is_kept = self._find(user_id), True
        if known is None and query.before is None and (reading := self._begin(user_id)) is not None:
            try:
                newest = await read()
            finally:
                self._readings.discard(reading)
            known = _List(monotonic(), {swap.id: swap for swap in newest}, is_whole=len(newest) < KEPT_OF_ONE)
            is_kept = not reading.is_overtaken and reading.changed.isdisjoint(known.swaps)
            if is_kept:
                self._keep(user_id, known)
        page = known.answer(query) if known is not None else None
        return page if page is None or is_kept else list(page)

    def _find(self, user_id: str) -> _List | None:
        known = self._lists.get(user_id)
        if known is None or not self.is_vouched_for():
            return None
        if monotonic() - known.read_at >= MAX_AGE:
            self._forget(user_id)
            return None
        self._lists.move_to_end(user_id)
        return known

    def put(self, swap: Swap) -> None:
        """Take in a swap as it was just written, or as the stream brings it."""
        self._overtake(swap.id, swap.participants)
        for user_id in {*swap.participants, *self._holders.get(swap.id, ())}:
            mine = self._lists.get(user_id)
            if mine is None:
                continue
            known = mine.swaps.get(swap.id)
            if known is None or user_id not in swap.participants:
                self._forget(user_id)
            elif known.version <= swap.version and known is not swap:
                mine.swaps[swap.id] = swap
                mine.last = None

    def drop(self, swap_id: str) -> None:
        """Forget a swap whose document is gone, or cannot be read."""
        self._overtake(swap_id)
        for user_id in tuple(self._holders.get(swap_id, ())):
            self._forget(user_id)

    def bar(self, *user_ids: str) -> None:
        """Answer these users from the database for a while: this process has written in their swaps."""
        now = monotonic()
        self._barred = {one: until for one, until in self._barred.items() if until > now}
        for user_id in user_ids:
            self._barred[user_id] = now + BARRED_FOR
            self._forget(user_id)
        self._overtake("", user_ids)

    def bar_all(self) -> None:
        """Answer everybody from the database for a while: this process has written in swaps of whomever."""
        self._all_barred_until = monotonic() + BARRED_FOR
        self.clear()

    def clear(self) -> None:
        """Forget all lists: changes may have been missed."""
        self._lists.clear()
        self._holders.clear()
        self._count = 0
        for reading in self._readings:
            reading.is_overtaken = True

    def _begin(self, user_id: str) -> _Reading | None:
        """Begin to read the newest KEPT_OF_ONE swaps of a user; None when the result could not be kept."""
        now = monotonic()
        is_barred = now < self._all_barred_until or now < self._barred.get(user_id, 0.0)
        if is_barred or not self.is_vouched_for():
            return None
        reading = _Reading(user_id)
        self._readings.add(reading)
        return reading

    def _keep(self, user_id: str, new: _List) -> None:
        self._forget(user_id)
        self._lists[user_id] = new
        self._count += len(new.swaps) + 1  # an empty list takes room, too
        for swap_id, swap in new.swaps.items():
            new.swaps[swap_id] = self._same(swap_id, swap)
            self._holders[swap_id] = (*self._holders.get(swap_id, ()), user_id)
        while self._count > self._max_kept:
            self._forget(next(iter(self._lists)))

    def _overtake(self, swap_id: str, user_ids: Collection[str] = ()) -> None:
        for reading in self._readings:
            reading.changed.add(swap_id)
            reading.is_overtaken = reading.is_overtaken or reading.user_id in user_ids

    def _forget(self, user_id: str) -> None:
        known = self._lists.pop(user_id, None)
        if known is None:
            return
        self._count -= len(known.swaps) + 1
        for swap_id in known.swaps:
            others = tuple(holder for holder in self._holders[swap_id] if holder != user_id)
            if others:
                self._holders[swap_id] = others
            else:
                del self._holders[swap_id]
