"""The moderators' group: `/here` makes it one, and cards are decided in it by whoever is a moderator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from telegram import Chat, Message, Update
from telegram.error import BadRequest, ChatMigrated

from bot import applications, cases, disputes, skill_naming
from bot.group_door import MEMBERS, on_group_change, on_members, on_members_button
from bot.group_telegram import sees_members
from bot.staff import ends, letters
from bot.staff.answers import take_answer
from bot.staff.questions import drop_question
from bot.updates.context import Context
from bot.updates.presses import AnsweredPresses
from bot.views.screens import Screen, button, drop_keyboard, pressed_message, show, toast
from bot.words import words_of
from domain.standing import MODERATE
from domain.users import ADMIN
from handlers.community import move_group
from handlers.staff_cards import find_staff_card_at, take_prompt
from handlers.staff_group import find_staff_group, forget_staff_group, move_staff_group, set_staff_group

HERE: Final = "here"
THUMB: Final = "👌"

Callback = Callable[..., Awaitable[None]]


def _merged(*modules: Any) -> Mapping[str, Callback]:
    return MappingProxyType({name: callback for module in modules for name, callback in module.STAFF_BUTTONS.items()})


STAFF_BUTTONS: Final = _merged(applications, cases, disputes, ends, letters, skill_naming)
"""Buttons of cards, by the first part of their data: the same as in private chats."""


class GroupUpdates:
    """Everything that comes from groups; whatever is not for the bot is left alone."""

    def __init__(self) -> None:
        self._answered = AnsweredPresses()

    async def on_update(self, update: Update, context: Context) -> None:
        message = update.message
        if update.my_chat_member is not None:
            await _on_membership(update, context)
        if await on_group_change(update, context):
            return
        if message is not None and message.migrate_to_chat_id is not None:
            await _on_migration(context, message.chat_id, message.migrate_to_chat_id)
        elif update.callback_query is not None:
            await self._on_press(update, context)
        elif message is not None and _command_of(message, context) == f"/{HERE}":
            await _on_here(context, message)
        elif message is not None and _command_of(message, context) == f"/{MEMBERS}":
            await on_members(context, message)
        elif message is not None and message.reply_to_message is not None and await _on_reply(context, message):
            return
        elif message is not None and message.text and message.text.startswith("/"):
            await show(context, Screen(context.texts("common.private_only")))

    async def _on_press(self, update: Update, context: Context) -> None:
        query = update.callback_query
        assert query is not None
        name, *parts = (query.data or "").split(":")
        if self._answered.is_repeated(query, context.deps.now()):
            await toast(context)
        elif not _is_staff(context):
            await toast(context, context.texts.plain("staff.only_moderators"), is_alert=True)
        elif name == HERE:
            await _on_here_button(context, *parts)
            await toast(context)
        elif name == MEMBERS:
            await on_members_button(context)
            await toast(context)
        elif (callback := STAFF_BUTTONS.get(name)) is None:
            await toast(context, context.texts.plain("common.old_button"))
        else:
            await callback(update, context, *parts)
            await toast(context)
            self._answered.note(query, context.deps.now())


def _is_staff(context: Context) -> bool:
    """Return whether the sender may decide: everybody in the group can press, so that this is asked each time."""
    return (
        context.is_registered
        and context.user.is_moderator
        and context.user.refused_as(MODERATE, context.deps.now()) is None
    )


def _command_of(message: Message, context: Context) -> str:
    """Return the command of a message without the bot's name; "" for none, or one for another bot."""
    words = (message.text or "").split()
    command, _, named = words[0].partition("@") if words else ("", "", "")
    return "" if named and named.casefold() != context.bot.username.casefold() else command.casefold()


# /here


async def _on_here(context: Context, message: Message) -> None:
    """Make this group the moderators'. An admin who writes in the group's name presses a button, which tells who it
    is."""
    thread_id = message.message_thread_id if message.is_topic_message else None
    if message.sender_chat is not None:
        if message.sender_chat.id == message.chat_id:
            rows = [[button(context.texts.plain("staff.here.me"), HERE, thread_id or 0, style="primary")]]
            await show(context, Screen(context.texts("staff.here.who"), rows))
        return
    if not context.is_registered or context.user.role != ADMIN:
        await show(context, Screen(context.texts("staff.here.admins_only")))
        return
    await show(context, await _take_place(context, message.chat, thread_id))


async def _on_here_button(context: Context, *parts: str) -> None:
    pressed = pressed_message(context)
    if pressed is None:
        return
    if context.user.role != ADMIN:
        await toast(context, context.texts.plain("staff.here.admins_only"), is_alert=True)
        return
    thread_id = int(parts[0]) if parts and parts[0].isdecimal() else 0
    screen = await _take_place(context, pressed.chat, thread_id or None)
    await drop_keyboard(context, pressed)
    await show(context, screen)


async def _take_place(context: Context, chat: Chat, thread_id: int | None) -> Screen:
    """Make the chat the moderators' group, if it is private and the bot an administrator of it."""
    if chat.username:
        return Screen(context.texts("staff.here.public"))
    if not await sees_members(context.bot, chat.id):
        return Screen(context.texts("staff.here.no_rights"))
    await set_staff_group(context.deps, context.user, chat.id, thread_id)
    return Screen(context.texts("staff.here.done"))


# What becomes of the group


async def _on_membership(update: Update, context: Context) -> None:
    """Give up the moderators' group when the bot is no longer an administrator of it, as it is now."""
    change = update.my_chat_member
    group = await find_staff_group(context.deps)
    if change is None or group is None or change.chat.id != group.chat_id:
        return
    try:
        is_administrator = await sees_members(context.bot, group.chat_id)
    except ChatMigrated as moved:
        await _on_migration(context, group.chat_id, moved.new_chat_id)
        return
    if not is_administrator:
        await forget_staff_group(context.deps, group.chat_id)


async def _on_migration(context: Context, old_chat_id: int, new_chat_id: int) -> None:
    await move_staff_group(context.deps, old_chat_id, new_chat_id)
    await move_group(context.deps, old_chat_id, new_chat_id)


# Answers to questions


async def _on_reply(context: Context, message: Message) -> bool:
    """Take the answer to a question about a card. False for a reply to something else."""
    replied = message.reply_to_message
    assert replied is not None
    card = await find_staff_card_at(context.deps, message.chat_id, replied.message_id)
    prompt = card.prompt_at(message.chat_id, replied.message_id) if card is not None else None
    if card is None or prompt is None:
        return False
    if not _is_staff(context):
        await show(context, Screen(context.texts("staff.only_moderators")), reply_to=message.message_id)
    elif prompt.by != context.user.id:
        await show(context, Screen(context.texts("staff.asked_another")), reply_to=message.message_id)
    elif not (text := words_of(message)):
        await show(context, Screen(context.texts("staff.words_only")), reply_to=message.message_id)
    else:
        await take_answer(context, card.kind, card.subject, prompt.action, text)
        if await take_prompt(context.deps, card, prompt):
            await drop_question(context, prompt)
        await _note_taken(context, message)
    return True


async def _note_taken(context: Context, message: Message) -> None:
    try:
        await context.bot.set_message_reaction(message.chat_id, message.message_id, THUMB)
    except BadRequest:
        return  # the group allows no reactions
