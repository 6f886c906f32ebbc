"""Answering the organisers: their letters, and once a decision of theirs."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardButton, Message, Update

from bot.updates.context import Context
from bot.views.screens import Screen, button, show, show_question
from bot.words import words_of
from domain.correspondence import MAX_LETTER_LENGTH
from domain.errors import Conflict
from handlers.correspondence import answer_organisers, may_answer
from handlers.letters import is_answerable_letter
from handlers.runtime.texts import Texts

FLOW: Final = "organisers"
TEXT: Final = "text"
ANSWER_BUTTON: Final = "oa"


def answer_button(texts: Texts) -> InlineKeyboardButton:
    return button(texts.plain("organisers.answer_button"), ANSWER_BUTTON)


async def on_answer(update: Update, context: Context, *parts: str) -> None:
    """Handle `oa` below a letter: ask for the answer."""
    if not await may_answer(context.deps, context.user):
        raise Conflict("organisers.nothing_to_answer")
    await context.leave_dialog()
    await context.move_dialog(FLOW, TEXT)
    text = context.texts("organisers.ask_answer", max=MAX_LETTER_LENGTH)
    await show_question(
        context, Screen(text, [[button(context.texts.plain("session.button.never_mind"), "sq", "end")]])
    )


async def on_text(update: Update, context: Context, text: str) -> None:
    await take_answer(context, text, update.message)
    await context.end_dialog()


async def take_answer(context: Context, text: str, message: Message | None) -> None:
    """Pass an answer on to the moderators. An update that comes again says nothing twice."""
    key = f"{message.chat_id}:{message.message_id}" if message is not None else ""
    await answer_organisers(context.deps, context.user, text, key=key)
    await show(context, Screen(context.texts("organisers.thanks")))


async def is_reply_to_letter(context: Context, message: Message) -> bool:
    """Return whether a message replies to a letter that may be answered."""
    reply = message.reply_to_message
    return reply is not None and await is_answerable_letter(context.deps, context.user, reply.message_id)


async def take_reply(context: Context, message: Message) -> None:
    """Take the reply to a letter as the answer to it."""
    await take_answer(context, words_of(message), message)


BUTTONS = {ANSWER_BUTTON: on_answer}
ON_TEXT = {FLOW: on_text}
