"""Sessions as lines of other screens: on the card of their swap, and in the list of what is coming up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Final

from bot.views.times import day_html, time_html
from domain.planning import people_of, sessions_of
from domain.sessions import AGREED, ONLINE, Session
from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers.runtime.texts import Html, Texts

MAX_LINES: Final = 3


def session_lines(texts: Texts, swap: Swap, viewer: User, names: Mapping[str, str], *, at: datetime) -> list[str]:
    """Return lines in HTML about what is planned in a running swap; `names` are the others' by id."""
    if swap.status != ACCEPTED:
        return []
    shown = [session for session in sessions_of(swap, viewer.id) if session.is_upcoming][:MAX_LINES]
    lines = [session_line(texts, swap, session, viewer, names, at=at) for session in shown]
    if not shown and swap.plan.arranged_by:
        lines.append(texts("session.card.arranged"))
    if swap.plan.held_legs:
        lines.append(texts("session.card.held", n=sum(1 for session in swap.plan.sessions if session.held_legs)))
    if swap.plan.done:
        who = "mine" if viewer.id in swap.plan.done else "theirs"
        lines.append(texts(f"session.card.done_{who}"))
    return lines


def session_line(
    texts: Texts, swap: Swap, session: Session, viewer: User, names: Mapping[str, str], *, at: datetime
) -> str:
    """Return one line in HTML about a session that is offered or agreed."""
    name = names.get(partner_id_in(swap, session, viewer.id), "") or texts.plain("swap.somebody")
    if session.status != AGREED or session.starts_at is None:
        whose = "mine" if session.offered_by == viewer.id else "theirs"
        times = Html(" · ".join(time_html(texts, slot, viewer.timezone) for slot in session.slots))
        return texts(f"session.card.offered_{whose}", name=name, times=times)
    if session.noted_by:
        whose = "mine" if session.noted_by == viewer.id else "theirs"
        day = day_html(texts, session.starts_at, viewer.timezone)
        return texts(f"session.card.noted_{whose}", name=name, day=day)
    line = when_and_where(texts, session, viewer)
    return f"{line} ❓" if session.is_over(at) else line


def when_and_where(texts: Texts, session: Session, viewer: User) -> str:
    """Return "🗓 Tue, May 5, 6:00 PM (UTC+2), 60 min, online" in HTML for an agreed session."""
    assert session.starts_at is not None, "an agreed session has a start"
    when = time_html(texts, session.starts_at, viewer.timezone)
    return texts("session.line", time=when, n=session.minutes, where=Html(where_html(texts, session)))


def where_html(texts: Texts, session: Session) -> str:
    """Return the mode of a session, with its link or place, in HTML."""
    if session.mode == ONLINE:
        return texts("session.where.link", link=session.link) if session.link else texts("session.where.online")
    return texts("session.where.place", place=session.place) if session.place else texts("session.where.in_person")


def lessons_html(texts: Texts, swap: Swap, session: Session, viewer: User) -> list[str]:
    """Return a line in HTML for each leg of a session: what the viewer learns or teaches."""
    legs = [swap.legs[leg] for leg in session.legs]
    return [
        texts("swap.you_learn" if leg.learner == viewer.id else "swap.you_teach", skill=texts.skill(leg.skill))
        for leg in legs
        if viewer.id in (leg.learner, leg.teacher)
    ]


def partner_id_in(swap: Swap, session: Session, viewer_id: str) -> str:
    """Return the id of the other one in a session."""
    return next((person for person in people_of(swap, session) if person != viewer_id), "")


def quoted(text: str) -> str:
    """Return outside text as a quotation in HTML."""
    return f"<blockquote>{escape(text, quote=False)}</blockquote>"
