"""Lists of swaps in memory: what is kept, what takes its place, and what ends a list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.swaps import MAX_PAGE, Swap
from storage import swap_lists
from storage.mongodb.versioned_cache import VersionedCache
from storage.swap_lists import KEPT_OF_ONE, Query, SwapLists
from tests.domain.event_swaps import ADA, BEN, NOOR, circle, pair
from tests.waiting import WAIT_SECONDS

ALL = Query(None, None, MAX_PAGE + 1, False)


class Reads:
    """Reads of a person's swaps, which are counted."""

    def __init__(self, *swaps: Swap) -> None:
        self.swaps: Sequence[Swap] = swaps
        self.count = 0

    async def __call__(self) -> Sequence[Swap]:
        self.count += 1
        return self.swaps


def make_lists(**options: int) -> SwapLists:
    cache: VersionedCache[Swap] = VersionedCache(lambda swap: swap.version)
    made = SwapLists(cache.put, **options)
    made.is_vouched_for = lambda: True
    return made


@pytest.fixture
def lists() -> SwapLists:
    return make_lists()


def numbered(count: int) -> list[Swap]:
    return [replace(pair(), id=f"{number:024x}") for number in range(count, 0, -1)]


async def test_a_list_is_read_once_and_follows_what_is_put(lists: SwapLists) -> None:
    old, reads = pair(), Reads(pair())
    assert await lists.page(ADA.id, ALL, reads) == (old,)
    page = await lists.page(ADA.id, ALL, reads)
    assert await lists.page(ADA.id, ALL, reads) is page
    accepted = old.accept(by=BEN.id, at=old.created_at)
    lists.put(accepted)
    lists.put(old)  # as the stream brings it, late
    assert await lists.page(ADA.id, ALL, reads) == (accepted,)
    assert await lists.page(ADA.id, ALL._replace(statuses=("pending",)), reads) == ()
    assert reads.count == 1


async def test_an_empty_list_is_kept_until_the_first_swap(lists: SwapLists) -> None:
    reads = Reads()
    assert await lists.page(ADA.id, ALL, reads) == await lists.page(ADA.id, ALL, reads) == ()
    assert reads.count == 1
    reads.swaps = (pair(),)
    lists.put(pair())
    assert await lists.page(ADA.id, ALL, reads) == (pair(),)


@pytest.mark.parametrize("what", ["put", "put without her", "drop", "bar", "clear"])
async def test_a_read_that_is_overtaken_is_not_kept(lists: SwapLists, what: str) -> None:
    old, begun, go_on = pair(), asyncio.Event(), asyncio.Event()

    async def slow() -> Sequence[Swap]:
        begun.set()
        await go_on.wait()
        return (old,)

    reading = asyncio.create_task(lists.page(ADA.id, ALL, slow))
    async with asyncio.timeout(WAIT_SECONDS):
        await begun.wait()
    match what:
        case "put":
            lists.put(old.accept(by=BEN.id, at=old.created_at))
        case "put without her":
            lists.put(replace(old, participants=(BEN.id, NOOR.id)))
        case "drop":
            lists.drop(old.id)
        case "bar":
            lists.bar(ADA.id)
        case "clear":
            lists.clear()
    go_on.set()
    assert await reading == [old]  # it was read after it was asked for; a tuple would be kept
    later = Reads()
    await lists.page(ADA.id, ALL, later)
    assert later.count == (what != "bar")


async def test_two_who_share_a_swap_share_its_memory(lists: SwapLists) -> None:
    (one,) = await lists.page(ADA.id, ALL, Reads(pair())) or ()
    (other,) = await lists.page(BEN.id, ALL, Reads(pair())) or ()
    assert one is other
    newer = replace(pair(), version=2)
    lists.clear()
    await lists.page(ADA.id, ALL, Reads(pair()))
    assert await lists.page(BEN.id, ALL, Reads(newer)) == (newer,)


async def test_a_read_that_fails_leaves_nothing(lists: SwapLists) -> None:
    async def fail() -> Sequence[Swap]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await lists.page(ADA.id, ALL, fail)
    assert await lists.page(ADA.id, ALL, Reads(pair())) == (pair(),)


async def test_who_leaves_a_swap_no_longer_has_it(lists: SwapLists) -> None:
    one = circle()
    everything = ALL._replace(with_circles=True)
    for person in (ADA, BEN, NOOR):
        await lists.page(person.id, everything, Reads(one))
    assert await lists.page(ADA.id, ALL, Reads()) == ()  # circles are left out
    left = replace(one, participants=(ADA.id, BEN.id), version=2)
    lists.put(left)
    assert await lists.page(NOOR.id, everything, Reads()) == ()
    assert await lists.page(ADA.id, everything, Reads()) == (left,)
    lists.drop(one.id)
    assert await lists.page(BEN.id, everything, Reads()) == ()


async def test_memory_does_not_answer_beyond_what_it_has(lists: SwapLists) -> None:
    swaps = numbered(KEPT_OF_ONE + 20)
    reads = Reads(*swaps[:KEPT_OF_ONE])
    assert await lists.page(ADA.id, ALL, reads) == tuple(swaps[:KEPT_OF_ONE])
    assert await lists.page(ADA.id, ALL._replace(limit=3, before=swaps[1].id), reads) == tuple(swaps[2:5])
    assert await lists.page(ADA.id, ALL._replace(before=swaps[1].id), reads) is None
    assert await lists.page(ADA.id, ALL._replace(statuses=("accepted",)), reads) is None
    reads.swaps = few = swaps[-3:]
    lists.clear()
    assert await lists.page(ADA.id, ALL._replace(statuses=("accepted",)), reads) == ()
    assert await lists.page(ADA.id, ALL._replace(before=few[0].id), reads) == tuple(few[1:])


async def test_who_is_barred_is_answered_by_the_database_for_a_while(
    lists: SwapLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (ADA, BEN):
        await lists.page(person.id, ALL, Reads(pair()))
    lists.bar(ADA.id)
    for _ in range(2):
        assert await lists.page(ADA.id, ALL, Reads(pair())) is None
    assert await lists.page(BEN.id, ALL, Reads()) == (pair(),)
    lists.bar_all()
    assert await lists.page(BEN.id, ALL, Reads()) is None
    now = swap_lists.monotonic() + swap_lists.BARRED_FOR
    monkeypatch.setattr(swap_lists, "monotonic", lambda: now)
    for person in (ADA, BEN):
        assert await lists.page(person.id, ALL, Reads()) == ()


async def test_memory_is_bounded_and_keeps_what_was_asked_for_last() -> None:
    lists = make_lists(max_kept=8)
    for person in (ADA, BEN, ADA, NOOR):  # four places each
        await lists.page(person.id, ALL, Reads(*numbered(3)))
    again = Reads()
    await lists.page(ADA.id, ALL, again)
    assert again.count == 0
    await lists.page(BEN.id, ALL, again)
    assert again.count == 1


async def test_nothing_is_kept_or_used_while_nobody_vouches_for_it(lists: SwapLists) -> None:
    await lists.page(ADA.id, ALL, Reads(pair()))
    lists.is_vouched_for = lambda: False
    for person in (ADA, BEN):
        assert await lists.page(person.id, ALL, Reads()) is None
    lists.is_vouched_for = lambda: True
    assert await lists.page(BEN.id, ALL, Reads()) == ()
