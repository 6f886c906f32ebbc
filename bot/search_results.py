"""Results of /find: the teachers of a skill, or people by name, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, Update

from bot.alerts import alert_button
from bot.inline_cards import share_button
from bot.updates.context import Context
from bot.views.lengths import MAX_CALLBACK_BYTES, short
from bot.views.reports import report_mark
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place, toast
from bot.views.swap_cards import name_of, skill_list
from domain.links import SKILL, read_link, write_link
from domain.matches import Match
from handlers.count_texts import classes_text, counted
from handlers.people_search import MAX_PAGES, SearchPage, search_by_name, search_teachers
from handlers.runtime.texts import Html, Texts
from handlers.text_search import TextSearch, search_skill, search_text

FIND, SUGGESTION, SKILL_PAGE, NAME_PAGE = "find", "fk", "fp", "fn"


async def show_search(context: Context, text: str) -> None:
    """Show what a typed text finds: the teachers of a skill, people by name, or, when it names several skills, a button
    for each of them."""
    found = await search_text(context.deps, context.user, text)
    if found.page is not None:
        await show(context, _found_screen(context, found, found.page))
        return
    rows = [row for key in found.several if (row := _skill_row(context, key))]
    await show(context, Screen(context.texts("find.several"), [*rows, [back_button(context.texts, "home")]]))


async def show_teachers(context: Context, skill: str) -> None:
    """Show the first page of the teachers of a skill; if there are none, what else the text may mean: a similar skill,
    or a name."""
    found = await search_skill(context.deps, context.user, skill)
    if found.page is not None:
        await show(context, _found_screen(context, found, found.page))


def _found_screen(context: Context, found: TextSearch, page: SearchPage) -> Screen:
    if found.is_by_name:
        return _named_screen(context, page)
    rows = [row for key in found.similar if (row := _skill_row(context, key))]  # nothing is replaced without a press
    if page.matches:
        return _teachers_screen(context, page, found.written, found.namesakes, rows)
    return _nobody_screen(context, page, found.written, rows, found.namesakes)


async def on_skill_page(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `fp:<page>:<link of the skill>`."""
    if (asked := _read_page(parts)) is None:
        await toast(context, context.texts.plain("common.old_button"))
        return
    number, key = asked
    skill = context.deps.vocabulary.name_of(key, context.user.locale)
    page = await search_teachers(context.deps, context.user, skill, page=number)
    screen = _teachers_screen(context, page, skill) if page.matches else _nobody_screen(context, page, skill, [])
    await show_in_place(context, screen)


