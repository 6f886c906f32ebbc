"""The door before all callbacks: what somebody's standing does not allow is answered here and goes no further."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot.updates.context import Context
from bot.updates.rights import BUTTONS, COMMANDS, FLOWS, INLINE, STRICTEST, TALKING
from bot.views.lengths import without_markup
from bot.views.screens import show, toast
from bot.views.standing import standing_screen
from domain.errors import Forbidden
from handlers.standing import require_right

IsAnswer = Callable[[Update, Context], Awaitable[bool]]


async def require_open_door(update: Update, context: Context, *, is_answer: IsAnswer) -> None:
    """Stop an update that takes a right which the sender's standing takes away, and say why. An answer
    to the organisers passes.

    Raises ApplicationHandlerStop.
    """
    if not context.is_registered or update.my_chat_member is not None:
        return
    try:
        await require_right(context.deps, context.user, right_of(update, context))
    except Forbidden as refusal:
        if not refusal.code.startswith("standing."):
            return  # the operation says it in its own way
        if await is_answer(update, context):
            return
        await _refuse(update, context, refusal)
        raise ApplicationHandlerStop from None


def right_of(update: Update, context: Context) -> str:
    """Return the right that an update takes."""
    if update.callback_query is not None:
        return BUTTONS.get((update.callback_query.data or "").split(":")[0], STRICTEST)
    if update.inline_query is not None:
        return INLINE
    message = update.message
    text = (message.text or "") if message is not None else ""
    if text.startswith("/"):
        return COMMANDS.get(text[1:].split(maxsplit=1)[0].split("@")[0].casefold() if text[1:] else "", STRICTEST)
    return FLOWS.get(context.dialog.flow, TALKING)


async def _refuse(update: Update, context: Context, refusal: Forbidden) -> None:
    if update.inline_query is not None:
        await update.inline_query.answer([], cache_time=0, is_personal=True)
        return
    screen = standing_screen(context.texts, context.user, refusal)
    if update.callback_query is not None and refusal.code != "standing.warned":
        await toast(context, without_markup(screen.text), is_alert=True)
    elif update.effective_message is not None:
        await toast(context)
        await show(context, screen)
