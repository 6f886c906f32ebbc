"""Everything that the page of one swap says, as plain values for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.pages.swap_people import PersonCard, person_card
from api.pages.swap_ratings import RatingView, ratings_of
from api.pages.swap_views import (
    Moment,
    SessionView,
    away,
    left_until,
    moment,
    names_of,
    pair_of,
    proposed_moments,
    session_views,
    verbs,
    why,
)
from domain.declines import REASONS
from domain.reviews import MAX_REPLY_LENGTH, seats_of
from domain.screening import partners_of
from domain.sessions import REASONS as SESSION_REASONS
from domain.stages import is_probed
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, PENDING, REJECTED, Swap
from domain.timetable import MAX_STATEMENT_LENGTH
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people


@dataclass(frozen=True, slots=True)
class SwapDetail:
    """A swap as its reader sees it: `is_asked` when they decide about it, `to_rate` whom they can still rate, as
    (address, name). In a circle `teacher` and `learner` are those of the reader, elsewhere ""."""

    swap: Swap
    viewer_id: str
    names: str
    pair: str
    learns: str
    teaches: str
    teacher: str
    learner: str
    state: str
    is_asked: bool
    until: Moment | None
    left: str
    people: Sequence[PersonCard]
    can: frozenset[str]
    slots: Sequence[Moment]
    sessions: Sequence[SessionView]
    is_mine: bool
    is_probed: bool
    why: str
    away: str
    to_rate: Sequence[tuple[str, str]]
    ratings: Sequence[RatingView]
    decline_reasons: Sequence[str] = REASONS
    session_reasons: Sequence[str] = SESSION_REASONS
    max_statement: int = MAX_STATEMENT_LENGTH
    max_reply: int = MAX_REPLY_LENGTH

    @property
    def is_told(self) -> bool:
        """Return whether there is anything to say about the others."""
        return any(person.facts or person.reasons or person.caveats for person in self.people) or self.is_asked


async def swap_detail(deps: Deps, texts: Texts, actor: User, swap: Swap) -> SwapDetail:
    """Return what the page of a swap says to this reader now."""
    now = deps.now()
    people = await get_people(deps, (*swap.participants, *partners_of(swap, actor.id)))
    others = [people[one] for one in partners_of(swap, actor.id) if one in people]
    partner = others[0] if len(others) == 1 else None
    is_pending = swap.status == PENDING
    is_asked = is_pending and actor.id == swap.answerer
    due_at = swap.due_at if is_pending else None
    levels = _levels(deps, swap, actor, partner if is_asked and partner is not None and partner.is_listed else None)
    return SwapDetail(
        swap=swap,
        viewer_id=actor.id,
        names=names_of(texts, swap, actor.id, people),
        pair=pair_of(texts, swap, actor.id),
        learns=texts.skill(swap.learnt_by(actor.id), level=levels[0]),
        teaches=texts.skill(swap.taught_by(actor.id), level=levels[1]),
        teacher=_in_circle(
            texts, swap, people, next((leg.teacher for leg in swap.legs if leg.learner == actor.id), "")
        ),
        learner=_in_circle(
            texts, swap, people, next((leg.learner for leg in swap.legs if leg.teacher == actor.id), "")
        ),
        state=texts.plain(f"swap.status.{swap.outcome}"),
        is_asked=is_asked,
        until=moment(texts, due_at, actor.timezone) if due_at is not None else None,
        left=left_until(texts, due_at, now) if due_at is not None else "",
        people=[person_card(deps, texts, swap, actor, one) for one in others if one.name],
        can=verbs(swap, actor, now),
        slots=proposed_moments(texts, swap, actor, partner, now) if is_pending else (),
        sessions=session_views(texts, swap, actor, people, now),
        is_mine=swap.author == actor.id,
        is_probed=is_probed(swap),
        why=why(texts, swap, actor.id),
        away=away(texts, swap, actor.id, people),
        to_rate=_to_rate(texts, swap, actor, {one.id: one for one in others}, now),
        ratings=await ratings_of(deps, texts, swap, actor, people),
    )


def change_of(texts: Texts, one: SwapDetail) -> str:
    """Return what has become of a swap while its reader looked at it: "Ada took it back." """
    by_other = one.swap.history and one.swap.history[-1].by not in ("", one.viewer_id)
    if by_other and one.swap.status in (ACCEPTED, CANCELLED, REJECTED):
        return texts.plain(f"page.changed.{one.swap.status}", name=one.names)
    return texts.plain("page.changed.other", state=one.state)


def _in_circle(texts: Texts, swap: Swap, people: Mapping[str, User], *person_ids: str) -> str:
    if swap.circle is None or not person_ids:
        return ""
    person = people.get(person_ids[0])
    return person.name if person is not None and person.name else texts.plain("swap.somebody")


def _levels(deps: Deps, swap: Swap, viewer: User, asker: User | None) -> tuple[str | None, str | None]:
    """Return the asker's level in what the viewer would learn, and their goal in what the viewer would teach."""
    if asker is None:
        return None, None
    key_of = deps.vocabulary.key_of
    return (
        asker.offered_levels.get(key_of(swap.learnt_by(viewer.id))),
        asker.wanted_levels.get(key_of(swap.taught_by(viewer.id))),
    )


def _to_rate(texts: Texts, swap: Swap, viewer: User, others: dict[str, User], at: datetime) -> list[tuple[str, str]]:
    ends = swap.plan.ratings_end
    if swap.status != COMPLETED or ends is None or at >= ends or viewer.id in swap.rated:
        return []
    rated = [others.get(seat.about) for seat in seats_of(swap) if seat.author == viewer.id]
    return [(f"/swaps/{swap.id}/rate/{one.id}", one.name or texts.plain("swap.somebody")) for one in rated if one]
