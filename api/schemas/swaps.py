"""Schemas of swaps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.sessions import Minutes, PlanDocument, Slots, Time, Zone, plan_document
from api.schemas.values import Body, ContractBody, ContractQuery, Id, Limit, ReadOnlyText, iso
from domain.declines import REASONS
from domain.messages import MAX_SEQ
from domain.screening import partners_of
from domain.skills import MAX_SKILL_LENGTH
from domain.swaps import MAX_NOTE_LENGTH, PENDING, STATUSES, Swap
from domain.talks import actions
from domain.timetable import USUAL_MINUTES
from handlers.runtime.texts import Texts

Status = Literal[STATUSES]  # type: ignore[valid-type] # one of the domain's


class LegDocument(TypedDict):
    """One direction of a swap: teacher, learner and skill."""

    teacher: Id
    learner: Id
    skill: str


class EventDocument(TypedDict):
    """An event in a swap's history. `by` is null for an event of the service, such as an expiry."""

    at: str
    by: Id | None
    event: str
    status: str


class OfferDocument(TypedDict):
    """An earlier offer of a request, with the note of the user who made it."""

    by: Id
    at: str
    offered_skill: str
    wanted_skill: str
    message: str


class SwapDocument(PlanDocument):
    """A swap.

    `offered_skill` is what `from_user_id` teaches, `wanted_skill` what `to_user_id` teaches, after
    counter-offers too. `turn` is the user who has to answer a request, null for a swap that is not
    one; `message` is the note of the other. `offers` are the offers before the present one, and
    `rounds` counts them all. `decline_reason` is shown to the user who gave it, and `decline_note`
    to the other one: a sentence in the language of the request, or of the profile on sockets.
    `can` lists the actions that you may take now. `consents` is the version at which each
    participant agreed. `away` are other participants whom Telegram cannot reach, known once they
    have been written to.

    `is_screened`: a moderator looks at your note first; until then you alone have this request.

    A running swap has `sessions`. Its `stage` is `talking`, `planned` or `asking`, and `next_action`
    says what is to be done next, by whom and until when. A request may name `slots`.
    """

    _id: Id
    from_user_id: Id
    to_user_id: Id
    offered_skill: str
    wanted_skill: str
    message: str
    status: str
    created_at: str
    updated_at: str
    participants: list[Id]
    legs: list[LegDocument]
    consents: dict[str, int]
    version: int
    due_at: str | None
    history: list[EventDocument]
    turn: Id | None
    rounds: int
    offers: list[OfferDocument]
    decline_reason: str | None
    end_reason: str | None
    is_screened: bool
    decline_note: str | None
    can: list[str]
    away: list[Id]


def swap_document(swap: Swap, viewer_id: str, at: datetime, texts: Texts) -> SwapDocument:
    """Return the document of a swap for a viewer, with what they can do at this time.

    A user who has left a circle is not shown to the members who remain, nor the moderator who
    has decided a dispute: the id is replaced or left out.
    """

    people = tuple(dict.fromkeys((*swap.participants, *partners_of(swap, viewer_id))))

    def is_visible(person: str) -> bool:
        return person in people

    return {
        "_id": swap.id,
        "from_user_id": swap.from_user_id if is_visible(swap.from_user_id) else people[0],
        "to_user_id": swap.to_user_id if is_visible(swap.to_user_id) else people[1],
        "offered_skill": swap.offered_skill,
        "wanted_skill": swap.wanted_skill,
        "message": swap.message,
        "status": swap.status,
        "created_at": iso(swap.created_at),
        "updated_at": iso(swap.updated_at),
        "participants": list(people),
        "legs": [{"teacher": leg.teacher, "learner": leg.learner, "skill": leg.skill} for leg in swap.legs],
        "consents": swap.consents,
        "version": swap.version,
        "due_at": iso(swap.due_at) if swap.due_at is not None else None,
        "history": [
            {
                "at": iso(event.at),
                "by": event.by if event.by and is_visible(event.by) else None,
                "event": event.event,
                "status": event.status,
            }
            for event in swap.history
        ],
        "turn": swap.answerer if swap.status == PENDING else None,
        "rounds": swap.rounds,
        "offers": [
            {
                "by": offer.by,
                "at": iso(offer.at),
                "offered_skill": offer.offered_skill,
                "wanted_skill": offer.wanted_skill,
                "message": offer.message,
            }
            for offer in swap.offers
        ],
        "decline_reason": swap.decline_reason or None if viewer_id == swap.answerer else None,
        "decline_note": _decline_note(swap, viewer_id, texts),
        "end_reason": swap.end_reason or None,
        "is_screened": swap.screened_at is not None and swap.status == PENDING,
        "can": list(actions(swap, viewer_id, at)),
        "away": [person for person in swap.away if person in swap.others(viewer_id)],
        **plan_document(swap, viewer_id, at),
    }


