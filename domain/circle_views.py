"""A circle as one of its users may see it: what they teach and learn, and first names only until it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.circle_candidates import CircleCandidate
from domain.matches import Factor, Match
from domain.swaps import ACCEPTED, PROPOSED, Swap
from domain.talks import actions
from domain.users import User, first_name

POSSIBLE, DECLINED = "possible", "declined"
"""Stages beyond those of a swap: not asked for yet, and left by the viewer."""


YOU_LEARN: Final = "you_learn"
YOU_TEACH: Final = "you_teach"
"""The seats of a viewer's two partners: who teaches the viewer, and whom the viewer teaches."""


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """Facts about a listed partner for a viewer who decides: public fields, and reasons and caveats of a match. `level`
    is the teacher's, or the learner's goal. Nothing here says who it is."""

    location: str
    locale: str
    slots: tuple[str, ...]
    shared_slots: tuple[str, ...]
    availability: str
    reasons: tuple[Factor, ...]
    caveats: tuple[Factor, ...]
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the viewer's two partners: a first name and the skill between the two.

    `name` is "" for a vacancy, and for a user who has deleted their account (`has_left`). `user_id` is None until the
    circle is closed; `facts` are there for a viewer who can still join.
    """

    name: str
    skill: str
    user_id: str | None = None
    has_joined: bool = False
    facts: SeatFacts | None = None
    has_left: bool = False

    @property
    def placeholder(self) -> str:
        """Return the key of the text that stands in for the name of a seat without one."""
        return "swap.somebody" if self.has_left else "circle.somebody_new"


@dataclass(frozen=True, slots=True)
class CircleView:
    """A circle as the viewer sees it; `between` is the skill that the viewer's learner teaches the viewer's teacher.

    `id` is the swap's; for a possible circle it is an alias that only the viewer can use. `can` lists ask, or join and
    leave, or chat.
    """

    id: str
    status: str
    version: int
    you_teach: Seat
    you_learn: Seat
    between: str
    can: tuple[str, ...]
    due_at: datetime | None = None
    has_joined: bool = False
    is_searching: bool = False
    has_run: bool = False
    viewer_id: str = ""
    swap: Swap | None = None
    """The viewer's id and the swap itself, once all have joined."""

    @property
    def seats(self) -> dict[str, Seat]:
        """Return the two partners by seat, in the order in which a screen names them."""
        return {YOU_LEARN: self.you_learn, YOU_TEACH: self.you_teach}

    @property
    def stage(self) -> str:
        """Return the viewer's stage of an open circle: closed, searching, waiting (for the others) or invited."""
        if self.status == ACCEPTED:
            return "closed"
        if self.is_searching:
            return "searching"
        return "waiting" if self.has_joined else "invited"


def view_of(swap: Swap, viewer_id: str, people: Mapping[str, User], at: datetime) -> CircleView | None:
    """Return the circle as this user sees it now; None for a user who has never been part of it."""
    if swap.circle is None:
        return None
    if viewer_id not in swap.participants:
        is_out = viewer_id in swap.circle.gone
        return CircleView(swap.id, DECLINED, swap.version, Seat("", ""), Seat("", ""), "", ()) if is_out else None
    teaching = next(leg for leg in swap.legs if leg.teacher == viewer_id)
    learning = next(leg for leg in swap.legs if leg.learner == viewer_id)
    between = next((leg.skill for leg in swap.legs if viewer_id not in (leg.teacher, leg.learner)), "")
    return CircleView(
        id=swap.id,
        status=swap.status,
        version=swap.version,
        you_teach=_seat(swap, teaching.learner, teaching.skill, people),
        you_learn=_seat(swap, learning.teacher, learning.skill, people),
        between=between,
        can=_can(swap, viewer_id, at),
        due_at=swap.due_at,
        has_joined=viewer_id in swap.consents,
        is_searching=swap.status == PROPOSED and swap.is_vacant,
        has_run=swap.has_run,
        viewer_id=viewer_id if swap.has_run else "",
        swap=swap if swap.has_run else None,
    )


def _can(swap: Swap, viewer_id: str, at: datetime) -> tuple[str, ...]:
    """Return the verbs of a circle: a closed one is left, and not cancelled."""
    can = actions(swap, viewer_id, at)
    return tuple("leave" if verb == "cancel" else verb for verb in can) if swap.status == ACCEPTED else can


def _seat(swap: Swap, user_id: str, skill: str, people: Mapping[str, User]) -> Seat:
    known = user_id if swap.has_run and user_id else None
    name = first_name(people.get(user_id))
    return Seat(name, skill, known, user_id in swap.consents, has_left=bool(user_id) and not name)


def facts_of(match: Match, level: str | None = None) -> SeatFacts:
    """Return what a match says about its user without naming them."""
    person = match.user
    return SeatFacts(
        location=person.location,
        locale=person.locale,
        slots=person.slots,
        shared_slots=match.shared_slots,
        availability=person.availability,
        reasons=match.reasons,
        caveats=match.caveats,
        level=level,
    )


def possible_view(
    candidate: CircleCandidate, alias: str, people: Mapping[str, User], skills: tuple[str, str, str]
) -> CircleView:
    """Return a circle candidate as its asker sees it; `skills` are in the spelling of their teachers."""
    _, learner, teacher = (people[user_id] for user_id in candidate.people)
    return CircleView(
        id=alias,
        status=POSSIBLE,
        version=0,
        you_teach=Seat(first_name(learner), skills[0]),
        you_learn=Seat(first_name(teacher), skills[2]),
        between=skills[1],
        can=("ask",),
    )
