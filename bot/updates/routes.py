"""Which update goes to which callback: one ordered list."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import (
    ApplicationHandlerStop,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot import (
    accounts,
    alerts,
    auth,
    blocks,
    circles,
    edits,
    inline_cards,
    matches,
    messages,
    moderation,
    photos,
    proposals,
    settings,
    swaps,
    users,
)
from bot.delivery import notifier
from bot.errors import on_error
from bot.profile import fields, onboarding, skill_levels, timezones
from bot.updates.context import Context
from bot.views.screens import Screen, show, toast, way_back
from domain.geo import coarse
from domain.users import BANNED

Callback = Callable[..., Coroutine[Any, Any, None]]

MODULES: tuple[Any, ...] = (
    onboarding,
    users,
    photos,
    settings,
    accounts,
    auth,
    matches,
    alerts,
    proposals,
    circles,
    swaps,
    messages,
    edits,
    moderation,
    skill_levels,
    blocks,
    timezones,
)

OPEN_TO_ALL = ("start", "help", "privacy")
"""What works before somebody has registered."""

STAYS_OPEN = {
    users.FLOW: ("edit", "level", "photo", "visibility", "cancel", "help", "privacy"),
    onboarding.FLOW: ("start", "step", "ob", "cancel", "help", "privacy", "settings", "lang", "notify"),
    timezones.FLOW: ("zone", "cancel", "help"),
}
"""Commands and buttons that leave an open question about oneself open, or close it themselves."""


def _merged(name: str) -> dict[str, Callback]:
    merged: dict[str, Callback] = {}
    for module in MODULES:
        for key, callback in getattr(module, name, {}).items():
            if key in merged:
                raise ValueError(f"{name} has {key!r} twice")
            merged[key] = callback
    return merged


def add_routes(application: Any) -> None:
    """Register everything. Order matters: the first handler that takes an update answers it."""
    commands, presses = _merged("COMMANDS"), _merged("PRESSES")
    texts, photo_flows = _merged("ON_TEXT"), _merged("ON_PHOTO")
    pictures = filters.PHOTO | filters.Document.IMAGE
    application.add_handler(TypeHandler(Update, _let_in), group=-1)
    application.add_handler(ChatMemberHandler(notifier.on_membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(CallbackQueryHandler(_press(presses)))
    application.add_handler(InlineQueryHandler(inline_cards.on_inline_query))
    application.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, edits.on_edit))
    for name, callback in commands.items():
        guarded = callback if name in OPEN_TO_ALL else _registered(callback)
        application.add_handler(CommandHandler(name, _going_to(name, guarded)))
    application.add_handler(MessageHandler(filters.COMMAND, _registered(_unknown_command)))
    application.add_handler(MessageHandler(filters.TEXT, _registered(_text(texts))))
    application.add_handler(MessageHandler(pictures, _registered(_photo(photo_flows))))
    places = _merged("ON_PLACE")
    application.add_handler(MessageHandler(filters.LOCATION, _registered(_place(places))))
    # A pinned message, a timer that was set: Telegram's own notes are for nobody to answer.
    application.add_handler(MessageHandler(~filters.StatusUpdate.ALL, _registered(_unsupported)))
    application.add_error_handler(on_error)


async def _let_in(update: Update, context: Context) -> None:
    """Groups, channels and other bots are not for us; a person in a group is told where to write. Who has been banned
    is told so."""
    chat, sender = update.effective_chat, update.effective_user
    if sender is None or sender.is_bot:
        raise ApplicationHandlerStop
    if update.message is not None and update.message.via_bot == context.bot.bot:  # a card of ours, shared right here
        raise ApplicationHandlerStop
    if chat is not None and chat.type != ChatType.PRIVATE:
        if update.message is not None and update.message.text and update.message.text.startswith("/"):
            await show(context, Screen(context.texts("common.private_only")))
        raise ApplicationHandlerStop
    if context.is_registered and context.user.status == BANNED and update.my_chat_member is None:
        if update.callback_query is not None:
            await toast(context, context.texts.plain("common.banned"), is_alert=True)
        elif update.message is not None:
            await show(context, Screen(context.texts("common.banned")))
        raise ApplicationHandlerStop


def _registered(callback: Callback) -> Callback:
    """Only for people who have pressed Start; anybody else is welcomed first."""

    async def guarded(update: Update, context: Context, *parts: str) -> None:
        if context.is_registered:
            await callback(update, context, *parts)
        else:
            await onboarding.COMMANDS["start"](update, context)

    return guarded


def _going_to(name: str, callback: Callback) -> Callback:
    """Who goes elsewhere has done with questions about themselves: what they write there is no skill and no place."""

    async def leaving(update: Update, context: Context, *parts: str) -> None:
        if name not in STAYS_OPEN.get(context.dialog.flow, (name,)):
            await context.leave_dialog()
        await callback(update, context, *parts)

    return leaving


def _press(presses: dict[str, Callback]) -> Callback:
    async def on_press(update: Update, context: Context) -> None:
        query = update.callback_query
        name, *parts = ((query.data if query else None) or "").split(":")
        callback = presses.get(name)
        if callback is None:
            await toast(context, context.texts.plain("common.old_button"))
            return
        await _going_to(name, _registered(callback))(update, context, *parts)
        await toast(context)

    return on_press


def _text(flows: dict[str, Callback]) -> Callback:
    async def on_text(update: Update, context: Context) -> None:
        """A reply to something of a swap goes there; anything else answers the open question, or is conversation."""
        message = update.message
        if message is None:
            return
        replied = await messages.find_replied_swap(context, message)
        answer = flows.get(context.dialog.flow)
        if answer is not None and replied is None:
            await answer(update, context, message.text or "")
        else:
            await messages.on_text(context, message, replied)

    return on_text


def _photo(flows: dict[str, Callback]) -> Callback:
    async def on_photo(update: Update, context: Context) -> None:
        """As a text; and nothing is fetched from Telegram before it is known where it goes."""
        message = update.message
        if message is None:
            return
        replied = await messages.find_replied_swap(context, message)
        answer = flows.get(context.dialog.flow)
        if answer is None or replied is not None:
            await messages.on_photo(context, message, replied)
        elif file := message.photo[-1] if message.photo else message.document:
            await answer(update, context, await photos.download_photo(context, file.file_id))

    return on_photo


def _place(flows: dict[str, Callback]) -> Callback:
    async def on_place(update: Update, context: Context) -> None:
        """Taken only where the open question is about the place: nobody's whereabouts are kept unasked."""
        callback = flows.get(context.dialog.flow)
        location = update.message.location if update.message else None
        if callback is None or location is None or context.dialog.step != fields.LOCATION:
            await _unsupported(update, context)
            return
        await callback(update, context, coarse(location.latitude, location.longitude))

    return on_place


async def _unknown_command(update: Update, context: Context) -> None:
    await show(context, Screen(context.texts("common.unknown_command"), ((way_back(context.texts, "home"),),)))


async def _unsupported(update: Update, context: Context) -> None:
    """Stickers, voices, locations, contacts …: never silence, and nothing of it is kept."""
    if update.message is not None:
        await show(context, Screen(context.texts("common.unsupported"), ((way_back(context.texts, "home"),),)))
