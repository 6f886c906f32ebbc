"""The sweep works on many swaps at once, and each of them is still a change of its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from domain.swaps import Swap
from domain.timetable import SUGGEST_AFTER
from domain.users import User
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.sessions import arrange_sessions
from handlers.swaps import accept_swap
from handlers.timeline import do_due_steps
from storage.mongodb.database import Database
from tests.factories import insert_swap, insert_user, later, recipients_of

SWAPS = 60
FEW = 12
"""Most commands of one sweep, however many swaps are due."""


async def running_swaps(deps: Deps, count: int) -> tuple[list[User], list[Swap]]:
    """Return running swaps, each of two people of its own, and those who asked."""
    askers, swaps = [], []
    for _ in range(count):
        one, other = [await insert_user(deps, telegram_id=True) for _ in range(2)]
        asked = await insert_swap(deps, one, other)
        askers.append(one)
        swaps.append(await accept_swap(deps, other, asked.id))
    return askers, swaps


async def commands(database: Database) -> int:
    """Return the number of reads and writes that the database has been sent."""
    counts = (await database.command({"serverStatus": 1}))["metrics"]["commands"]
    return sum(int(counts[name]["total"]) for name in ("find", "update", "aggregate", "findAndModify"))


async def test_a_sweep_does_not_ask_the_database_for_each_swap(deps: Deps, database: Database) -> None:
    _, swaps = await running_swaps(deps, SWAPS)
    then = later(deps, SUGGEST_AFTER + timedelta(hours=1))
    before = await commands(database)
    assert await do_due_steps(then) == SWAPS
    assert await commands(database) - before <= FEW
    for swap in swaps:
        assert len(await recipients_of(database, swap.id, "swap.unplanned")) == 2


async def test_a_swap_that_changes_during_the_sweep_is_left_alone_and_the_others_are_told(
    deps: Deps, database: Database
) -> None:
    askers, swaps = await running_swaps(deps, SWAPS)
    then = later(deps, SUGGEST_AFTER + timedelta(hours=1))

    changes = [arrange_sessions(then, asker, swap.id) for asker, swap in zip(askers[::3], swaps[::3], strict=True)]
    await asyncio.gather(do_due_steps(then), do_due_steps(then), *changes)
    for number, swap in enumerate(swaps):
        told = len(await recipients_of(database, swap.id, "swap.unplanned"))
        assert told == 2 or (told == 0 and number % 3 == 0), (number, told)
    assert await do_due_steps(then) == 0


async def test_only_the_pair_that_has_written_lately_is_not_nudged(deps: Deps, database: Database) -> None:
    askers, swaps = await running_swaps(deps, 3)
    then = later(deps, SUGGEST_AFTER + timedelta(hours=1))
    await send_message(then, askers[1], Draft(swaps[1].id, "Tuesday?", via="web"))
    assert await do_due_steps(then) == 2
    told = [len(await recipients_of(database, swap.id, "swap.unplanned")) for swap in swaps]
    assert told == [2, 0, 2]
