"""Messages: each is stored once and reaches everybody else in the swap."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from domain.attachments import Attachment
from domain.errors import Conflict, Invalid, NotFound, TooMany
from domain.events import MESSAGE_SENT
from domain.messages import MAX_PAGE, Copy, Message, check_client_id, clean_message
from domain.standing import ANSWER
from domain.swaps import ACCEPTED, Swap
from domain.talks import MAX_UNANSWERED, is_counted, require_answered, require_talk
from domain.users import User
from handlers.notifications import deliveries_to
from handlers.reads import list_running, list_talks, note_answer
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import LATE_MESSAGES, MESSAGES
from handlers.screening import screen_message
from handlers.standing import require_right
from handlers.swaps import get_conversation, get_swap
from storage.messages import Stored
from storage.mongodb.database import new_id

LATE_AFTER: Final = timedelta(seconds=MESSAGES.burst * MESSAGES.seconds)
"""Age at which a message no longer counts against its sender's rate limit: the whole bucket has refilled since."""


def new_message_id() -> str:
    """Return the id of a message that is about to be sent."""
    return new_id()


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent. `client_id` is the sender's own: the same id is stored once, however often it is sent.

    `id` is that of the message, if its sender has made one, for this draft alone. `telegram` is (chat id, message id)
    of the original in Telegram; `reply_to` is the seq of the message that it answers; `written_at` is when it was
    written, if that may be some time ago. `to_user_id` only has to be right: a message goes to all others in the
    swap. `attachment` is what the original carries; the text begins with its line.
    """

    swap_id: str
    text: str
    via: str
    client_id: str | None = None
    photo_url: str | None = None
    telegram: tuple[int, int] | None = None
    reply_to: int | None = None
    written_at: datetime | None = None
    to_user_id: str | None = None
    attachment: Attachment | None = None
    id: str | None = None


async def send_message(deps: Deps, actor: User, draft: Draft) -> Message:
    """Store a message; the others in the swap receive it through their channels, a newcomer's first words perhaps not
    before a moderator has looked at them (`is_screened`).

    Raises NotFound, Conflict (the swap is not open for talk, the other one has to answer first, or the client id has
    another text), Invalid, TooMany.
    """
    await require_right(deps, actor, ANSWER)
    text = clean_message(draft.text, has_photo=draft.photo_url is not None, via=draft.via)
    message_id = draft.id or new_message_id()
    client_id = check_client_id(draft.client_id) if draft.client_id is not None else message_id
    swap = await get_conversation(deps, actor, draft.swap_id)
    if draft.to_user_id is not None and draft.to_user_id not in swap.others(actor.id):
        raise Invalid("read_only_field", field="to_user_id")
    if swap.status != ACCEPTED:  # accepted perhaps a moment ago: memory alone refuses nobody
        swap = await get_swap(deps, actor, draft.swap_id)
    if draft.client_id is not None and swap.status != ACCEPTED:
        # Its answer was lost, and the swap has ended since: the message stays sent.
        said = await deps.store.messages.find_sent(actor.id, client_id)
        if said is not None and (said.swap_id, said.message, said.photo_url) == (swap.id, text, draft.photo_url):
            return said
    require_talk(swap, actor.id, deps.now())
    photo = None
    if draft.photo_url is not None:
        photo = await deps.photos.find_by_url(draft.photo_url)
        if photo is None or photo.owner_id != actor.id:
            raise Invalid("photo.not_yours", field="photo_url")
    if draft.reply_to is not None and await deps.store.messages.find_at(swap.id, draft.reply_to) is None:
        raise Invalid("message.no_such_reply", field="reply_to")
    _keep_to_rate(deps, actor, draft.written_at)
    others = swap.others(actor.id)
    message = Message(
        id=message_id,
        swap_id=swap.id,
        seq=0,
        from_user_id=actor.id,
        to_user_id=others[0],
        also_to=others[1:],
        message=text,
        client_id=client_id,
        via=draft.via,
        created_at=deps.now(),
        photo_url=draft.photo_url,
        photo_size=photo.size if photo is not None else None,
        reply_to=draft.reply_to,
        attachment=draft.attachment,
        copies=(Copy(actor.id, *draft.telegram),) if draft.telegram else (),
    )
    if swap.status != ACCEPTED and (waiting := await screen_message(deps, actor, swap, message)) is not None:
        return waiting
    check = (MAX_UNANSWERED, partial(require_answered, swap, actor.id)) if is_counted(swap, actor.id) else None
    stored = await deps.store.messages.append(message, await deliveries_to(deps, others, MESSAGE_SENT), check=check)
    if stored.id != message_id and not stored.says_the_same(message):
        raise Conflict("message.client_id_reused")
    if draft.telegram is not None:
        await note_answer(deps, stored)
    return stored


def _keep_to_rate(deps: Deps, actor: User, written_at: datetime | None) -> None:
    """Apply the rate limit. Messages that waited during an outage arrive together, and count by the time at which they
    were written, or else as if they were written now. Raises TooMany."""
    now = deps.now()
    if written_at is not None and now - written_at > LATE_AFTER:
        with contextlib.suppress(TooMany):
            deps.rates.take("message", f"late {actor.id}", LATE_MESSAGES, at=written_at)
            return
    deps.rates.take("message", actor.id, MESSAGES, at=now)


def require_room(deps: Deps, actor: User, written_at: datetime | None = None) -> None:
    """Raise TooMany if a message of this user would be above the rate now: asked before a photo is stored for it, which
    would be stored, and count, each time that the message is tried."""
    now = deps.now()
    if written_at is not None and now - written_at > LATE_AFTER:
        with contextlib.suppress(TooMany):
            deps.rates.require_room("message", f"late {actor.id}", LATE_MESSAGES, at=written_at)
            return
    deps.rates.require_room("message", actor.id, MESSAGES, at=now)


async def list_messages(
    deps: Deps,
    actor: User,
    swap_id: str,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = MAX_PAGE,
) -> list[Message]:
    """Return messages of one of the actor's swaps in order: those after a seq, or else the newest, or those just before
    a seq."""
    swap = await get_conversation(deps, actor, swap_id)
    if after is None:
        return await deps.store.messages.list_last(swap.id, before=before, limit=limit)
    return await deps.store.messages.list_after(swap.id, after=after, limit=limit)


async def read_page(
    deps: Deps, actor: User, swap_id: str, *, after: int | None, before: int | None, limit: int
) -> list[Stored]:
    """Return what `list_messages` returns as it is stored, with times in UTC that name no zone: to be shown, and
    nothing else."""
    swap = await get_conversation(deps, actor, swap_id)
    if after is None:
        return await deps.store.messages.page_last(swap.id, before=before, limit=limit)
    return await deps.store.messages.page_after(swap.id, after=after, limit=limit)


async def get_message(deps: Deps, swap_id: str, seq: int) -> Message:
    """Return a message of a swap that the actor is known to be in. Raises NotFound."""
    message = await deps.store.messages.find_at(swap_id, seq)
    if message is None:
        raise NotFound("message.not_found")
    return message


async def find_conversation(deps: Deps, actor: User, chat_id: int, message_id: int) -> tuple[Swap, Message] | None:
    """Return the message at this place in the actor's Telegram chat, and its swap; None when there is none."""
    message = await deps.store.messages.find_by_copy(chat_id, message_id)
    if message is None:
        return None
    swap = await deps.store.swaps.find(message.swap_id)
    return (swap, message) if swap is not None and actor.id in swap.participants else None


async def list_conversations(deps: Deps, actor: User) -> list[Swap]:
    """Return the swaps and circles in which the actor may talk now: running ones, then others where somebody has
    written; newest first."""
    return [*await list_running(deps, actor), *await list_talks(deps, actor)]


async def find_sent(deps: Deps, actor: User, client_id: str) -> Message | None:
    """Return the actor's message with this client id; None when it has not been sent."""
    return await deps.store.messages.find_sent(actor.id, client_id)
