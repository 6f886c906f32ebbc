"""Buttons of sessions: agree on a time, call off, say where, say what took place, be done with a swap."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from telegram import InputFile, Update

from bot.errors import problem_text
from bot.updates.context import Context
from bot.views.dispute_cards import ending_screen, statement_screen
from bot.views.rating_cards import rated_name
from bot.views.screens import (
    Screen,
    button,
    pressed_message,
    show,
    show_in_place,
    show_question,
    toast,
)
from bot.views.session_cards import (
    SessionView,
    confirm_off_screen,
    legs_screen,
    plan_button,
    reasons_screen,
    session_screen,
    where_screen,
)
from bot.views.session_lines import partner_id_in
from bot.views.session_planning import plan_screen
from bot.views.stamps import time_of
from bot.views.swap_cards import card_of, name_of, names_in
from domain.errors import NotFound, Problem
from domain.planning import Meeting
from domain.sessions import AGREED, IN_PERSON, MOVED, NO, ONLINE, REASONS, YES, Session
from domain.swaps import ACCEPTED, COMPLETED, Swap
from domain.talks import actions
from domain.timetable import MAX_PLACE_LENGTH
from handlers.calendar import FILE_NAME, session_ics
from handlers.sessions import (
    agree_session,
    answer_session,
    arrange_sessions,
    call_off_session,
    confirm_session,
    finish_swap,
    get_session,
    have_not_met_yet,
    make_statement,
    place_session,
)
from handlers.swaps import get_swap
from handlers.users import get_people

FLOW: Final = "session"
LINK, PLACE, STATEMENT = "link", "place", "statement"
"""Steps that wait for a text."""


async def on_session_button(update: Update, context: Context, *parts: str) -> None:
    """Handle `se:<swap>:<session>:<verb>[:<argument>]`; the message then shows the session as it stands."""
    swap_id, session_id, verb, argument = (*parts, "", "", "", "")[:4]
    view = await _load(context, swap_id, session_id)
    if verb == "no":
        await _deny(context, view)
    elif verb == "yes" and view.is_answer_due:
        await show_about(context, view.swap, legs_screen(view))
    elif verb in ("off", "where") and view.is_to_come:
        await show_about(context, view.swap, confirm_off_screen(view) if verb == "off" else where_screen(view))
    elif verb in (ONLINE, PLACE) and view.is_to_come:
        await _ask_where(context, view, LINK if verb == ONLINE else PLACE)
    elif verb == "there" and view.session.status == AGREED and view.is_to_come:
        swap = await confirm_session(context.deps, context.user, swap_id, session_id)
        after = await view_session(context, swap, swap.plan.find(session_id) or view.session)
        await show_about(context, swap, session_screen(after, "there"))
    elif (change := _change_of(context, view, verb, argument)) is not None:
        await _apply(context, view, change, is_agreement=verb == "agree")
    else:
        await show_about(context, view.swap, session_screen(view))


def _change_of(context: Context, view: SessionView, verb: str, argument: str) -> Awaitable[Swap] | None:
    """Return the operation behind a button; None for one that shows something, or is out of date."""
    deps, user, swap_id, session = context.deps, context.user, view.swap.id, view.session
    if verb == "agree" and (start := time_of(argument)) is not None:
        return agree_session(deps, user, swap_id, session.id, start)
    if verb == "off!" and argument == str(session.sequence):
        return call_off_session(deps, user, swap_id, session.id)
    if verb == "held" and argument.isdecimal():
        return answer_session(deps, user, swap_id, session.id, YES, legs=tuple(map(int, argument)))
    if verb == "hand":
        return answer_session(deps, user, swap_id, session.id, MOVED)
    if verb == "why" and argument.isdecimal() and int(argument) < len(REASONS):
        return answer_session(deps, user, swap_id, session.id, NO, reason=REASONS[int(argument)])
    return None


async def _deny(context: Context, view: SessionView) -> None:
    """Ask for the reason of a no, but for one about what the other has noted, or one that is repeated."""
    session, user = view.session, context.user
    known = session.answer_of(user.id)
    if not view.is_answer_due or not (session.noted_by or session.denied_by):
        await show_about(context, view.swap, reasons_screen(view) if view.is_answer_due else session_screen(view))
        return
    reason = known.reason if known is not None else ""
    await _apply(context, view, answer_session(context.deps, user, view.swap.id, session.id, NO, reason=reason))


async def _apply(context: Context, view: SessionView, change: Awaitable[Swap], *, is_agreement: bool = False) -> None:
    """Make a change and show the session; a refused one is answered with the reason, and how the session stands."""
    try:
        swap = await change
    except NotFound:
        raise
    except Problem as problem:
        await toast(context, problem_text(context.texts, problem), is_alert=True)
        current = problem.current if isinstance(problem.current, Swap) else None
        swap = current or await get_swap(context.deps, context.user, view.swap.id)
        is_agreement = False
    if swap.status not in (ACCEPTED, view.swap.status):
        await show_about(context, swap, await ending_of(context, swap))
        return
    after = await view_session(context, swap, swap.plan.find(view.session.id) or view.session)
    await show_about(context, swap, session_screen(after))
    if is_agreement:
        await _send_calendar_file(context, swap, after.session)


async def _send_calendar_file(context: Context, swap: Swap, session: Session) -> None:
    """Send an agreed session as a file for calendars."""
    data = await session_ics(context.deps, context.user, swap, session)
    file = InputFile(data, filename=FILE_NAME)
    sent = await context.bot.send_document(context.dialog.telegram_id, file, disable_notification=True)
    await context.note_named(sent.message_id, swap.id)


async def show_agreed(context: Context, swap: Swap, session: Session) -> None:
    """Show a session that a yes has agreed on, below, with its file for calendars."""
    await show_below(context, swap, session_screen(await view_session(context, swap, session)))
    await _send_calendar_file(context, swap, session)


async def _load(context: Context, swap_id: str, session_id: str) -> SessionView:
    found = await get_session(context.deps, context.user, swap_id, session_id)
    return await view_session(context, found.swap, found.session)


async def view_session(context: Context, swap: Swap, session: Session) -> SessionView:
    """Return a session as the user sees it now."""
    partner_id = partner_id_in(swap, session, context.user.id)
    people = await get_people(context.deps, (partner_id,))
    name = name_of(context.texts, people.get(partner_id))
    return SessionView(context.texts, swap, session, context.user, name, context.deps.now())


# ---- where, and other questions that wait for a text ----------------------------------------------------------------


async def _ask_where(context: Context, view: SessionView, step: str) -> None:
    """Ask for the link or the place of a session. The buttons name no swap: a reply to the question is its answer."""
    texts = context.texts
    await context.move_dialog(FLOW, step, key=f"{view.swap.id}:{view.session.id}")
    without = button(texts.plain(f"session.button.no_{step}"), "sq", "bare")
    rows = [[without], [button(texts.plain("session.button.never_mind"), "sq", "end")]]
    await show_question(context, Screen(texts(f"session.ask.{step}", max=MAX_PLACE_LENGTH), rows))


async def on_question_button(update: Update, context: Context, *parts: str) -> None:
    """Handle `sq:bare` (no link, or no place) and `sq:end` (leave the question)."""
    pressed, dialog = pressed_message(context), context.dialog
    is_other = pressed is not None and bool(dialog.asked) and pressed.message_id not in dialog.asked
    if not dialog.step or is_other:
        await toast(context, context.texts.plain("common.old_button"))
    elif parts == ("bare",) and dialog.flow == FLOW and dialog.step in (LINK, PLACE):
        await _answer_where(context, "")
    elif parts == ("end",):
        await show_in_place(context, Screen(context.texts("session.ask.left")))
        await context.end_dialog()


async def on_text(update: Update, context: Context, text: str) -> None:
    """Take the link or place of a session, or one's side of a dispute."""
    if context.dialog.step == STATEMENT:
        await make_statement(context.deps, context.user, str(context.dialog.data["key"]), text)
        await show(context, Screen(context.texts("dispute.said")))
        await context.end_dialog()
    else:
        await _answer_where(context, text)


