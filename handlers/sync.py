"""Catching up: everything that a client has missed, in a few reads for any number of conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.errors import NotFound
from domain.messages import MAX_PAGE
from domain.sync import MAX_SWAPS, OVERLAP, Missed, News, SyncCursor, is_too_far
from domain.users import User
from handlers.reads import list_reads
from handlers.runtime.deps import Deps
from handlers.swaps import get_conversation
from storage.sync import Since


async def catch_up(deps: Deps, actor: User, cursors: Sequence[SyncCursor], *, since: datetime | None = None) -> News:
    """Return messages, changes and read marks after the cursors, and the swaps changed since `since`.

    About 200 messages and as many changes at most; `has_more` says where there are more.
    """
    now = deps.now()
    mine: dict[str, SyncCursor] = {}
    missed: list[Missed] = []
    for cursor in cursors:
        try:
            mine[(await get_conversation(deps, actor, cursor.swap_id)).id] = cursor
        except NotFound:
            missed.append(Missed(cursor.swap_id, is_lost=True, is_absent=True))
    missed = [*await _list_missed(deps, mine), *missed]
    if since is None:
        return News(missed, [], now)
    if is_too_far(since, at=now):
        return News(missed, [], now, is_lost=True)
    swaps = await deps.store.sync.list_swaps(actor.id, since=since - OVERLAP, limit=MAX_SWAPS)
    return News(missed, swaps, now, is_lost=len(swaps) == MAX_SWAPS)


async def _list_missed(deps: Deps, cursors: Mapping[str, SyncCursor]) -> list[Missed]:
    """Read changes before messages: one that happens in between comes twice rather than never."""
    known = {swap_id: cursor.changes for swap_id, cursor in cursors.items() if cursor.changes is not None}
    changed = await deps.store.sync.list_since("changed", known)
    tops = {swap_id: await deps.store.edits.last(swap_id) for swap_id in cursors if swap_id not in known}
    said = await deps.store.sync.list_since(
        "seq", {swap_id: cursor.after for swap_id, cursor in cursors.items() if cursor.after is not None}
    )
    fresh = [swap_id for swap_id in cursors if swap_id not in said]
    for swap_id in fresh:
        said[swap_id] = Since(await deps.store.messages.list_last(swap_id, limit=MAX_PAGE // len(fresh)))
    reads = await list_reads(deps, list(cursors)) if cursors else {}
    found = []
    for swap_id in cursors:
        changes, messages = changed.get(swap_id), said[swap_id]
        if messages.is_ahead or (changes is not None and changes.is_ahead):
            found.append(Missed(swap_id, is_lost=True))
            continue
        newer = changes.messages if changes is not None else []
        found.append(
            Missed(
                swap_id,
                messages.messages,
                newer,
                changes=newer[-1].changed if newer else known.get(swap_id, tops.get(swap_id, 0)),
                reads=reads[swap_id],
                has_more=messages.has_more or (changes is not None and changes.has_more),
            )
        )
    return found
