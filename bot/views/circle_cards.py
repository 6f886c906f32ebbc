"""Circle cards as one of the three members sees them: text, buttons, notifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from math import ceil
from typing import Final

from telegram import InlineKeyboardButton

from bot.views.lengths import short
from bot.views.reports import seat_safety_rows
from bot.views.screens import Row, Screen, button
from domain.circle_views import DECLINED, CircleView, Seat
from domain.events import CIRCLE_SEARCHING, SWAP_ACCEPTED, SWAP_CANCELLED, SWAP_EXPIRED
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PROPOSED
from handlers.runtime.texts import Texts

HOUR: Final = timedelta(hours=1)
MAX_LABEL = 60
"""Characters of a button that names a circle."""


def circle_card(
    texts: Texts, view: CircleView, *, at: datetime, facts: Sequence[str] = (), planned: Sequence[str] = ()
) -> Screen:
    """Return the card of a circle; the hours left for an answer are counted from `at`. `facts` are plain lines for a
    viewer who can still join, `planned` lines in HTML about the viewer's sessions."""
    if view.status == DECLINED:
        return Screen(texts("circle.card.declined"))
    lines = [texts(f"circle.card.{_headline(view)}", n=_hours_left(view, at)), "", *circle_lines(texts, view)]
    lines += ["", *(escape(fact, quote=False) for fact in facts)] if facts else []
    if view.status == PROPOSED:
        joined = [_name(texts, seat) for seat in (view.you_learn, view.you_teach) if seat.has_joined]
        names = texts("circle.joined", n=len(joined), names=texts.enumerate(joined)) if joined else ""
        lines += ["", names or texts("circle.nobody_joined"), texts("circle.first_names")]
    lines += ["", *planned] if planned else []
    return Screen("\n".join(lines), _rows(texts, view))


def _hours_left(view: CircleView, at: datetime) -> int:
    """Return the hours left for an answer, rounded up; a replacement member has fewer than the first ones."""
    return max(1, ceil((view.due_at - at) / HOUR)) if view.due_at is not None else 0


def circle_lines(texts: Texts, view: CircleView) -> list[str]:
    """Return a line for each lesson of a circle, the viewer's first."""
    learner, teacher = _name(texts, view.you_teach), _name(texts, view.you_learn)
    return [
        texts("circle.you_teach", name=learner, skill=texts.skill(view.you_teach.skill)),
        texts("circle.between", name=learner, other=teacher, skill=texts.skill(view.between)),
        texts("circle.you_learn", name=teacher, skill=texts.skill(view.you_learn.skill)),
    ]


def circle_label(texts: Texts, view: CircleView) -> str:
    """Return a circle as one short plain line."""
    names = [_name(texts, seat) for seat in (view.you_learn, view.you_teach)]
    learns, teaches = (texts.skill_name(seat.skill) for seat in (view.you_learn, view.you_teach))
    return f"{texts.enumerate(names)} · {learns} ⇄ {teaches}"


def add_circle_lines(texts: Texts, views: Sequence[CircleView], lines: list[str], rows: list[Row]) -> None:
    """Add a line and a button for each of the viewer's circles."""
    for view in views:
        label = circle_label(texts, view)
        lines.append(texts("circle.line", label=label, state=texts.plain(f"circle.state.{view.stage}")))
        rows.append([button(short(label, MAX_LABEL), "ci", view.id, view.version, "open")])


def circle_news(texts: Texts, view: CircleView, event: str) -> Screen | None:
    """Return the message beside the card; None for an event without one, or when the circle has changed since."""
    search_again: list[Row] = [[button(texts.plain("circle.see_others"), "circles")]]
    if event == SWAP_ACCEPTED and view.status == ACCEPTED:
        return Screen(
            texts("circle.told.closed", teacher=_name(texts, view.you_learn), learner=_name(texts, view.you_teach)),
            [
                [_button(texts.plain("swap.chat"), view, "chat", style="primary")],
                *seat_safety_rows(texts, view),
            ],
        )
    if event == CIRCLE_SEARCHING and view.status == PROPOSED:
        return Screen(texts("circle.told.searching", skill=texts.skill(view.you_learn.skill)))
    if event == SWAP_CANCELLED and view.status == CANCELLED:
        return Screen(
            texts(f"circle.told.{'ended' if view.has_run else 'dissolved'}", skill=texts.skill(view.you_learn.skill)),
            search_again,
        )
    if event == SWAP_EXPIRED and view.status == EXPIRED:
        return Screen(texts("circle.told.dissolved", skill=texts.skill(view.you_learn.skill)), search_again)
    return None


def possible_card(texts: Texts, view: CircleView) -> Screen:
    """Return the notification of a new circle candidate."""
    ask = button(invite_label(texts, view), "cp", view.id, style="success")
    see = button(texts.plain("circle.see_all"), "circles")
    return Screen("\n".join([texts("circle.told.possible"), "", *circle_lines(texts, view)]), [[ask], [see]])


def invite_label(texts: Texts, view: CircleView) -> str:
    names = texts.enumerate([view.you_teach.name, view.you_learn.name])
    return short(texts.plain("circle.ask", names=names), MAX_LABEL)


def confirm_leave_screen(texts: Texts, view: CircleView) -> Screen:
    """Return the screen that asks for confirmation before a closed circle ends for all three."""
    yes = _button(texts.plain("circle.leave_yes"), view, "leave!", style="danger")
    no = _button(texts.plain("swap.end_no"), view, "show")
    return Screen(texts("circle.confirm_leave"), [[yes, no], *seat_safety_rows(texts, view)])


def _headline(view: CircleView) -> str:
    if view.status == PROPOSED:
        if view.is_searching:
            return "searching"
        return "waiting" if view.has_joined else "invited"
    if view.status == ACCEPTED:
        return "closed"
    return "ended" if view.has_run else "dissolved"


def _rows(texts: Texts, view: CircleView) -> list[Row]:
    rows: list[Row] = []
    if "join" in view.can:
        join = _button(texts.plain("circle.join"), view, "join", style="success")
        rows.append([join, _button(texts.plain("circle.decline"), view, "decline", style="danger")])
    elif view.status == PROPOSED and "leave" in view.can:
        rows.append([_button(texts.plain("circle.step_back"), view, "decline")])
    if "chat" in view.can:
        rows.append([_button(texts.plain("swap.chat"), view, "chat", style="primary")])
    if "plan" in view.can:
        rows.append([button(texts.plain("session.button.sessions"), "sw", view.id, "open")])
    if "state" in view.can:
        rows.append([button(texts.plain("session.button.say"), "sw", view.id, "say")])
    if view.status != PROPOSED and "leave" in view.can:
        rows.append([_button(texts.plain("circle.leave"), view, "leave")])
    return [*rows, *seat_safety_rows(texts, view)]


def _button(label: str, view: CircleView, verb: str, *, style: str | None = None) -> InlineKeyboardButton:
    return button(label, "ci", view.id, view.version, verb, style=style)


def _name(texts: Texts, seat: Seat) -> str:
    return seat.name or texts.plain(seat.placeholder)
