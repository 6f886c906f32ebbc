"""Circles of three on the home page: one's own, and a button that looks for those that one could ask for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Final

from api.pages.blocks import seat_links
from api.pages.reports import report_links
from domain.circle_views import CircleView, Seat
from domain.swaps import OPEN, PROPOSED
from domain.users import User
from handlers.request_facts import circle_facts
from handlers.runtime.texts import Html, Texts

# A link, not a button: pressed before the scripts are there it leaves its mark in the address, and they open the chat.
CHAT_LINK: Final = 'href="#{id}" data-chat="{id}"'


def circles_section(texts: Texts, viewer: User, views: Sequence[CircleView]) -> str:
    """Those that are not over, and the button; what people wrote is in it as text."""
    rows = "".join(_row(texts, viewer, view) for view in views if view.status in OPEN)
    idea = f'<p class="quiet">{texts("page.circles.idea")}</p>'
    look = (
        f'<p><button type="button" id="look">{texts("page.circles.look")}</button></p>'
        '<div id="possible" aria-live="polite"></div>'
    )
    return f"<h2>{texts('page.circles.title')}</h2>{rows or idea}{look}"


def _row(texts: Texts, viewer: User, view: CircleView) -> str:
    learner, teacher = _name(texts, view.you_teach), _name(texts, view.you_learn)
    skills = texts(
        "page.live.circle_skills",
        learner=learner,
        teacher=teacher,
        teaches=_chip(texts, view.you_teach.skill),
        between=_chip(texts, view.between),
        learns=_chip(texts, view.you_learn.skill),
    )
    facts = facts_list(circle_facts(texts, viewer, view))
    safety = seat_links(texts, view) + report_links(texts, view.id, ((p, seat.name) for p, seat in view.seats.items()))
    return (
        f'<article class="card swap"><h3>{escape(texts.enumerate([teacher, learner]))} '
        f'<span class="state {escape(view.status)}">{texts(f"circle.state.{view.stage}")}</span></h3>'
        f'<p>{skills}</p>{facts}<div class="buttons">{_buttons(texts, view)}</div>{safety}</article>'
    )


def facts_list(facts: Sequence[str]) -> str:
    """Return plain lines about somebody who asks, as a list; "" for none."""
    lines = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
    return f'<ul class="facts">{lines}</ul>' if lines else ""


def _buttons(texts: Texts, view: CircleView) -> str:
    if view.status == PROPOSED and "join" in view.can:
        join = _button(view, "join", texts("page.circles.join"), "primary")
        return join + _button(view, "decline", texts("page.circles.decline"))
    if view.status == PROPOSED:
        return _button(view, "decline", texts("page.circles.step_back"))
    names = {seat.user_id: seat.name for seat in (view.you_learn, view.you_teach)}
    both = texts.enumerate([_name(texts, view.you_learn), _name(texts, view.you_teach)])
    title = texts.plain("chat.circle_name", names=both)
    pair = f"{texts.skill_name(view.you_learn.skill)} ⇄ {texts.skill_name(view.you_teach.skill)}"
    chat = (
        f'<a class="button" {CHAT_LINK.format(id=view.id)} data-name="{escape(title)}" '
        f'data-pair="{escape(pair)}" data-people="{escape(json.dumps(names))}">{texts("page.live.chat")}</a>'
    )
    return chat + _button(view, "leave", texts("page.circles.leave"))


def _button(view: CircleView, answer: str, label: str, kind: str = "") -> str:
    look = f' class="{kind}"' if kind else ""
    return (
        f'<button{look} data-circle="{view.id}" data-version="{view.version}" data-answer="{answer}">{label}</button>'
    )


def _name(texts: Texts, seat: Seat) -> str:
    return seat.name or texts.plain(seat.placeholder)


def _chip(texts: Texts, skill: str) -> Html:
    return Html(f'<span class="chip">{escape(texts.skill(skill))}</span>')
