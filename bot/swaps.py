"""/swaps and the buttons of a swap's card: accept, decline, withdraw, end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from telegram import InlineKeyboardButton, Update

from bot.errors import problem_text
from bot.messages import announce_conversation, open_conversation
from bot.proposals import repeat_request, start_counter_offer
from bot.search_results import show_teachers
from bot.session_planning import plan_after_yes
from bot.sessions import show_agreed
from bot.updates.context import Context
from bot.views.circle_cards import add_circle_lines
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button, pressed_message, show_in_place, toast
from bot.views.session_cards import session_button
from bot.views.session_lines import partner_id_in, session_line
from bot.views.stamps import time_of
from bot.views.swap_cards import (
    confirm_end_screen,
    edit_or_send_card,
    keep_card,
    partner_in,
    swap_button,
    swap_card,
    swap_label,
)
from bot.views.times import time_label
from domain.declines import REASONS
from domain.errors import Conflict, Forbidden, Invalid
from domain.screening import partners_of
from domain.sessions import AGREED
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, OPEN, OVER, PENDING, REJECTED, Swap
from domain.talks import is_talk_open
from domain.users import User
from handlers.circles import list_circles
from handlers.request_facts import request_facts
from handlers.reviews import list_pending
from handlers.runtime.texts import Texts
from handlers.sessions import list_upcoming
from handlers.swaps import answer_swap, get_swap, list_swaps
from handlers.users import get_people

MAX_OPEN = 15
MAX_OVER = 5
MAX_UPCOMING_SHOWN = 5
MAX_CIRCLES = 5
"""Circles named in the list of swaps; /circles has all."""

ANSWERS = {"accept": ACCEPTED, "reject": REJECTED, "cancel": CANCELLED, "end!": CANCELLED}


async def on_swaps(update: Update, context: Context, *parts: str) -> None:
    """Show the user's swaps: received requests, sent requests, running swaps, ended ones."""
    screen, named = await _list_screen(context)
    await context.note_named(await show_in_place(context, screen), *named)


async def _list_screen(context: Context) -> tuple[Screen, list[str]]:
    """Return the list, and the ids of the swaps and circles in it."""
    texts, user = context.texts, context.user
    open_swaps = await list_swaps(context.deps, user, statuses=OPEN, limit=MAX_OPEN + 1)
    over = await list_swaps(context.deps, user, statuses=OVER, limit=MAX_OVER)
    circles = [view for view in await list_circles(context.deps, user) if view.status in OPEN]
    if not open_swaps and not over and not circles:
        return Screen(texts("swap.list.empty"), [_next_steps(texts)]), []
    has_more = len(open_swaps) > MAX_OPEN
    open_swaps = open_swaps[:MAX_OPEN]
    ids = {person for swap in (*open_swaps, *over) for person in partners_of(swap, user.id)}
    people = await get_people(context.deps, tuple(ids))
    groups = {
        "for_me": [swap for swap in open_swaps if "accept" in swap.can(user.id)],
        "for_them": [swap for swap in open_swaps if swap.status == PENDING and swap.author == user.id],
        "running": [swap for swap in open_swaps if swap.status == ACCEPTED],
        "over": over,
    }
    lines = [texts("swap.list.title")]
    rows: list[Row] = []
    coming = await _add_upcoming(context, lines, rows)
    for group, swaps in groups.items():
        lines += _group_lines(context, group, swaps, people)
        rows += [] if group == "over" else [[_open_button(context, group, swap, people)] for swap in swaps]
    if has_more:
        lines += ["", texts("swap.list.more")]
    if circles:
        lines += ["", texts("circle.title")]
        add_circle_lines(texts, circles[:MAX_CIRCLES], lines, rows)
        rows.append([button(texts.plain("circle.button"), "circles")])
    if any(swap.status == COMPLETED for swap in over) and await list_pending(context.deps, user):
        rows.append([button(texts.plain("rating.to_rate"), "ratings")])
    rows.append(_next_steps(texts))
    named = [swap.id for swap in (*open_swaps, *over)] + [view.id for view in circles[:MAX_CIRCLES]]
    return Screen("\n".join(lines), rows), [*named, *coming]


async def _add_upcoming(context: Context, lines: list[str], rows: list[Row]) -> list[str]:
    """Add the sessions that come next, on top, with a button for each; return the ids of their swaps."""
    coming = await list_upcoming(context.deps, context.user, limit=MAX_UPCOMING_SHOWN)
    if not coming:
        return []
    texts, now, zone = context.texts, context.deps.now(), context.user.timezone
    ids = {partner_id_in(one.swap, one.session, context.user.id) for one in coming}
    names = {user_id: person.name for user_id, person in (await get_people(context.deps, tuple(ids))).items()}
    lines += ["", texts("session.list.title")]
    for one in coming:
        lines.append(session_line(texts, one.swap, one.session, context.user, names, at=now))
        name = short(names.get(partner_id_in(one.swap, one.session, context.user.id), ""))
        label = f"🗓 {time_label(texts, one.at, zone, now)} · {name}"
        rows.append([session_button(label, one.swap, one.session, "show")])
    return [one.swap.id for one in coming]


