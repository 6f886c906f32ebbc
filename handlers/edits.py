"""Edits and deletions of messages, for everybody in the swap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.deliveries import Delivery
from domain.errors import Unavailable
from domain.events import MESSAGE_DELETED, MESSAGE_EDITED
from domain.messages import TELEGRAM, WEB, Message
from domain.standing import ANSWER
from domain.talks import require_talk
from domain.users import User
from handlers.messages import get_message
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import MESSAGES
from handlers.screening import screen_edit
from handlers.standing import require_right
from handlers.swaps import get_swap

FOLD_WITHIN: Final = timedelta(seconds=1)
MAX_TRIES = 5
"""Attempts at one change of a message when other changes are faster."""


async def edit_message(
    deps: Deps, actor: User, swap_id: str, seq: int, text: str, *, via: str = WEB, photo_url: str | None = None
) -> Message:
    """Replace the text of the actor's own message, and its photo if one is given; the old ones are not kept.

    What they once wrote in Telegram, the bot cannot change there: after an edit on the web it tells them so.

    Raises NotFound, Forbidden, Invalid, TooMany, or Conflict: the swap is not open for talk, the message is deleted or
    too old.
    """
    await require_right(deps, actor, ANSWER)
    swap = await get_swap(deps, actor, swap_id)
    require_talk(swap, actor.id, deps.now())
    deps.rates.take("message", actor.id, MESSAGES, at=deps.now())
    before = await get_message(deps, swap.id, seq)
    photo = await deps.photos.find_by_url(photo_url) if photo_url is not None else None

    def edit(message: Message) -> Message:
        size = photo.size if photo is not None else None
        return message.edit(by=actor.id, text=text, at=deps.now(), photo_url=photo_url, photo_size=size, via=via)

    wanted = edit(before)
    if wanted is not before and (waiting := await screen_edit(deps, actor, swap, before, wanted)) is not None:
        return waiting
    send_at = _send_at(before, deps.now())
    is_outdated = via != TELEGRAM or any(copy.is_outdated for copy in before.all_copies_of(actor.id))
    readers = swap.participants if before.all_copies_of(actor.id) and is_outdated else swap.others(actor.id)
    deliveries = await deliveries_to(deps, readers, MESSAGE_EDITED, at=send_at)

    edited = await _change(deps, before, edit, deliveries)
    if before.photo_url not in (None, edited.photo_url):
        await deps.photos.release(before.photo_url, owner_id=actor.id)
    return edited


def _send_at(before: Message, now: datetime) -> datetime:
    """Return when an edit is delivered: at once, or after a moment together with those that follow soon."""
    is_quick = before.edited_at is not None and now - before.edited_at < FOLD_WITHIN
    return now + FOLD_WITHIN if is_quick else now


async def delete_message(deps: Deps, actor: User, swap_id: str, seq: int) -> Message:
    """Empty the actor's own message, also in a swap that is over. Its seq stays; copies in Telegram are deleted.

    Raises NotFound, Forbidden, TooMany.
    """
    await require_right(deps, actor, ANSWER)
    swap = await get_swap(deps, actor, swap_id)
    deps.rates.take("message", actor.id, MESSAGES, at=deps.now())
    deliveries = await deliveries_to(deps, swap.participants, MESSAGE_DELETED)

    def delete(message: Message) -> Message:
        return message.delete(by=actor.id, at=deps.now())

    before = await get_message(deps, swap.id, seq)
    deleted = await _change(deps, before, delete, deliveries)
    if before.photo_url is not None:
        await deps.photos.release(before.photo_url, owner_id=actor.id)
    return deleted


async def _change(
    deps: Deps, message: Message, change: Callable[[Message], Message], deliveries: Sequence[Delivery]
) -> Message:
    for _ in range(MAX_TRIES):
        changed = change(message)
        if changed is message:
            return message
        stored = await deps.store.edits.change(message, changed, deliveries)
        if stored is not None:
            return stored
        message = await get_message(deps, message.swap_id, message.seq)
    raise Unavailable("chat.busy", retry_after=1)
