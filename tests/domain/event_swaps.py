"""Users, requests, swaps and circles in each state, as events tell of them."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.circle_views import CircleView, view_of
from domain.circles import Part, join, propose_circle
from domain.counter_offers import counter
from domain.swaps import ANSWER_WITHIN, Swap, propose
from domain.users import User

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADA = User(id="a" * 24, name="Ada", created_at=AT, email="ada@example.org", skills_offered=("Python",))
BEN = User(id="b" * 24, name="Ben", created_at=AT, email="ben@example.org", skills_offered=("Guitar",))
NOOR = User(id="c" * 24, name="Noor", created_at=AT, skills_offered=("Chinese",))
PEOPLE = {person.id: person for person in (ADA, BEN, NOOR)}


def pair() -> Swap:
    return propose(
        swap_id="d" * 24, from_id=ADA.id, to_id=BEN.id, offered_skill="Python", wanted_skill="Guitar", message="", at=AT
    )


def countered() -> Swap:
    return counter(pair(), by=BEN.id, offered_skill="Guitar", wanted_skill="Chess", message="Rather?", at=AT)


def circle() -> Swap:
    parts = (Part(ADA.id, "Python", "python"), Part(BEN.id, "Guitar", "guitar"), Part(NOOR.id, "Chinese", "chinese"))
    return propose_circle(circle_id="e" * 24, parts=parts, at=AT)


def closed_circle() -> Swap:
    swap = circle()
    for person in (BEN, NOOR):
        swap = join(swap, by=person.id, version=swap.version, at=AT)
    return swap


def seen(swap: Swap, viewer: User = ADA) -> CircleView:
    view = view_of(swap, viewer.id, PEOPLE, AT)
    assert view is not None
    return view


def answered(status: str) -> Swap:
    match status:
        case "accepted":
            return pair().accept(by=BEN.id, at=AT)
        case "rejected":
            return pair().reject(by=BEN.id, at=AT)
        case "cancelled":
            return pair().cancel(by=ADA.id, at=AT)
    return pair().expire(at=AT + ANSWER_WITHIN)
