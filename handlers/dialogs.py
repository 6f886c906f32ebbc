"""Dialogs with the bot, kept in the store so that a restart changes nothing for the user."""

from __future__ import annotations

from domain.albums import Album
from domain.dialogs import Dialog, Handled, Heard
from domain.talks import is_talk_open
from domain.users import User
from handlers.runtime.deps import Deps


async def get_dialog(deps: Deps, telegram_id: int) -> Dialog:
    return await deps.store.dialogs.get(telegram_id)


async def save_dialog(deps: Deps, dialog: Dialog, *, with_conversation: bool = True) -> None:
    """Store a dialog. Without the conversation, the open one in the store is kept: the notifier may have opened it
    since the dialog was read."""
    await deps.store.dialogs.save(dialog, with_conversation=with_conversation)


async def note_asked(deps: Deps, dialog: Dialog) -> None:
    """Store which messages show the open question."""
    await deps.store.dialogs.save_asked(dialog)


async def note_heard(deps: Deps, telegram_id: int, message_id: int, swap_id: str) -> None:
    """Note that a message of a conversation has come in a user's chat."""
    await deps.store.dialogs.note_heard(telegram_id, Heard(message_id, swap_id))


async def note_receiver(deps: Deps, telegram_id: int, swap_id: str, *message_ids: int) -> None:
    """Note that the user knows, from the messages with these ids in order, whom they are writing to from now on."""
    await deps.store.dialogs.note_receiver(telegram_id, [Heard(message_id, swap_id) for message_id in message_ids])


async def note_handled(deps: Deps, telegram_id: int, message: Handled) -> None:
    """Note what became of a message that went to no conversation."""
    await deps.store.dialogs.note_handled(telegram_id, message)


async def note_album(deps: Deps, telegram_id: int, album: Album) -> None:
    """Note what is known of an album now: where its photos go, and what became of them."""
    await deps.store.dialogs.note_album(telegram_id, album)


async def forget_handled(deps: Deps, telegram_id: int, message_id: int) -> None:
    """Forget what became of a message: it has been sent to a conversation since, or waits for its sender's choice."""
    await deps.store.dialogs.forget_handled(telegram_id, message_id)


async def offer_conversation(deps: Deps, user: User, swap_id: str) -> bool:
    """Open a conversation from outside the dialog, unless the user is in another one or at a question.

    True when it is the open conversation now.
    """
    if user.telegram_id is None:
        return False
    dialog = await deps.store.dialogs.get(user.telegram_id)
    is_busy = bool(dialog.step or dialog.held)
    if dialog.active_swap_id == swap_id or is_busy:
        return dialog.active_swap_id == swap_id and not is_busy
    active = await deps.store.swaps.find(dialog.active_swap_id) if dialog.active_swap_id else None
    if active is not None and is_talk_open(active, deps.now()) and user.id in active.participants:
        return False
    await deps.store.dialogs.open_conversation(user.telegram_id, swap_id, instead_of=dialog.active_swap_id)
    opened = await deps.store.dialogs.get(user.telegram_id)
    return opened.active_swap_id == swap_id and not (opened.step or opened.held)