async def _answer_where(context: Context, text: str) -> None:
    """Save where a session is. What cannot be saved is answered with the reason, and the question stays open."""
    swap_id, _, session_id = str(context.dialog.data["key"]).partition(":")
    if context.dialog.step == LINK:
        meeting = Meeting((), mode=ONLINE, link=text)
    else:
        meeting = Meeting((), mode=IN_PERSON, place=text)
    swap = await place_session(context.deps, context.user, swap_id, session_id, meeting)
    session = swap.plan.find(session_id)
    if session is not None:
        await show_about(context, swap, session_screen(await view_session(context, swap, session)))
    await context.end_dialog()  # last: if interrupted before, the repeated update is still taken as the answer


# ---- the swap as a whole --------------------------------------------------------------------------------


async def on_plan_button(update: Update, context: Context, *parts: str) -> None:
    """Handle the verbs of `sw:<swap>:<verb>` that need no further choice: see `bot.session_planning` for the others."""
    swap_id, verb = (*parts, "", "")[:2]
    swap = await get_swap(context.deps, context.user, swap_id)
    name = await names_in(context.deps, context.texts, swap, context.user.id)
    if verb == "say" and "state" in actions(swap, context.user.id, context.deps.now()):
        await context.move_dialog(FLOW, STATEMENT, key=swap.id)
        question = await show(context, statement_screen(context.texts, name))
        await context.note_question(question.message_id)
        await context.note_named(question.message_id, swap.id)
        return
    change = {"arrange": arrange_sessions, "notyet": have_not_met_yet, "done": finish_swap}.get(verb)
    if swap.status != ACCEPTED:
        await show_about(context, swap, await ending_of(context, swap))
    elif change is None:
        await show_apart(context, swap, await _plan_of(context, swap))
    else:
        await _apply_to_swap(context, swap, change(context.deps, context.user, swap.id), verb, name)


