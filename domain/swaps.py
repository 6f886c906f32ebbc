"""Transitions of a swap. A swap of two is a circle of two: legs say who teaches whom, and one engine serves both.

pending ──accept──▶ accepted ──cancel──▶ cancelled
   ├──counter──▶ pending         (the turn passes over: see `domain.counter_offers`)
   ├──reject──▶ rejected
   ├──cancel──▶ cancelled        (by the one who waits for an answer)
   └──five days──▶ expired

accepted ──▶ completed, not_happened, disputed, lapsed     (see `domain.outcomes`)

A circle of three is proposed first and accepted with the last consent: see `domain.circles`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.sessions import NO_PLAN, Plan, nothing
from domain.skills import KeyOf, canonical_key

PENDING, ACCEPTED, REJECTED, CANCELLED, EXPIRED = "pending", "accepted", "rejected", "cancelled", "expired"
PROPOSED = "proposed"
"""Status of a circle only: a consent is missing, or a replacement is searched for."""
COMPLETED, NOT_HAPPENED, DISPUTED, LAPSED = "completed", "not_happened", "disputed", "lapsed"
"""Ends of a swap that has run: see `domain.outcomes`."""

OPEN = (PENDING, ACCEPTED, PROPOSED)
ENDED = (CANCELLED, COMPLETED, NOT_HAPPENED, DISPUTED, LAPSED)
"""Statuses that a running swap can end in."""
OVER = (REJECTED, EXPIRED, *ENDED)
STATUSES = OPEN + OVER

PARTNER_GONE, PARTNER_RESTS, WORDS_REFUSED = "partner_unavailable", "partner_rests", "words_refused"
"""Why a swap has ended without anybody ending it: one of them is not here any more, or not for some time, or a
moderator has refused the note."""

ANSWER_WITHIN = timedelta(days=5)
ASK_AGAIN_AFTER = timedelta(days=14)
"""Time after a no in which the declined may not ask the same person again; the one who declined may."""

SLOT = "#"
MAX_NOTE_LENGTH = 500
MAX_ROUNDS = 5
"""Offers of one request, the first and all counter-offers together."""

MAX_HISTORY = 20
MAX_PAGE = 100
"""Swaps of a list that are read at once."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One direction of a swap: `teacher` teaches `learner` the `skill` (user ids, skill as written).

    `key` is what the skill is compared by; documents of older versions have none.
    """

    teacher: str
    learner: str
    skill: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a swap's history; `by` is a user id, or "" for a transition by time."""

    at: datetime
    by: str
    event: str
    status: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An earlier offer of a request that `by` made; the next one took its place. Skills in the asker's direction."""

    by: str
    at: datetime
    offered_skill: str
    wanted_skill: str
    message: str


