"""Inline mode: `@bot guitar` in any chat offers profile cards with a first name and skills only."""

from __future__ import annotations

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import NO_PREVIEW
from bot.views.swap_cards import skill_list
from domain.errors import Problem
from domain.ids import is_id
from domain.links import REPORT, USER, write_link
from domain.users import User, first_name
from handlers.inline_cards import find_cards
from handlers.runtime.texts import Texts

PAGE = 20
CACHE_SECONDS = 20
"""Seconds for which Telegram may cache an answer per user: short, because a profile may become private at any time."""

MAX_SKILLS = 6
MAX_DIGITS = 10
TOO_OLD = ("query is too old", "query id is invalid")
START_PARAMETER = "inline"
"""The /start parameter of the button above the results."""


async def on_inline_query(update: Update, context: Context) -> None:
    """Answer an inline query with a page of cards; an asker without a finished profile gets a button to create one."""
    query = update.inline_query
    if query is None:
        return
    texts = context.texts
    if not context.is_registered or not context.user.onboarded:
        await _answer(context, [], notice="inline.join")
        return
    try:
        people = await find_cards(
            context.deps, context.user, query.query, limit=PAGE + 1, after=_parse_offset(query.offset)
        )
    except Problem:  # too long for a skill, or over the rate limit
        people = []
    next_offset = _offset(people[PAGE - 1]) if len(people) > PAGE else ""
    is_hidden = not query.query.strip() and not context.user.is_listed
    results = [card_result(texts, person, context.bot.username, context.bot.first_name) for person in people[:PAGE]]
    await _answer(context, results, next_offset=next_offset, notice="inline.private" if is_hidden else None)


async def _answer(
    context: Context, results: list[InlineQueryResultArticle], *, next_offset: str = "", notice: str | None = None
) -> None:
    query = context.incoming.inline_query if context.incoming else None
    assert query is not None
    above = InlineQueryResultsButton(context.texts.plain(notice), start_parameter=START_PARAMETER) if notice else None
    try:
        await query.answer(
            results,
            cache_time=0 if notice else CACHE_SECONDS,
            is_personal=True,
            next_offset=next_offset or None,
            button=above,
        )
    except BadRequest as error:
        if not any(phrase in error.message.casefold() for phrase in TOO_OLD):
            raise  # a query that is too old was replaced by a newer one


def card_result(texts: Texts, person: User, bot_username: str, bot_name: str) -> InlineQueryResultArticle:
    """Return one profile as an inline result: first name and skills, nothing that needs consent of the chat's
    members."""
    name = first_name(person)
    teaches, wants = (skill_list(texts, skills, MAX_SKILLS) for skills in (person.skills_offered, person.skills_wanted))
    lines = [texts("inline.card_name", name=name), ""]
    lines += [texts("inline.card_teaches", skills=teaches)] if teaches else []
    lines += [texts("inline.card_wants", skills=wants)] if wants else []
    payload = write_link(USER, person.id)
    opens = InlineKeyboardButton(
        texts.plain("inline.open", name=short(name), bot=bot_name), url=f"https://t.me/{bot_username}?start={payload}"
    )
    reports = InlineKeyboardButton(
        texts.plain("report.button"), url=f"https://t.me/{bot_username}?start={write_link(REPORT, person.id)}"
    )
    return InlineQueryResultArticle(
        id=str(payload),
        title=name,
        description=texts.plain("inline.teaches", skills=teaches),
        input_message_content=InputTextMessageContent(
            "\n".join(lines), parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW
        ),
        reply_markup=InlineKeyboardMarkup([[opens], [reports]]),
    )


def share_button(label: str, query: str = "") -> InlineKeyboardButton:
    """Return a button that lets the user choose a chat and starts an inline query there."""
    return InlineKeyboardButton(label, switch_inline_query=query)


def _offset(last: User) -> str:
    return f"{last.rank}:{last.id}"


def _parse_offset(offset: str) -> tuple[int, str] | None:
    rank, _, last = offset.partition(":")
    return (int(rank), last) if rank.isdecimal() and len(rank) < MAX_DIGITS and is_id(last) else None