async def _apply_to_swap(context: Context, swap: Swap, change: Awaitable[Swap], verb: str, name: str) -> None:
    try:
        after = await change
    except NotFound:
        raise
    except Problem as problem:
        await toast(context, problem_text(context.texts, problem), is_alert=True)
        await show_apart(context, swap, await _plan_of(context, swap))
        return
    if after.status == COMPLETED:
        await show_apart(context, after, await ending_of(context, after))
        return
    if verb == "done":
        name = await _names_of_missing(context, after)
    rows = [
        [plan_button(context.texts, after, "plan" if verb != "done" else "again", "new")],
        [plan_button(context.texts, after, "sessions", "open")],
    ]
    await show_apart(context, after, Screen(context.texts(f"session.plan.said_{verb}", name=name), rows))


async def _names_of_missing(context: Context, swap: Swap) -> str:
    """Return the names of those who have not said that they are done with a swap."""
    missing = tuple(person for person in swap.participants if person not in swap.plan.done)
    people = await get_people(context.deps, missing)
    return context.texts.enumerate([name_of(context.texts, people.get(person)) for person in missing])


async def _plan_of(context: Context, swap: Swap) -> Screen:
    people = await get_people(context.deps, swap.others(context.user.id))
    names = {user_id: person.name for user_id, person in people.items()}
    return plan_screen(context.texts, swap, context.user, names, at=context.deps.now())


async def ending_of(context: Context, swap: Swap) -> Screen:
    """Return what became of a swap that has ended."""
    name = await names_in(context.deps, context.texts, swap, context.user.id)
    rated = await rated_name(context.deps, context.texts, swap, context.user.id)
    return ending_screen(context.texts, swap, context.user, name, rated)


async def show_apart(context: Context, swap: Swap, screen: Screen) -> None:
    """Show a screen in the pressed message, but below the card of the swap, which stays."""
    pressed, card = pressed_message(context), card_of(swap, context.user.id)
    is_card = pressed is not None and card is not None and pressed.message_id == card.message_id
    if is_card:
        await show_below(context, swap, screen)
    else:
        await show_about(context, swap, screen)


async def show_below(context: Context, swap: Swap, screen: Screen) -> None:
    """Show a screen that names others of a swap in a new message, and note where it is."""
    await context.note_named((await show(context, screen)).message_id, swap.id)


async def show_about(context: Context, swap: Swap, screen: Screen) -> None:
    """Show a screen that names others of a swap in the pressed message, or in a new one, and note where it is."""
    await context.note_named(await show_in_place(context, screen), swap.id)


BUTTONS = {"se": on_session_button, "sq": on_question_button}
ON_TEXT = {FLOW: on_text}
