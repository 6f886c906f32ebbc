"""Error handling: a Problem is answered with its text, a bug with a reference id that is in the log."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Any

from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import ApplicationHandlerStop

from bot.replies import answers_question
from bot.updates.context import Context
from bot.views.rules import rules_to_agree
from bot.views.screens import Screen, send_screen, show, toast
from domain.errors import Problem, TooMany
from domain.languages import DEFAULT_LOCALE
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.runtime.texts import Texts
from handlers.users import find_telegram_user

log = logging.getLogger(__name__)

WAITING_CODES = ("message.too_fast", "upload.too_fast")
"""Rate limits of what is sent to others."""

NOT_AGREED = "rules.not_agreed"
"""Code of what takes the community's rules first: they are shown with a button to agree."""

MAX_TURN_WAIT = timedelta(seconds=60)
"""Age up to which a message above the rate limit waits for its turn."""


def problem_text(texts: Texts, problem: Problem) -> str:
    """Return a problem as plain text in the reader's language."""
    keys = (f"problem.{problem.code}", f"detail.{problem.code}")  # its own words, else those of REST
    key = next((key for key in keys if texts.has(key)), f"problem.kind.{problem.kind}")
    return texts.plain(key, **{"n": 0, "seconds": problem.retry_after or 1, **problem.params})


def is_transient(error: BaseException) -> bool:
    """Return whether Telegram or the database did not respond, so that a retry may succeed."""
    return isinstance(error, (NetworkError, RetryAfter, *DATABASE_ERRORS)) and not isinstance(error, BadRequest)


def waits_its_turn(update: Update, error: BaseException, deps: Deps) -> bool:
    """Return whether an update is tried again in a moment, as its sender has written many messages at once.

    Only a flood is refused: a message whose turn does not come within MAX_TURN_WAIT.
    """
    if not isinstance(error, TooMany) or error.code not in WAITING_CODES:
        return False
    message = update.message or update.edited_message
    if message is None:
        return update.callback_query is not None  # sends held messages, of which there are few
    wait = timedelta(seconds=error.retry_after or 1)
    return deps.elapsed(message.edit_date or message.date) + wait <= MAX_TURN_WAIT


async def on_error(update: object, context: Context) -> None:
    """Handle an error of a callback (PTB's error handler); a transient one is reported to the update queue for a retry.

    Raises ApplicationHandlerStop in every case: an update whose user could not be read would otherwise reach the next
    callback as one from an unregistered user.
    """
    error = context.error
    if not isinstance(update, Update) or error is None:
        log.error("a background task of the bot failed", exc_info=error)
        return
    failures: dict[int, Any] = context.application.bot_data["failures"]
    try:
        if not await _answer_error(update, context, error):
            failures[update.update_id] = error
    except Forbidden:
        pass  # the user has blocked the bot meanwhile
    except (TelegramError, *DATABASE_ERRORS) as problem:
        failures[update.update_id] = problem
    raise ApplicationHandlerStop


async def _answer_error(update: Update, context: Context, error: BaseException) -> bool:
    """Answer a failed update; return False when it must be retried or dead-lettered."""
    if isinstance(error, Forbidden):
        return True
    if is_transient(error) or waits_its_turn(update, error, context.deps):
        return False
    await context.refresh_data()  # PTB builds a new context for the error handler, without the user
    if isinstance(error, Problem) and update.effective_chat is not None:
        if error.code == NOT_AGREED and (rules := await rules_to_agree(context)) is not None:
            await toast(context)
            await show(context, rules)
            return True
        text = problem_text(context.texts, error)
        if update.callback_query is not None:
            await toast(context, text, is_alert=True)
        else:
            failed = update.effective_message  # replying shows which of several messages failed
            screen = Screen(context.texts("problem.answer", text=text))
            shown = await show(context, screen, reply_to=failed.message_id if failed is not None else None)
            if update.message is not None and answers_question(context, update.message):
                await context.note_question(shown.message_id)  # so that the better answer may reply to this
        return True
    reference = secrets.token_hex(4)
    log.error("update %s failed, reference %s", update.update_id, reference, exc_info=error)
    if update.effective_chat is None:  # an inline query has no chat to answer in
        return True
    if update.callback_query is not None:
        await toast(context)
    await show(context, Screen(context.texts("problem.bug", reference=reference)))
    return False


async def send_failure_notice(application: Any, chat_id: int, *, reference: str) -> None:
    """Tell the user that their update could not be processed. Raises TelegramError."""
    services = application.bot_data["services"]
    person = await find_telegram_user(services.deps, chat_id)
    texts: Texts = services.deps.texts[person.locale if person is not None else DEFAULT_LOCALE]
    screen = Screen(texts("problem.bug", reference=reference))
    await send_screen(application.bot, services.deps, chat_id, screen)
