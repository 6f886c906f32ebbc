"""Mails about sessions and the ends of swaps, one of each sort, for the test of all events."""

from __future__ import annotations

from dataclasses import replace

from domain import events
from domain.sessions import Session
from domain.users import User
from handlers.runtime.texts import load_texts
from mail.notices import Notice, worded_notice
from mail.session_notices import session_notice
from tests.domain.event_swaps import AT, BEN


def said_about(person: User, event: str) -> list[Notice]:
    kinds = {
        events.DISPUTE_OPEN: ("dispute",),
        events.SWAP_COMPLETED: ("completed", "one_way"),
        events.SWAP_UNDECIDED: ("undecided", "undecided_others"),
    }
    names = kinds.get(event, (event.removeprefix("swap."),))
    return [worded_notice(load_texts()[person.locale], name, name="Ben") for name in names]


def session_notices(person: User, event: str) -> list[Notice]:
    kinds = ("offered", "moved", "agreed", "called_off", "withdrawn", "soon", "asked")
    at = Session("1", (0, 1), (), BEN.id, AT, starts_at=AT)
    placed = (at, replace(at, place="Café"), replace(at, mode="in_person"), replace(at, slots=(AT,), starts_at=None))
    zones = (None, "Europe/Madrid")
    return [
        session_notice(load_texts()[person.locale], kind, "Ben", one, zone)
        for kind in kinds
        for one in placed
        for zone in zones
    ]
