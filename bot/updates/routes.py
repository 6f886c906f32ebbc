"""The routes: one ordered list of handlers, from update to callback."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
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
    applications,
    auth,
    blocks,
    cases,
    circles,
    community,
    disputes,
    door,
    edits,
    inline_cards,
    matches,
    messages,
    moderation,
    organisers,
    photos,
    proposals,
    replies,
    reports,
    reviews,
    rules,
    search_results,
    session_planning,
    sessions,
    settings,
    skill_naming,
    standing,
    swaps,
    users,
)
from bot.delivery import notifier
from bot.errors import on_error
from bot.profile import onboarding, skill_levels, timezones
from bot.staff import answers, ends, letters, questions
from bot.staff.group import GroupUpdates
from bot.updates.contents import Contents
from bot.updates.context import Context
from bot.updates.doors import require_open_door
from bot.updates.presses import AnsweredPresses
from bot.updates.refusals import BUTTONS_OF, end_refused
from bot.updates.rights import BUTTONS
from bot.views.screens import Screen, back_button, show, toast
from bot.views.swap_cards import conversation_name
from domain.errors import Problem
from domain.standing import MODERATE
from handlers.standing import require_moderator

Callback = Callable[..., Coroutine[Any, Any, None]]

MODULES: tuple[Any, ...] = (
    onboarding,
    users,
    photos,
    settings,
    accounts,
    auth,
    matches,
    search_results,
    alerts,
    proposals,
    circles,
    swaps,
    sessions,
    session_planning,
    disputes,
    answers,
    ends,
    letters,
    organisers,
    messages,
    edits,
    moderation,
    skill_naming,
    skill_levels,
    blocks,
    timezones,
    reviews,
    community,
    rules,
    reports,
    standing,
    cases,
    door,
    applications,
)

FOR_ALL = ("start", "help", "privacy", "id")
"""Commands that work for unregistered users."""

KEEPS_DIALOG = {
    users.FLOW: ("edit", "level", "photo", "visibility", "cancel", "help", "privacy", "id"),
    onboarding.FLOW: (
        "start",
        "agree",
        "door",
        "step",
        "ob",
        "cancel",
        "help",
        "privacy",
        "id",
        "settings",
        "lang",
        "notify",
    ),
    sessions.FLOW: ("sq", "cancel", "help", "id"),
    organisers.FLOW: ("oa", "sq", "cancel", "help", "id"),
    questions.FLOW: ("dd", "ow", "sk", "sq", "cancel", "help", "id"),
    timezones.FLOW: ("zone", "p", "cancel", "help", "id"),
    door.FLOW: ("door", "cancel", "help", "id"),
    community.FLOW: ("com", "community", "start", "cancel", "help", "id"),
    reports.FLOW: ("rpm", "cancel", "help", "privacy", "id"),
}
"""Commands and buttons that keep an open profile question open, or close it themselves."""


PASSED_ON = (
    filters.TEXT
    | filters.PHOTO
    | filters.Document.ALL
    | filters.VOICE
    | filters.VIDEO_NOTE
    | filters.VIDEO
    | filters.AUDIO
    | filters.ANIMATION
    | filters.Sticker.ALL
    | filters.LOCATION
    | filters.CONTACT
)
"""Filter of messages that go to a conversation or answer a question."""


def _merge_tables(name: str) -> dict[str, Callback]:
    merged: dict[str, Callback] = {}
    for module in MODULES:
        for key, callback in getattr(module, name, {}).items():
            if key in merged:
                raise ValueError(f"duplicate key {key!r} in {name}")
            merged[key] = callback
    return merged


def add_routes(application: Any) -> None:
    """Register all handlers. Order matters: the first handler that matches an update answers it."""
    commands, buttons = _merge_tables("COMMANDS"), _merge_tables("BUTTONS")
    texts, photo_flows, locations = (_merge_tables(name) for name in ("ON_TEXT", "ON_PHOTO", "ON_LOCATION"))
    contents = Contents(texts, photo_flows, locations)
    application.add_handler(TypeHandler(Update, partial(_reject_unwanted, GroupUpdates())), group=-1)
    application.add_handler(ChatMemberHandler(notifier.on_membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(CallbackQueryHandler(_button_callback(buttons)))
    application.add_handler(InlineQueryHandler(inline_cards.on_inline_query))
    application.add_handler(
        MessageHandler(filters.UpdateType.EDITED_MESSAGE, partial(edits.on_edit, take_again=contents.take_again))
    )
    for name, callback in commands.items():
        guarded = callback if name in FOR_ALL else _registered_only(callback)
        application.add_handler(CommandHandler(name, _closing_dialog(name, guarded)))
    application.add_handler(MessageHandler(filters.COMMAND, _registered_only(_unknown_command)))
    application.add_handler(MessageHandler(PASSED_ON, _registered_only(contents.on_message)))
    # Service messages (a pinned message, an auto-delete timer) are not answered.
    application.add_handler(MessageHandler(~filters.StatusUpdate.ALL, _registered_only(_unsupported)))
    application.add_error_handler(on_error)


async def _reject_unwanted(groups: GroupUpdates, update: Update, context: Context) -> None:
    """Stop updates that no callback should see: from channels and other bots, and what the sender's standing does not
    allow, who is told why.

    What comes from groups has callbacks of its own.
    """
    chat, sender = update.effective_chat, update.effective_user
    if update.message is not None and update.message.via_bot == context.bot.bot:  # our own inline card
        raise ApplicationHandlerStop
    if chat is not None and chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        await groups.on_update(update, context)
        raise ApplicationHandlerStop
    if sender is None or sender.is_bot or (chat is not None and chat.type != ChatType.PRIVATE):
        raise ApplicationHandlerStop
    await require_open_door(update, context, is_answer=_is_last_answer)


async def _is_last_answer(update: Update, context: Context) -> bool:
    """Return whether the user answers the organisers: that is open to everybody, also to the banned."""
    if update.callback_query is not None:
        return (update.callback_query.data or "") in (organisers.ANSWER_BUTTON, "sq:end")
    message = update.message
    if message is None or (message.text or "").startswith("/"):
        return False
    if context.dialog.flow == organisers.FLOW:
        return message.text is not None
    return await organisers.is_reply_to_letter(context, message)


def _registered_only(callback: Callback) -> Callback:
    """Run the callback for registered users only; a new user is welcomed instead."""

    async def guarded(update: Update, context: Context, *parts: str) -> None:
        if context.is_registered:
            await callback(update, context, *parts)
        else:
            await onboarding.COMMANDS["start"](update, context)

    return guarded


def _closing_dialog(name: str, callback: Callback) -> Callback:
    """Close an open profile question before a command or button that is about something else, so that the next text is
    not taken for its answer. One of the question's own is closed when what it asks for is refused for good."""

    async def leaving(update: Update, context: Context, *parts: str) -> None:
        if name not in KEEPS_DIALOG.get(context.dialog.flow, (name,)):
            await context.leave_dialog()
        flow = context.dialog.flow
        try:
            await callback(update, context, *parts)
        except Problem as problem:
            if name == BUTTONS_OF.get(flow):
                await end_refused(context, flow, problem)
            raise

    return leaving


