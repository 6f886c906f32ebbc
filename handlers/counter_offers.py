"""Counter-offers: an answer to a request that is neither yes nor no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.counter_offers import counter, is_same_offer
from domain.errors import Conflict, NotFound
from domain.events import SWAP_CARD_CHANGED, SWAP_COUNTERED
from domain.proposed_times import proposed_plan
from domain.screening import partners_of
from domain.standing import ANSWER
from domain.swaps import MAX_NOTE_LENGTH, Swap
from domain.text import clean_text
from domain.timetable import USUAL_MINUTES
from domain.users import DELETED, User
from handlers.notifications import deliveries_to
from handlers.records import note_change
from handlers.runtime.deps import Deps
from handlers.screening import forget_words, is_note_screened, keep_note, show_words
from handlers.standing import require_right
from handlers.swaps import get_completed, overtaken, taught_skill


@dataclass(frozen=True, slots=True)
class CounterOffer:
    """Another offer for a request: its author teaches `offered_skill` and learns `wanted_skill`. `slots` as in a
    request."""

    offered_skill: str
    wanted_skill: str
    message: str = ""
    slots: tuple[datetime, ...] = ()
    minutes: int = USUAL_MINUTES


async def counter_swap(
    deps: Deps, actor: User, swap_id: str, offer: CounterOffer, *, version: int | None = None
) -> Swap:
    """Answer a request with another offer; the other user has to answer it. Repeating one's offer is no error. A note
    that waits for a moderator's look follows as a message.

    Raises NotFound, Forbidden (it is not the actor's turn), Conflict (`current` is the swap as it stands, or another
    open swap of the two with these skills), Invalid (a skill that one of them does not teach, the skills as they are).
    """
    await require_right(deps, actor, ANSWER)
    swap = await get_completed(deps, actor, swap_id)
    swap.require_party(actor.id)
    partner = await deps.store.users.find(partners_of(swap, actor.id)[0])
    if partner is None or partner.status == DELETED:
        raise NotFound("user.not_found")
    terms: dict[str, Any] = {
        "by": actor.id,
        "offered_skill": taught_skill(deps, actor, offer.offered_skill, "offered_skill"),
        "wanted_skill": taught_skill(deps, partner, offer.wanted_skill, "wanted_skill"),
        "message": clean_text(offer.message, "message", max_length=MAX_NOTE_LENGTH, required=False),
        "plan": proposed_plan(offer.slots, offer.minutes, at=deps.now()),
    }
    note = str(terms["message"])
    if is_screened := await is_note_screened(deps, actor, swap, note):
        terms["message"] = ""  # it follows as a message
    key_of = deps.vocabulary.key_of
    if is_same_offer(swap, **terms, key_of=key_of):
        return swap
    if version is not None and version != swap.version:
        raise Conflict("swap.changed", current=swap)
    now = deps.now()
    after = counter(swap, **terms, at=now, key_of=key_of)
    words = await keep_note(deps, actor, swap, note, now) if is_screened else None
    deliveries = await deliveries_to(deps, [after.answerer], SWAP_COUNTERED)
    deliveries += await deliveries_to(deps, [actor.id], SWAP_CARD_CHANGED)
    if await deps.store.swaps.replace(swap, after, deliveries):
        await deps.store.records.note_request(actor.id, is_answered=True)
        await note_change(deps, swap, after)
        await show_words(deps, words)
        return after
    await forget_words(deps, words)
    current = await get_completed(deps, actor, swap_id)
    if is_same_offer(current, **terms, key_of=key_of):
        return current
    if current.version == swap.version:  # nobody was faster: these skills are an open swap of the two
        other = await deps.store.swaps.find_open(after.open_key or "")
        is_known = other is not None and actor.id in other.participants  # not a request that is still being screened
        raise Conflict("swap.already_open", current=other if is_known else None)
    raise overtaken(current)
