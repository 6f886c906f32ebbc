"""The moderators' group in Telegram: set by an admin, moved with it, and given up when the bot is no longer at home
there."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from typing import Final

from domain.community import Community
from domain.errors import Conflict
from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.staff_cards import STAFF_GROUP
from domain.users import User
from handlers.audit import SERVICE, note_audit
from handlers.community import get_community, require_admin
from handlers.runtime.deps import Deps
from handlers.staff_cards import keeping_staff_card, moving_staff_cards

MAX_TRIES: Final = 12
RETRY_JITTER: Final = 0.005


@dataclass(frozen=True, slots=True)
class StaffGroup:
    """The chat of the moderators' group, and its topic if it has topics."""

    chat_id: int
    thread_id: int | None
    locale: str


async def find_staff_group(deps: Deps) -> StaffGroup | None:
    """Return the moderators' group; None for none: then cards go to each moderator by themselves."""
    return _group_of(await get_community(deps))


def _group_of(community: Community) -> StaffGroup | None:
    if community.staff_chat_id is None:
        return None
    locale = community.staff_locale or next((code for code in community.languages if code in LOCALES), DEFAULT_LOCALE)
    return StaffGroup(community.staff_chat_id, community.staff_thread_id, locale)


async def set_staff_group(deps: Deps, actor: User, chat_id: int, thread_id: int | None) -> None:
    """Make this group, or this topic of it, the moderators': open cards move there. Raises Forbidden."""
    require_admin(deps, actor)
    async with moving_staff_cards(deps):
        before, _ = await _change(deps, staff_chat_id=chat_id, staff_thread_id=thread_id, staff_locale=actor.locale)
    await note_audit(
        deps,
        by=actor.id,
        action="staff_group.set",
        about="",
        before={"chat_id": before.staff_chat_id, "thread_id": before.staff_thread_id},
        after={"chat_id": chat_id, "thread_id": thread_id},
    )


async def forget_staff_group(deps: Deps, chat_id: int) -> bool:
    """Give up the group, in which the bot can no longer do its work: the cards go to each moderator, and admins are
    told. False when it was not the moderators' group."""
    if (await deps.store.community.get()).staff_chat_id != chat_id:
        return False
    lost = str(chat_id)
    async with moving_staff_cards(deps), keeping_staff_card(deps, STAFF_GROUP, lost):
        _, after = await _change(deps, only_if=chat_id, staff_chat_id=None, staff_thread_id=None)
    if after is not None:
        await note_audit(deps, by=SERVICE, action="staff_group.lost", about="", before={"chat_id": chat_id})
    return after is not None


async def forget_staff_topic(deps: Deps, chat_id: int) -> bool:
    """Give up the topic, which is gone: cards are written into the group itself."""
    _, after = await _change(deps, only_if=chat_id, staff_thread_id=None)
    return after is not None


async def move_staff_group(deps: Deps, old_chat_id: int, new_chat_id: int) -> bool:
    """Take the new id of a group that has become a supergroup; False when it was not the moderators' group.

    Its old messages cannot be edited in the new chat: open cards are written anew there.
    """
    if (await deps.store.community.get()).staff_chat_id != old_chat_id:
        return False
    async with moving_staff_cards(deps):
        _, after = await _change(deps, only_if=old_chat_id, staff_chat_id=new_chat_id, staff_thread_id=None)
        await deps.store.staff_cards.forget_chat(old_chat_id)
    return after is not None


async def _change(deps: Deps, *, only_if: int | None = None, **changes: object) -> tuple[Community, Community | None]:
    """Change the community's fields about the group. `only_if`: the chat that it has to be still."""
    for _ in range(MAX_TRIES):
        before = await deps.store.community.get()
        if only_if is not None and before.staff_chat_id != only_if:
            return before, None
        after = await deps.store.community.replace(before, replace(before, **changes))  # type: ignore[arg-type]
        if after is not None:
            return before, after
        await asyncio.sleep(random.random() * RETRY_JITTER)
    raise Conflict("community.changed", current=await deps.store.community.get())