@dataclass(frozen=True, slots=True)
class Card:
    """The Telegram message that shows this swap to one user."""

    user_id: str
    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Circle:
    """The additional fields of a swap of three.

    A consent counts from the version `terms` on. `gone` are users who were asked and are out; `asked` counts the
    replacements, `is_repaired` says that the one search for a replacement has begun. `slots` names, for each user of a
    closed circle, the one of their slots for running circles that it takes.
    """

    terms: int = 1
    gone: tuple[str, ...] = ()
    asked: int = 0
    is_repaired: bool = False
    slots: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap between two users, or a circle of three. `version` increases by one with every change.

    While a replacement is searched for, `participants` are the two who are left, and the legs have "" for the third.
    """

    id: str
    from_user_id: str
    to_user_id: str
    offered_skill: str
    wanted_skill: str
    message: str
    status: str
    created_at: datetime
    updated_at: datetime
    participants: tuple[str, ...]
    legs: tuple[Leg, ...]
    consents: dict[str, int]
    version: int = 1
    due_at: datetime | None = None
    history: tuple[Event, ...] = ()
    cards: tuple[Card, ...] = ()
    away: tuple[str, ...] = ()
    """Ids of users whom Telegram does not reach; the others have been notified."""
    circle: Circle | None = None
    turn: str = ""
    """`from_user_id` when it is the asker who has to answer, after a counter-offer; "" otherwise. Read `answerer`."""
    offers: tuple[Offer, ...] = ()
    """Offers before the present one, oldest first."""
    decline_reason: str = ""
    """Why the request was declined, for the ranking and its author only: one of `domain.declines.REASONS`."""
    end_reason: str = ""
    """PARTNER_GONE or PARTNER_RESTS when somebody was taken out of it, by a decision or by leaving the community."""
    is_parted: bool = False
    """One of the two has left, or has blocked the other: neither may write any more."""
    plan: Plan = NO_PLAN
    told: Mapping[str, datetime] = field(default_factory=nothing)
    """Time at which each reminder was sent, by its key: see `domain.timeline`."""
    nudges: Mapping[str, int] = field(default_factory=nothing)
    """Number of nudges that each user has had, by user id."""
    screened_at: datetime | None = None
    """Time since when a moderator has to look at the request first (`domain.screening`): only its asker is in it."""
    rated: tuple[str, ...] = ()
    """Ids of those who have written their rating, or decided not to."""

    @property
    def answerer(self) -> str:
        """Return the id of the user who has to answer the request, or had to when it ended."""
        return self.turn or self.to_user_id

    @property
    def author(self) -> str:
        """Return the id of the user whose offer stands, and whose note `message` is: the other one has to answer."""
        return self.to_user_id if self.turn else self.from_user_id

    @property
    def rounds(self) -> int:
        """Return the number of offers, the present one included."""
        return len(self.offers) + 1

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def open_key(self) -> str | None:
        """Return a key that is equal for two open swaps of the same users and skills, whoever asked; unique in the
        store."""
        if not self.is_open or self.is_vacant:
            return None
        return "|".join(sorted([f"{leg.teacher}:{leg.key or canonical_key(leg.skill)}" for leg in self.legs]))

    @property
    def is_vacant(self) -> bool:
        """Return whether this circle has a vacancy."""
        return self.circle is not None and len(self.participants) < len(self.legs)

    @property
    def has_run(self) -> bool:
        """Return whether all have agreed at some time; from then on the participants know each other."""
        if self.status == ACCEPTED or self.plan.accepted_at is not None:
            return True  # however long the history has become since: it forgets
        return any(event.status == ACCEPTED for event in self.history)

    @property
    def outcome(self) -> str:
        """Return the status as people say it: a cancelled swap was either running ("ended") or a request that was taken
        back ("withdrawn"); a dispute that nobody has decided in time is "undecided"."""
        if self.status == DISPUTED and self.plan.undecided_at is not None:
            return "undecided"
        if self.status != CANCELLED:
            return self.status
        return "ended" if self.has_run else "withdrawn"

    @property
    def last_actor(self) -> str:
        """Return the id of the user who has made the last transition; "" for none, as for an expiry."""
        return self.history[-1].by if self.history else ""

    @property
    def is_disclosed(self) -> bool:
        """True when its participants may know each other; those of a circle may once it has closed."""
        return self.circle is None or self.has_run

    @property
    def promises(self) -> tuple[str, ...]:
        """Return "learner:key" for each leg of a running circle; unique in the store, so that nobody learns a skill in
        two circles."""
        if self.circle is None or self.status != ACCEPTED:
            return ()
        return tuple(f"{leg.learner}:{leg.key}" for leg in self.legs)

    @property
    def slots(self) -> tuple[str, ...]:
        """Return "user#slot" for each user of a running circle; unique in the store, like `promises`."""
        if self.circle is None or self.status != ACCEPTED:
            return ()
        return tuple(slot_of(person, number) for person, number in self.circle.slots.items())

    def others(self, user_id: str) -> tuple[str, ...]:
        return tuple(person for person in self.participants if person != user_id)

    def taught_by(self, user_id: str) -> str:
        return next((leg.skill for leg in self.legs if leg.teacher == user_id), "")

    def learnt_by(self, user_id: str) -> str:
        return next((leg.skill for leg in self.legs if leg.learner == user_id), "")

    @property
    def disputants(self) -> tuple[str, ...]:
        """Return the ids of those who remember a session of this swap differently: in a circle two of the three."""
        legs = [self.legs[leg] for one in self.plan.sessions if one.is_disputed for leg in one.legs]
        people = {person for leg in legs for person in (leg.teacher, leg.learner)}
        return self.participants if self.circle is None else tuple(p for p in self.participants if p in people)

    def can(self, user_id: str) -> tuple[str, ...]:
        """Return the verbs that are open to this user now."""
        if user_id not in self.participants:
            return ()
        if self.status == PROPOSED:
            return ("leave",) if user_id in self.consents else ("join", "leave")
        if self.status == PENDING:
            if user_id == self.author:
                return ("cancel",) if self.screened_at is not None else ("cancel", "chat")
            counter = ("counter",) if self.rounds < MAX_ROUNDS else ()
            return ("accept", "reject", *counter, "chat")
        if self.status == ACCEPTED:
            is_done_next = bool(self.plan.held_legs) and user_id not in self.plan.done
            arrange = () if self.plan.arranged_by else ("arrange",)
            return ("chat", "cancel", "plan", "met", *arrange, *(("done",) if is_done_next else ()))
        if self.status == DISPUTED and not self.plan.decision and user_id in self.disputants:
            return ("state",)
        return ()

    def accept(self, *, by: str, at: datetime) -> Swap:
        """Return the swap accepted by the one whose turn it is. Raises NotFound, Forbidden or Conflict."""
        self.require_answer(by, at, "accept")
        accepted = self.moved(ACCEPTED, "accepted", by=by, at=at)
        return replace(accepted, consents={**self.consents, by: accepted.version}, due_at=None)

    def reject(self, *, by: str, at: datetime) -> Swap:
        """Return the swap declined by the one whose turn it is. Raises NotFound, Forbidden or Conflict."""
        self.require_answer(by, at, "reject")
        return replace(self.moved(REJECTED, "rejected", by=by, at=at), due_at=None)

    def cancel(self, *, by: str, at: datetime) -> Swap:
        """Return the swap cancelled: a request by the one who waits for an answer, a running swap by either. Raises
        NotFound, Forbidden or Conflict."""
        self.require_party(by)
        if self.status == PENDING and by != self.author:
            raise Forbidden("swap.only_asker_cancels")
        if self.status not in (PENDING, ACCEPTED):
            raise Conflict("swap.already_over", current=self, status=self.status)
        return replace(self.moved(CANCELLED, "cancelled", by=by, at=at), due_at=None)

    def expire(self, *, at: datetime) -> Swap:
        """Return the request expired. Raises Conflict when it is not due."""
        if self.status != PENDING or self.due_at is None or self.due_at > at:
            raise Conflict("swap.not_due", current=self)
        return replace(self.moved(EXPIRED, "expired", by="", at=at), due_at=None)

    @property
    def known_status(self) -> str:
        """Return the status that the last transition has led to; another one was written past the operations.

        What an older application has ended without a history is as it says.
        """
        last = self.history[-1].status if self.history else self.status
        return self.status if last == PENDING and self.due_at is None else last

    def completed(self, *, at: datetime) -> Swap | None:
        """Return the transition, as a whole, that another program has made by writing the status alone.

        Only the one whose turn it is can have answered a request, and only the other withdrawn it. Either may have
        ended a running swap, so that has no actor. It does not matter that the time to answer is over, if it came
        before the expiry. None for what no user may do, and for circles: a status does not say whose consent it stands
        for.
        """
        before = replace(self, status=self.known_status, due_at=None)
        are_two = {self.from_user_id, self.to_user_id} == set(self.participants)
        if self.circle is not None or not are_two or before.status == self.status:
            return None
        match before.status, self.status:
            case "pending", "accepted":
                return before.accept(by=self.answerer, at=at)
            case "pending", "rejected":
                return before.reject(by=self.answerer, at=at)
            case "pending", "cancelled":
                return before.cancel(by=self.author, at=at)
            case "accepted", "cancelled":
                return before.moved(CANCELLED, "cancelled", by="", at=at)
        return None

    def require_party(self, user_id: str) -> None:
        if user_id not in self.participants:
            raise NotFound("swap.not_found")

    def require_answer(self, by: str, at: datetime, verb: str) -> None:
        """Raise NotFound, Forbidden or Conflict unless this user may answer the request now."""
        self.require_party(by)
        if by == self.author:
            raise Forbidden("swap.only_partner_answers", verb=verb)
        if self.status != PENDING:
            raise Conflict("swap.already_answered", current=self, status=self.status)
        if self.due_at is not None and self.due_at <= at:
            raise Conflict("swap.expired", current=self)

    def moved(self, status: str, event: str, *, by: str, at: datetime) -> Swap:
        """Return the next version in `status`; the caller has checked that the transition is allowed.

        With the yes the time without a plan begins; with the end all that was planned is called off.
        """
        history = (*self.history, Event(at, by, event, status))[-MAX_HISTORY:]
        plan = self.plan
        if status == ACCEPTED and self.status != ACCEPTED:
            plan = replace(plan, accepted_at=at, idle_since=at)
        elif status != ACCEPTED and self.status == ACCEPTED:
            plan = plan.closed(at, by=by)
        return replace(self, status=status, version=self.version + 1, updated_at=at, history=history, plan=plan)


def propose(
    *,
    swap_id: str,
    from_id: str,
    to_id: str,
    offered_skill: str,
    wanted_skill: str,
    message: str,
    at: datetime,
    key_of: KeyOf = canonical_key,
) -> Swap:
    """Return a new request: `from_id` teaches `offered_skill` and learns `wanted_skill` from `to_id`."""
    if from_id == to_id:
        raise Invalid("swap.with_yourself", field="to_user_id")
    offered_key, wanted_key = key_of(offered_skill), key_of(wanted_skill)
    if offered_key == wanted_key:
        raise Invalid("swap.same_skill", field="wanted_skill")
    return Swap(
        id=swap_id,
        from_user_id=from_id,
        to_user_id=to_id,
        offered_skill=offered_skill,
        wanted_skill=wanted_skill,
        message=message,
        status=PENDING,
        created_at=at,
        updated_at=at,
        participants=(from_id, to_id),
        legs=(Leg(from_id, to_id, offered_skill, offered_key), Leg(to_id, from_id, wanted_skill, wanted_key)),
        consents={from_id: 1},
        due_at=at + ANSWER_WITHIN,
        history=(Event(at, from_id, "proposed", PENDING),),
    )


def slot_of(user_id: str, number: int | str = "") -> str:
    return f"{user_id}{SLOT}{number}"


def same_answer(swap: Swap, status: str, by: str) -> bool:
    """Return whether this user has already brought the swap into `status`: a repeated answer is no error."""
    last: Any = swap.history[-1] if swap.history else None
    is_there = swap.status == status or (status == CANCELLED and swap.status in (COMPLETED, NOT_HAPPENED))
    return is_there and last is not None and last.by == by
