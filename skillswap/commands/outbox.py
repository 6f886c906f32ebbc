"""`skillswap outbox`: waiting and dead deliveries, and updates that failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from domain.deliveries import DEAD
from handlers.dead_letters import (
    drop_delivery,
    drop_update,
    each_dead_delivery,
    each_dead_update,
    list_dead_updates,
    list_deliveries,
    retry_delivery,
    retry_update,
)
from handlers.runtime.deps import Deps
from skillswap.commands.admin import on_database
from skillswap.output import say
from skillswap.settings import Settings

ALL = "all"


async def outbox(
    settings: Settings, *, action: str, which: str = "", state: str = DEAD, of_updates: bool = False
) -> int:
    """Run `list`, `retry` or `drop` on the configured database, or on the embedded one of the data folder.

    `which` names one entry as `list` prints it, or is "all" (dead ones). Returns 1 when there is no such entry.
    """

    async def act(deps: Deps) -> int:
        if action == "list":
            return await _list_updates(deps) if of_updates else await _list_deliveries(deps, state)
        change = _change_update if of_updates else _change_delivery
        if which == ALL:
            changes = [await change(deps, action, name) async for name in _dead(deps, of_updates=of_updates)]
            done = sum(changes)
        elif not (done := await change(deps, action, which)):
            say(f"There is no dead line {which}: skillswap outbox list shows them.")
            return 1
        say(f"{int(done)} {'to be tried again' if action == 'retry' else 'dropped'}.")
        return 0

    return await on_database(settings, act)


async def _list_deliveries(deps: Deps, state: str) -> int:
    lines = await list_deliveries(deps, state)
    for line in lines:
        age = _age(deps.now() - line.happened_at)
        say(f"{line.source_id}/{line.id}  {line.channel:<8}  {age:>6}  {line.attempts:>2} tries  {line.reason or '-'}")
    if not lines:
        say("Nothing is dead." if state == DEAD else "Nothing waits.")
    return 0


async def _list_updates(deps: Deps) -> int:
    updates = await list_dead_updates(deps)
    for update in updates:
        age = _age(deps.now() - update.stored_at)
        say(f"{update.bot_id}/{update.update_id}  {age:>6}  {update.attempts:>2} tries")
    if not updates:
        say("No update is dead.")
    return 0


async def _dead(deps: Deps, *, of_updates: bool) -> AsyncIterator[str]:
    if of_updates:
        async for update in each_dead_update(deps):
            yield f"{update.bot_id}/{update.update_id}"
    else:
        async for line in each_dead_delivery(deps):
            yield f"{line.source_id}/{line.id}"


async def _change_delivery(deps: Deps, action: str, name: str) -> bool:
    source_id, _, delivery_id = name.partition("/")
    return await (retry_delivery if action == "retry" else drop_delivery)(deps, source_id, delivery_id)


async def _change_update(deps: Deps, action: str, name: str) -> bool:
    bot_id, _, update_id = name.partition("/")
    if not (bot_id.isdecimal() and update_id.isdecimal()):
        return False
    return await (retry_update if action == "retry" else drop_update)(deps, int(bot_id), int(update_id))


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