def _decline_note(swap: Swap, viewer_id: str, texts: Texts) -> str | None:
    """Return what the declined user reads of the reason, in kind words."""
    is_told = swap.decline_reason and viewer_id == swap.author
    return texts.plain(f"swap.why.{swap.decline_reason}") if is_told else None


class ProposalBody(ContractBody):
    """A swap request, perhaps with one to three `slots` for a first session of 15 to 240 `minutes` (60): times
    as for a session. `from_user_id` can only be yourself, and `status` that of a request; further fields are ignored.
    """

    document = SwapDocument
    read_only = ("from_user_id", "status")

    to_user_id: Annotated[str, Field(max_length=100)]
    offered_skill: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]
    wanted_skill: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]
    message: Annotated[str, Field(max_length=4 * MAX_NOTE_LENGTH)] = ""
    slots: Slots | None = None
    minutes: Minutes | None = None
    timezone: Zone | None = None
    from_user_id: ReadOnlyText = None
    status: ReadOnlyText = None

    @property
    def length(self) -> int:
        """Return the length of the first session in minutes."""
        return self.minutes or USUAL_MINUTES


class AnswerBody(ContractBody):
    """An answer to a swap: `status` is accepted, rejected or cancelled. With `version`, a swap that
    has changed since is left as it is: 409. `reason` is that of a no. With `starts_at`, one of the
    `slots` of the request, a yes agrees on a session at that time.

    The whole swap may be sent back. With the status that it has, nothing changes. Who takes part, the skills and the
    message have to be those of the swap, further fields are ignored.
    """

    document = SwapDocument
    read_only = ("_id", "from_user_id", "to_user_id", "offered_skill", "wanted_skill", "message")

    status: Status
    version: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    id_: ReadOnlyText = Field(default=None, alias="_id")
    from_user_id: ReadOnlyText = None
    to_user_id: ReadOnlyText = None
    offered_skill: ReadOnlyText = None
    wanted_skill: ReadOnlyText = None
    message: Annotated[str, Field(max_length=4 * MAX_NOTE_LENGTH)] | None = None
    reason: Literal[REASONS] | None = None  # type: ignore[valid-type] # one of the domain's
    starts_at: Time | None = None
    timezone: Zone | None = None


NEW_STATUS = {"status": PENDING}
"""Status that a request may be sent with."""


class CounterBody(Body):
    """Another offer for a request, as you see it: you teach `offered_skill` and learn `wanted_skill`.
    `slots` as in a request; with other ones the skills may stay as they are."""

    offered_skill: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]
    wanted_skill: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]
    message: Annotated[str, Field(max_length=4 * MAX_NOTE_LENGTH)] = ""
    slots: Slots = []
    minutes: Minutes | None = None
    timezone: Zone | None = None
    version: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None

    @property
    def length(self) -> int:
        """Return the length of the first session in minutes."""
        return self.minutes or USUAL_MINUTES


class SwapsQuery(ContractQuery):
    """Filter and page of the list of swaps."""

    status: Status | None = None
    limit: Limit | None = None
    before: Annotated[str, Field(max_length=100)] | None = None
