"""Answers of moderators to questions about cards, handed to the module of the card's kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from telegram import Update

from bot import applications, disputes, skill_naming
from bot.staff.letters import WRITE, take_letter
from bot.staff.questions import FLOW
from bot.updates.context import Context
from bot.views.screens import Screen, show
from domain.staff_cards import APPLICATION, DISPUTE, SKILLS, card_id

Answer = Callable[[Context, str, str, str], Awaitable[Screen | None]]
"""Takes subject, action and text; returns what is said to the moderator who has answered in a private chat, if
anything is left to say."""

ANSWERS: Final[Mapping[str, Answer]] = MappingProxyType(
    {
        DISPUTE: disputes.take_reason,
        APPLICATION: applications.take_question,
        SKILLS: skill_naming.take_names,
    }
)
"""Callbacks for answers, by kind of card."""


async def take_answer(context: Context, kind: str, subject: str, action: str, text: str) -> Screen | None:
    """Hand an answer to whoever takes it. A letter may be written from a card of any kind."""
    if action.startswith(WRITE):
        return await take_letter(context, card_id(kind, subject), action, text)
    return await ANSWERS[kind](context, subject, action, text)


async def on_text(update: Update, context: Context, text: str) -> None:
    """Take an answer in a private chat."""
    data = context.dialog.data
    screen = await take_answer(context, data["kind"], data["subject"], data["action"], text)
    await context.end_dialog()
    if screen is not None:
        await show(context, screen)


ON_TEXT = {FLOW: on_text}
