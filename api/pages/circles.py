"""Circles of three on the home page: one's own, and a button that looks for those that one could ask for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Final

from domain.circle_views import CircleView, Seat
from domain.swaps import OPEN, PROPOSED

LOOK: Final = (
    '<p><button type="button" id="look">Which circles are possible?</button></p>'
    '<div id="possible" aria-live="polite"></div>'
)
STAGES: Final = {
    "closed": "running",
    "searching": "looking for somebody",
    "waiting": "waiting for the others",
    "invited": "waiting for you",
}


def circles_section(views: Sequence[CircleView]) -> str:
    """Those that are not over, and the button; what people wrote is in it as text."""
    rows = "".join(_row(view) for view in views if view.status in OPEN)
    idea = '<p class="quiet">When no two people fit, three may: each teaches the next one.</p>'
    return f"<h2>Circles of three</h2>{rows or idea}{LOOK}"


def _row(view: CircleView) -> str:
    learner, teacher = _name(view.you_teach), _name(view.you_learn)
    return (
        f'<article class="card swap"><h3>{teacher} and {learner} <span class="state {escape(view.status)}">'
        f"{STAGES[view.stage]}</span></h3>"
        f"<p>You teach {learner} {_chip(view.you_teach.skill)}, {learner} teaches {teacher} {_chip(view.between)}, "
        f'{teacher} teaches you {_chip(view.you_learn.skill)}</p><div class="buttons">{_buttons(view)}</div></article>'
    )


def _buttons(view: CircleView) -> str:
    if view.status == PROPOSED and "join" in view.can:
        return _button(view, "join", "Join", "primary") + _button(view, "decline", "No, thanks")
    if view.status == PROPOSED:
        return _button(view, "decline", "Step back")
    names = {seat.user_id: seat.name for seat in (view.you_learn, view.you_teach)}
    chat = (
        f'<button class="primary" data-chat="{view.id}" data-name="{_name(view.you_learn)} and '
        f'{_name(view.you_teach)}" data-people="{escape(json.dumps(names))}">Chat</button>'
    )
    return chat + _button(view, "leave", "Leave")


def _button(view: CircleView, answer: str, label: str, kind: str = "") -> str:
    look = f' class="{kind}"' if kind else ""
    return (
        f'<button{look} data-circle="{view.id}" data-version="{view.version}" data-answer="{answer}">{label}</button>'
    )


def _name(seat: Seat) -> str:
    return escape(seat.name) or "somebody new"


def _chip(skill: str) -> str:
    return f'<span class="chip">{escape(skill)}</span>'
