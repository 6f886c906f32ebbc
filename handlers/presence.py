"""Presence: conversations that are open on the web, so that Telegram need not ring, and typing is shown."""

from __future__ import annotations

from datetime import timedelta

from domain.dialogs import Dialog
from domain.messages import Message
from domain.reads import Typing, time_to_hold
from domain.standing import READ_OWN
from domain.talks import is_talk_open
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.standing import require_right
from handlers.swaps import get_conversation


async def open_view(deps: Deps, actor: User, swap_id: str, *, view_id: str, is_typing: bool = False) -> None:
    """Record that the actor has the conversation open in this view; to be repeated for as long as it is.

    Raises NotFound.
    """
    await require_right(deps, actor, READ_OWN)
    swap = await get_conversation(deps, actor, swap_id)
    await deps.store.presence.open(view_id, actor.id, swap.id, is_typing=is_typing)


async def close_views(deps: Deps, view_ids: list[str]) -> None:
    """Record that these views are closed."""
    await deps.store.presence.close(view_ids)


async def hold_back(deps: Deps, reader: User, message: Message) -> timedelta | None:
    """Return how long a message waits because its reader may read it in an open view: zero once it has been read, None
    when it is to be sent now."""
    if await deps.store.reads.get(message.swap_id, reader.id) >= message.seq:
        return timedelta(0)
    wait = time_to_hold(message.created_at, at=deps.now())
    if wait is None or not await deps.store.presence.is_open(reader.id, message.swap_id):
        return None
    return wait


async def readers_in_telegram(deps: Deps, typing: Typing) -> list[User]:
    """Return the users who see typing in Telegram: the others who have that conversation open there. Nobody when
    another process forwards this event."""
    swap = await deps.store.swaps.find_recent(typing.swap_id)
    if swap is None or not is_talk_open(swap, deps.now()):
        return []
    people = [await deps.store.users.find_recent(person) for person in swap.others(typing.user_id)]
    present = [one for one in people if one is not None and one.telegram_id is not None and one.telegram_reachable]
    found = [one for one in present if (await _dialog(deps, one)).active_swap_id == swap.id]
    return found if found and await deps.store.presence.claim_relay(typing) else []


async def _dialog(deps: Deps, person: User) -> Dialog:
    assert person.telegram_id is not None
    return await deps.store.dialogs.get(person.telegram_id)
