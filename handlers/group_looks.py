"""People to look for in the community's Telegram group, and when. Telegram is asked by the process with the bot."""

from __future__ import annotations

from typing import Final

from domain.community import GROUP, Community
from domain.joining import FRESH, LOOKED_AT_EVERY
from domain.users import MEMBER, User
from handlers.community import get_community
from handlers.runtime.deps import Deps
from storage.group_checks import GroupCheck

__all__ = [
    "GroupCheck",
    "due_group_checks",
    "postpone_look",
    "want_fresh_look",
    "want_look",
    "watched_group",
]

AT_ONCE: Final = 20
"""Users of whom Telegram is asked before the community is read anew."""


async def watched_group(deps: Deps) -> Community | None:
    """Return the community while a group is its door; None for any other door."""
    community = await get_community(deps)
    return community if community.join == GROUP and community.group_chat_id is not None else None


async def due_group_checks(deps: Deps) -> list[GroupCheck]:
    """Return some users of whom Telegram is to be asked now."""
    return await deps.store.group_checks.due(deps.now(), limit=AT_ONCE)


async def postpone_look(deps: Deps, check: GroupCheck) -> None:
    """Leave a look that has failed for the next day."""
    now = deps.now()
    await deps.store.group_checks.done(check, at=now, next_at=now + LOOKED_AT_EVERY)


async def want_look(deps: Deps, telegram_id: int) -> bool:
    """Have Telegram asked about somebody at once: it says that something has changed. False for who is no user."""
    return await deps.store.group_checks.want_at_once(telegram_id, at=deps.now())


async def want_fresh_look(deps: Deps, user: User) -> None:
    """Have Telegram asked about a member who asks others for something, unless that was done within FRESH.

    Nobody waits for the answer: until the grace is over it changes nothing. A process without a bot leaves it to the
    one that has it.
    """
    if user.telegram_id is None or user.role != MEMBER or await watched_group(deps) is None:
        return
    await deps.store.group_checks.want(user.id, at=deps.now(), fresh_for=FRESH)
