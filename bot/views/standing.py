"""Screens for somebody whose standing does not allow what they were about to do."""

from __future__ import annotations

from datetime import datetime

from bot.views.screens import Row, Screen, back_button, button
from domain.availability import local_time
from domain.errors import Forbidden
from domain.users import User
from handlers.letters import reason_text
from handlers.runtime.texts import Texts


def standing_screen(texts: Texts, user: User, refusal: Forbidden) -> Screen:
    """Return the refusal, with what can be done about it: a warning is acknowledged, a closed account deleted."""
    rows: list[Row] = []
    match refusal.code:
        case "standing.warned":
            text = texts("letter.warned", reason=reason_text(texts, user.standing.reason))
            rows = [[button(texts.plain("standing.acknowledge"), "ack")]]
        case "standing.banned":
            text = texts("common.banned")
            rows = [[button(texts.plain("button.delete_account"), "delete")]]
        case "standing.suspended":
            text = texts("problem.standing.suspended", until=_until(texts, user, user.standing.suspended_until))
        case _:
            own = f"problem.{refusal.code}"
            text = texts(own if texts.has(own) else f"detail.{refusal.code}", **refusal.params)
    return Screen(text, rows)


def acknowledged_screen(texts: Texts) -> Screen:
    return Screen(texts("standing.acknowledged"), [[back_button(texts, "home")]])


def _until(texts: Texts, user: User, until: datetime | None) -> str:
    if until is None:
        return ""
    local = local_time(until, user.timezone)
    return f"{texts.date(local.date())}, {texts.time(local)}"