def _next_steps(texts: Texts) -> Row:
    return [button(texts.plain("swap.list.find_match"), "match"), back_button(texts, "home")]


def _group_lines(context: Context, group: str, swaps: Sequence[Swap], people: dict[str, User]) -> list[str]:
    texts = context.texts
    lines = ["", texts(f"swap.list.{group}")] if swaps else []
    for swap in swaps:
        label = _label(context, swap, people)
        if group == "over":
            lines.append(texts("swap.list.over_line", label=label, status=texts.plain(f"swap.status.{swap.outcome}")))
        else:
            lines.append(texts("swap.list.line", label=label))
    return lines


def _label(context: Context, swap: Swap, people: dict[str, User]) -> str:
    return swap_label(context.texts, swap, context.user.id, people.get(partners_of(swap, context.user.id)[0]))


def _open_button(context: Context, group: str, swap: Swap, people: dict[str, User]) -> InlineKeyboardButton:
    icon = {"for_me": "📥", "for_them": "📨"}.get(group, "💬")
    return swap_button(f"{icon} {_label(context, swap, people)}", swap, "show", is_in_list=True)


async def on_swap_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a button of a card, `s:<id>:<version>:<verb>[:<time>][:l]`. In every case the card then shows the current
    state."""
    if len(parts) < 3 or not parts[1].isdecimal():
        return
    swap_id, version, verb = parts[0], int(parts[1]), parts[2]
    is_in_list = parts[-1] == "l"
    start = time_of(parts[3]) if len(parts) > 3 else None
    swap = await get_swap(context.deps, context.user, swap_id)
    if verb in ANSWERS:
        swap = await _answer(context, swap, ANSWERS[verb], version, start=start)
    elif verb == "again":
        await repeat_request(context, swap)
        return
    elif verb == "alike":
        await show_teachers(context, swap.learnt_by(context.user.id))
        return
    elif verb in REASONS:
        swap = await _answer(context, swap, REJECTED, version, reason=verb)
    elif verb == "end" and "cancel" in swap.can(context.user.id) and swap.status == ACCEPTED:
        partner = await partner_in(context.deps, swap, context.user.id)
        sent = await edit_or_send_card(context, confirm_end_screen(context.texts, swap, partner, is_in_list=is_in_list))
        if sent is not None:
            await context.note_named(sent.message_id, swap.id)
        return
    elif verb in ("counter", "times") and version == swap.version and "counter" in swap.can(context.user.id):
        await start_counter_offer(context, swap, is_about_times=verb == "times")
        return
    elif verb == "chat" and is_talk_open(swap, context.deps.now()):
        await open_conversation(context, swap)
        return
    elif version != swap.version:
        await toast(context, context.texts.plain("swap.toast.changed"))
    await show_card(context, swap, is_in_list=is_in_list)
    if verb == "accept" and swap.status == ACCEPTED:
        await announce_conversation(context, swap)
        agreed = next((session for session in swap.plan.upcoming if session.status == AGREED), None)
        if agreed is not None:
            await show_agreed(context, swap, agreed)
        else:
            await plan_after_yes(context, swap)


async def _answer(
    context: Context, swap: Swap, status: str, version: int, *, reason: str = "", start: datetime | None = None
) -> Swap:
    """Answer a swap and return it; after a conflict, toast the reason and return the current swap. A yes with a `start`
    agrees on a session."""
    try:
        swap = await answer_swap(
            context.deps, context.user, swap.id, status, version=version, reason=reason, starts_at=start
        )
    except (Conflict, Forbidden, Invalid) as problem:
        await toast(context, problem_text(context.texts, problem))
        return problem.current if isinstance(problem.current, Swap) else swap
    await toast(context, context.texts.plain("swap.toast.reason" if reason else f"swap.toast.{status}"))
    return swap


async def show_card(context: Context, swap: Swap, *, is_in_list: bool = False) -> None:
    """Show the current card: in the pressed message, or as a new one."""
    partner = await partner_in(context.deps, swap, context.user.id)
    facts = request_facts(context.deps, context.texts, swap, context.user, partner)
    card = swap_card(
        context.texts, swap, context.user, partner, facts=facts, is_in_list=is_in_list, at=context.deps.now()
    )
    shown = await edit_or_send_card(context, card)
    if shown is not None:
        await keep_card(context.deps, swap, context.user, shown)
    elif (edited := pressed_message(context)) is not None:
        await context.note_named(edited.message_id, swap.id)


COMMANDS = {"swaps": on_swaps}
BUTTONS = {"swaps": on_swaps, "s": on_swap_button}
