"""Sight of the members' group: admins are told once when it cannot, and when it can again.

Nobody is thrown out while it cannot.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.community import GROUP, Community
from domain.users import ADMIN
from handlers.letters import send_letter
from handlers.runtime.deps import Deps

MAX_TRIES: Final = 12


async def note_group_unseen(deps: Deps, chat_id: int) -> None:
    """Note that the bot cannot see who is in this group. Repeating it tells nobody twice."""
    noted = await _change(deps, chat_id, unseen_at=deps.now())
    if noted is not None and noted.group_unseen_at is not None:
        await _tell_admins(deps, "group_unseen", noted.group_unseen_at)


async def note_group_seen(deps: Deps, chat_id: int) -> None:
    """Note that the bot can see who is in this group; admins hear of it if they were told that it cannot."""
    community = await deps.store.community.get_cached()
    if community.group_chat_id != chat_id or community.group_unseen_at is None:
        return
    await _tell_admins(deps, "group_seen", community.group_unseen_at)
    await _change(deps, chat_id, unseen_at=None)


async def note_group_link(deps: Deps, chat_id: int, link: str) -> None:
    """Keep a link into the group, for whoever has left it."""
    for _ in range(MAX_TRIES):
        before = await deps.store.community.get()
        if before.group_chat_id != chat_id or before.group_link == link:
            return
        if await deps.store.community.replace(before, replace(before, group_link=link)) is not None:
            return


async def _change(deps: Deps, chat_id: int, *, unseen_at: datetime | None) -> Community | None:
    """Note since when the group is not seen: the first time counts. None when it is not the door any more."""
    for _ in range(MAX_TRIES):
        before = await deps.store.community.get()
        if before.join != GROUP or before.group_chat_id != chat_id:
            return None
        if (before.group_unseen_at is None) == (unseen_at is None):
            return before
        after = await deps.store.community.replace(before, replace(before, group_unseen_at=unseen_at))
        if after is not None:
            return after
    return None


async def _tell_admins(deps: Deps, kind: str, since: datetime) -> None:
    for admin in await deps.store.users.list_by_roles([ADMIN]):
        await send_letter(deps, admin.id, kind, key=f"{kind}:{since.isoformat()}:{admin.id}")