def _button_callback(buttons: dict[str, Callback]) -> Callback:
    answered = AnsweredPresses()

    async def on_press(update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None or answered.is_repeated(query, context.deps.now()):
            await toast(context)
            return
        name, *parts = (query.data or "").split(":")
        callback = buttons.get(name)
        if callback is None:
            await toast(context, context.texts.plain("common.old_button"))
            return
        if BUTTONS.get(name) == MODERATE and context.is_registered:
            require_moderator(context.user)  # before anything is read, and named, of others
        await _closing_dialog(name, _registered_only(callback))(update, context, *parts)
        await toast(context)
        answered.note(query, context.deps.now())

    return on_press


async def _unknown_command(update: Update, context: Context) -> None:
    await show(context, Screen(context.texts("common.unknown_command"), ((back_button(context.texts, "home"),),)))


async def _unsupported(update: Update, context: Context) -> None:
    """Say who did not get a poll, a game or whatever else cannot be passed on; nothing of it is stored."""
    message = update.message
    if message is None:
        return
    replied = await replies.find_replied_swap(context, message)
    swap = replied.swap if replied is not None else await messages.active_swap(context)
    if swap is None:
        await show(context, Screen(context.texts("common.unsupported"), ((back_button(context.texts, "home"),),)))
        return
    name = await conversation_name(context.deps, context.texts, swap, context.user.id)
    await show(context, Screen(context.texts("chat.not_carried", name=name)), reply_to=message.message_id)