async def on_name_page(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `fn:<page>:<link of the name's key>`."""
    if (asked := _read_page(parts)) is None:
        await toast(context, context.texts.plain("common.old_button"))
        return
    number, key = asked
    page = await search_by_name(context.deps, context.user, key, page=number)
    await show_in_place(context, _named_screen(context, page))


async def on_suggestion(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `fk:<link of the skill>`: search for the suggested spelling."""
    link = read_link(parts[0]) if parts else None
    if link is None or link.kind != SKILL:
        await toast(context, context.texts.plain("common.old_button"))
        return
    await show_teachers(context, context.deps.vocabulary.name_of(link.target, context.user.locale))


def search_rows(texts: Texts) -> list[Row]:
    """Return the buttons for another search, and for the deck."""
    return [[button(texts.plain("find.other"), FIND)], [button(texts.plain("find.deck"), "match")]]


def _teachers_screen(
    context: Context, page: SearchPage, written: str, namesakes: str | None = None, suggested: Sequence[Row] = ()
) -> Screen:
    texts = context.texts
    lines = [texts("find.title", skill=texts.skill(written), n=counted(page.total))]
    if page.count is not None and (known := classes_text(texts, page.count)):
        lines.append(texts("find.known", what=known[:1].upper() + known[1:]))
    alert = alert_button(texts, written, page.key, "alert.tell_me_too")
    rows = [*_people(texts, page, lines, SKILL_PAGE), *suggested, *_namesake_rows(texts, namesakes)]
    if suggested:
        lines += ["", texts("ask.did_you_mean", skill=written)]
    rows += [[share_button(texts.plain("inline.share_skill"), written)], *([[alert]] if alert is not None else [])]
    rows.append([back_button(texts, "home")])
    return Screen("\n".join(lines), rows)


def _named_screen(context: Context, page: SearchPage) -> Screen:
    texts = context.texts
    if not page.matches:
        return Screen(texts("find.nobody_named"), [*search_rows(texts), [back_button(texts, "home")]])
    lines = [texts("find.named", n=counted(page.total))]
    rows = [*_people(texts, page, lines, NAME_PAGE), *search_rows(texts), [back_button(texts, "home")]]
    return Screen("\n".join(lines), rows)


def _nobody_screen(
    context: Context, page: SearchPage, written: str, suggested: Sequence[Row], namesakes: str | None = None
) -> Screen:
    texts = context.texts
    shown = texts.skill(written)
    key = "find.only_you" if page.key in context.user.offered_keys and context.user.is_listed else "find.nobody"
    lines = [texts(key, skill=shown), *([texts("ask.did_you_mean", skill=shown)] if suggested else [])]
    alert = alert_button(texts, written, page.key)
    rows = [*suggested, *_namesake_rows(texts, namesakes), *([[alert]] if alert is not None else [])]
    rows += [*search_rows(texts), [back_button(texts, "home")]]
    return Screen("\n\n".join(lines), rows)


def _people(texts: Texts, page: SearchPage, lines: list[str], name: str) -> list[Row]:
    """Add a line for each person of a page, and return their buttons and those that turn the page."""
    lines += ["", *(_line(texts, match) for match in page.matches)]
    rows: list[Row] = [
        [button(f"👤 {short(match.user.name)}", "m", match.user.id, "view"), report_mark(match.user.id)]
        for match in page.matches
    ]
    if page.pages == 1:
        return rows
    lines += ["", texts("find.page", page=page.number + 1, pages=page.pages)]
    turning: list[InlineKeyboardButton] = []
    for label, number in (("find.previous", page.number - 1), ("find.following", page.number + 1)):
        if 0 <= number < page.pages and (turn := _page_button(texts, label, name, number, page.key)) is not None:
            turning.append(turn)
    return [*rows, turning] if turning else rows


def _line(texts: Texts, match: Match) -> str:
    mutual = texts("find.mutual", skills=skill_list(texts, match.you_teach)) if match.you_teach else ""
    where = f" · {short(match.user.location)}" if match.user.location else ""
    return texts("find.line", name=name_of(texts, match.user), where=where, mutual=Html(mutual))


def _page_button(texts: Texts, label: str, name: str, number: int, key: str) -> InlineKeyboardButton | None:
    """Return the button to a page; None when the key does not fit into callback data."""
    payload = write_link(SKILL, key)
    if payload is None or len(f"{name}:{number}:{payload}") > MAX_CALLBACK_BYTES:
        return None
    return button(texts.plain(label), name, number, payload)


def _namesake_rows(texts: Texts, namesakes: str | None) -> list[Row]:
    turn = _page_button(texts, "find.by_name", NAME_PAGE, 0, namesakes) if namesakes is not None else None
    return [[turn]] if turn is not None else []


def _skill_row(context: Context, key: str) -> Row:
    """Return the button that searches for a known skill; no button when the key does not fit into callback data."""
    payload = write_link(SKILL, key)
    if payload is None or len(f"{SUGGESTION}:{payload}") > MAX_CALLBACK_BYTES:
        return []
    return [button(f"🔎 {short(context.deps.vocabulary.name_of(key, context.user.locale))}", SUGGESTION, payload)]


def _read_page(parts: tuple[str, ...]) -> tuple[int, str] | None:
    """Return the page and the key of a pressed button; None when it is malformed."""
    number, payload = (*parts, "", "")[:2]
    link = read_link(payload)
    is_page = number.isdecimal() and number.isascii() and len(number) <= len(str(MAX_PAGES))
    return (int(number), link.target) if is_page and link is not None and link.kind == SKILL else None


BUTTONS = {SUGGESTION: on_suggestion, SKILL_PAGE: on_skill_page, NAME_PAGE: on_name_page}
