"""Counter-offers: who has to answer a request proposes other skills instead, and the other one has to answer then.

The request stays `pending`, its asker stays its asker, and its skills stay in the asker's direction. Only the author of
the present offer has agreed to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.errors import Conflict, Invalid
from domain.sessions import NO_PLAN, Plan
from domain.skills import KeyOf, canonical_key
from domain.swaps import ACCEPTED, ANSWER_WITHIN, MAX_ROUNDS, PENDING, Leg, Offer, Swap

COUNTERED = "countered"
"""Name of a counter-offer in a swap's history."""


def counter(
    swap: Swap,
    *,
    by: str,
    offered_skill: str,
    wanted_skill: str,
    message: str,
    at: datetime,
    plan: Plan = NO_PLAN,
    key_of: KeyOf = canonical_key,
) -> Swap:
    """Return the request with another offer: `by` would teach `offered_skill` and learn `wanted_skill`, or the same
    skills at other times. `plan` has the times that it proposes; those of the offer before hold no longer.

    The first counter-offer starts the time to answer again, later ones do not: a request does not live for ever.
    Raises NotFound, Forbidden, Conflict, Invalid.
    """
    swap.require_answer(by, at, "counter")
    if swap.rounds >= MAX_ROUNDS:
        raise Conflict("swap.too_many_rounds", current=swap, limit=MAX_ROUNDS)
    if key_of(offered_skill) == key_of(wanted_skill):
        raise Invalid("swap.same_skill", field="wanted_skill")
    theirs, mine = (wanted_skill, offered_skill) if by == swap.to_user_id else (offered_skill, wanted_skill)
    legs = legs_of(swap, theirs, mine, key_of)
    are_same = [leg.key for leg in legs] == [leg.key or key_of(leg.skill) for leg in swap.legs]
    if are_same and (not plan.slots or plan.slots == swap.plan.slots):
        raise Invalid("swap.same_terms", field="wanted_skill")
    after = swap.moved(PENDING, COUNTERED, by=by, at=at)
    return replace(
        after,
        offered_skill=theirs,
        wanted_skill=mine,
        message=message,
        legs=legs,
        consents={by: after.version},
        turn="" if by == swap.from_user_id else swap.from_user_id,
        offers=(*swap.offers, standing_offer(swap)),
        due_at=at + ANSWER_WITHIN if swap.rounds == 1 else swap.due_at,
        plan=plan,
    )


def meet(swap: Swap, *, by: str, message: str, at: datetime) -> Swap:
    """Return the request accepted by the one whose turn it is and who asks for the same: their note is its
    message then.

    Raises NotFound, Forbidden, Conflict.
    """
    accepted = swap.accept(by=by, at=at)
    if not message:
        return accepted
    turn = "" if by == swap.from_user_id else swap.from_user_id
    return replace(accepted, message=message, turn=turn, offers=(*swap.offers, standing_offer(swap)))


def note_of_yes(swap: Swap) -> str:
    """Return the note with which a running swap was accepted; "" when it was accepted without one: see `meet`."""
    yes = next((event for event in reversed(swap.history) if event.event == "accepted"), None)
    return swap.message if swap.status == ACCEPTED and yes is not None and yes.by == swap.author else ""


def legs_of(swap: Swap, offered_skill: str, wanted_skill: str, key_of: KeyOf) -> tuple[Leg, Leg]:
    """Return the legs of these skills, in the asker's direction."""
    asker, asked = swap.from_user_id, swap.to_user_id
    return (
        Leg(asker, asked, offered_skill, key_of(offered_skill)),
        Leg(asked, asker, wanted_skill, key_of(wanted_skill)),
    )


def standing_offer(swap: Swap) -> Offer:
    """Return the present offer of a request, as it is kept when another takes its place."""
    return Offer(swap.author, swap.updated_at, swap.offered_skill, swap.wanted_skill, swap.message)


def is_same_offer(
    swap: Swap, *, by: str, offered_skill: str, wanted_skill: str, message: str, plan: Plan = NO_PLAN, key_of: KeyOf
) -> bool:
    """Return whether this counter-offer is the one that stands already: a repeated one is no error."""
    theirs, mine = (wanted_skill, offered_skill) if by == swap.to_user_id else (offered_skill, wanted_skill)
    is_standing = swap.status == PENDING and swap.author == by and swap.rounds > 1 and swap.message == message
    return is_standing and plan == swap.plan and legs_of(swap, theirs, mine, key_of) == swap.legs
