"""/circles: the user's circles, circle candidates, and the buttons of a circle's card."""

from __future__ import annotations

from telegram import Update

from bot.errors import problem_text
from bot.messages import announce_conversation, open_conversation
from bot.session_planning import plan_after_yes
from bot.updates.context import Context
from bot.views.circle_cards import (
    add_circle_lines,
    circle_card,
    circle_lines,
    confirm_leave_screen,
    invite_label,
)
from bot.views.quotas import tell_quota
from bot.views.screens import Row, Screen, back_button, button, pressed_message, show, show_in_place, toast
from bot.views.session_lines import session_lines
from bot.views.swap_cards import edit_or_send_card
from domain.circle_candidates import MAX_RANKED
from domain.circle_views import CircleView
from domain.errors import Conflict
from domain.swaps import ACCEPTED, OPEN
from handlers.circles import (
    PossiblePage,
    ask_circle,
    browse_possible,
    decline_circle,
    get_circle,
    join_circle,
    leave_circle,
    list_circles,
)
from handlers.count_texts import counted
from handlers.notifications import remember_card
from handlers.request_facts import circle_facts
from handlers.runtime.texts import Texts
from handlers.swaps import get_swap
from handlers.users import get_people

PAGE = 8
"""Own circles on one screen: together with the candidates they fit into one message."""


async def on_circles(update: Update, context: Context, *parts: str) -> None:
    """Show a page of the user's circles (`circles:<page>`), and on the first page the candidates to ask for."""
    views = await list_circles(context.deps, context.user)
    mine = [view for view in views if view.status in OPEN]
    last = max(0, len(mine) - 1) // PAGE
    page = min(int(parts[0]), last) if parts and parts[0].isdecimal() else 0
    lines, rows = [context.texts("circle.title"), context.texts("circle.idea")], list[Row]()
    _add_own(context.texts, mine, page, lines, rows)
    if page == 0:
        _add_possible(context.texts, await browse_possible(context.deps, context.user), lines, rows, is_alone=not mine)
    rows.append([button(context.texts.plain("swap.list.find_match"), "match"), back_button(context.texts, "home")])
    shown = await show_in_place(context, Screen("\n".join(lines), rows))
    await context.note_named(shown, *(view.id for view in mine))


async def on_more(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `cn:<key>`: show the candidates after this one."""
    page = await browse_possible(context.deps, context.user, after=parts[0] if parts else None)
    lines, rows = [context.texts("circle.title")], list[Row]()
    _add_possible(context.texts, page, lines, rows, is_alone=False)
    rows.append([button(context.texts.plain("circle.see_all"), "circles"), back_button(context.texts, "home")])
    await show_in_place(context, Screen("\n".join(lines), rows))


def _add_own(texts: Texts, mine: list[CircleView], page: int, lines: list[str], rows: list[Row]) -> None:
    first, end = page * PAGE, (page + 1) * PAGE
    if mine:
        lines += ["", texts("circle.mine")]
    add_circle_lines(texts, mine[first:end], lines, rows)
    turning = [button(texts.plain("circle.earlier"), "circles", page - 1)] if page else []
    if more := len(mine[end:]):
        lines.append(texts("circle.more", n=more))
        turning.append(button(texts.plain("circle.later"), "circles", page + 1))
    if turning:
        rows.append(turning)


def _add_possible(texts: Texts, possible: PossiblePage, lines: list[str], rows: list[Row], *, is_alone: bool) -> None:
    if possible.total:
        lines += ["", texts("circle.possible", n=counted(possible.total, most=MAX_RANKED))]
    for number, view in enumerate(possible.views, start=possible.before + 1):
        lines += ["", texts("circle.number", number=number), *circle_lines(texts, view)]
        rows.append([button(invite_label(texts, view), "cp", view.id, style="success")])
    if possible.following is not None:
        lines += ["", texts("circle.more", n=possible.total - possible.before - len(possible.views))]
        rows.append([button(texts.plain("circle.show_more"), "cn", possible.following)])
    if not possible.total:
        lines += ["", texts("circle.none" if is_alone else "circle.no_others")]


async def on_ask(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `cp:<key>`: invite the other two of a circle candidate."""
    view = await ask_circle(context.deps, context.user, parts[0] if parts else "")
    await toast(context, context.texts.plain("circle.toast.asked"))
    await _send_card(context, view)
    if (pressed := pressed_message(context)) is not None:  # the offer names both
        await context.note_named(pressed.message_id, view.id)
    await tell_quota(context)


async def on_circle_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a button of a card, `ci:<id>:<version>:<verb>`. In every case the card then shows the current state."""
    if len(parts) != 3 or not parts[1].isdecimal():
        return
    circle_id, version, verb = parts[0], int(parts[1]), parts[2]
    view = await get_circle(context.deps, context.user, circle_id)
    if verb == "open":
        await _send_card(context, view)
        return
    if verb == "chat" and "chat" in view.can:
        await open_conversation(context, await get_swap(context.deps, context.user, circle_id))
        return
    if verb == "leave" and view.status == ACCEPTED:
        sent = await edit_or_send_card(context, confirm_leave_screen(context.texts, view))
        if sent is not None:
            await context.note_named(sent.message_id, view.id)
        return
    if verb in ("join", "decline", "leave!"):
        view = await _answer(context, view, verb, version)
    sent = await edit_or_send_card(context, await _card(context, view))
    if (shown := sent or pressed_message(context)) is not None:
        await context.note_named(shown.message_id, view.id)
    if verb == "join" and view.status == ACCEPTED:
        swap = await get_swap(context.deps, context.user, circle_id)
        await announce_conversation(context, swap)
        await plan_after_yes(context, swap)


async def _answer(context: Context, view: CircleView, verb: str, version: int) -> CircleView:
    """Answer an invitation and return the circle; after a conflict, toast the reason and return the current circle."""
    deps, user = context.deps, context.user
    try:
        if verb == "join":
            view = await join_circle(deps, user, view.id, version=version)
        else:
            view = await (decline_circle if verb == "decline" else leave_circle)(deps, user, view.id)
    except Conflict as problem:
        await toast(context, problem_text(context.texts, problem))
        return problem.current if isinstance(problem.current, CircleView) else view
    await toast(context, context.texts.plain(f"circle.toast.{verb.rstrip('!')}"))
    return view


async def _card(context: Context, view: CircleView) -> Screen:
    facts, now, planned = circle_facts(context.texts, context.user, view), context.deps.now(), list[str]()
    if view.status == ACCEPTED:
        swap = await get_swap(context.deps, context.user, view.id)
        people = await get_people(context.deps, swap.others(context.user.id))
        names = {user_id: person.name for user_id, person in people.items()}
        planned = session_lines(context.texts, swap, context.user, names, at=now)
    return circle_card(context.texts, view, at=now, facts=facts, planned=planned)


async def _send_card(context: Context, view: CircleView) -> None:
    """Send the card as a new message, which becomes the one that later changes are shown on."""
    message = await show(context, await _card(context, view))
    await remember_card(context.deps, view.id, context.user.id, message.chat_id, message.message_id)


COMMANDS = {"circles": on_circles}
BUTTONS = {"circles": on_circles, "ci": on_circle_button, "cp": on_ask, "cn": on_more}
