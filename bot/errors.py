"""What a person reads when something does not work. Problems of ours are worded; anything else is a bug, with an id."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import ApplicationHandlerStop

from bot.updates.context import Context
from bot.views.screens import Screen, send_screen, show, toast
from domain.errors import Problem
from domain.languages import DEFAULT_LOCALE
from handlers.runtime.deps import DATABASE_ERRORS
from handlers.runtime.texts import Texts
from handlers.users import find_telegram_user

log = logging.getLogger(__name__)


def words_for(texts: Texts, problem: Problem) -> str:
    """A problem in the reader's words, as plain text."""
    key = f"problem.{problem.code}"
    if not texts.has(key):
        key = f"problem.kind.{problem.kind}"
    return texts.plain(key, **{"n": 0, "seconds": problem.retry_after or 1, **problem.params})


def may_pass(error: BaseException) -> bool:
    """Did Telegram or the database not answer, so that another try may work?"""
    return isinstance(error, (NetworkError, RetryAfter, *DATABASE_ERRORS)) and not isinstance(error, BadRequest)


async def on_error(update: object, context: Context) -> None:
    """PTB's error handler. An update that may work later is reported to the intake, which tries it again.

    Whatever it was, no further callback sees the update: one that failed while its person was being looked up would be
    taken for somebody else's.
    """
    error = context.error
    if not isinstance(update, Update) or error is None:
        log.error("a bot task failed", exc_info=error)
        return
    failures: dict[int, Any] = context.application.bot_data["failures"]
    try:
        if not await _answered(update, context, error):
            failures[update.update_id] = error
    except Forbidden:
        pass  # they have blocked the bot meanwhile: nobody is waiting for an answer
    except (TelegramError, *DATABASE_ERRORS) as problem:
        failures[update.update_id] = problem
    raise ApplicationHandlerStop


async def _answered(update: Update, context: Context, error: BaseException) -> bool:
    """True when nothing more is owed for this update."""
    if isinstance(error, Forbidden):
        return True
    if may_pass(error):
        return False
    await context.refresh_data()  # this context is a new one: it does not know yet whose language to speak
    if isinstance(error, Problem) and update.effective_chat is not None:
        text = words_for(context.texts, error)
        if update.callback_query is not None:
            await toast(context, text, is_alert=True)
        else:
            said = update.effective_message  # of several in a row, this is the one that did not work
            screen = Screen(context.texts("problem.answer", text=text))
            await show(context, screen, reply_to=said.message_id if said is not None else None)
        return True
    reference = secrets.token_hex(4)
    log.error("update %s failed, reference %s", update.update_id, reference, exc_info=error)
    if update.effective_chat is None:  # an inline query: there is no chat to say it in
        return True
    if update.callback_query is not None:
        await toast(context)
    await show(context, Screen(context.texts("problem.bug", reference=reference)))
    return False


async def apologise(application: Any, chat_id: int, *, reference: str) -> None:
    """Tell a person that something of theirs could not be acted on. Raises TelegramError."""
    services = application.bot_data["services"]
    person = await find_telegram_user(services.deps, chat_id)
    texts: Texts = services.deps.texts[person.locale if person is not None else DEFAULT_LOCALE]
    screen = Screen(texts("problem.bug", reference=reference))
    await send_screen(application.bot, services.deps, chat_id, screen)
