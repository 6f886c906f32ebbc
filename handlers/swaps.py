"""Swaps: requests, answers, endings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import outcomes
from domain.counter_offers import meet
from domain.decks import decision_mark
from domain.declines import decline, give_reason
from domain.errors import Conflict, Invalid, NotFound
from domain.events import SWAP_CARD_CHANGED, SWAP_REASON_GIVEN
from domain.proposed_times import accept_with, joined_times, proposed_plan
from domain.screening import DROPPED, RELEASED, unscreened
from domain.skills import clean_skill
from domain.standing import ANSWER, ASK
from domain.swaps import (
    ACCEPTED,
    ASK_AGAIN_AFTER,
    CANCELLED,
    MAX_NOTE_LENGTH,
    MAX_PAGE,
    PENDING,
    REJECTED,
    Swap,
    propose,
    same_answer,
)
from domain.text import clean_text
from domain.timetable import USUAL_MINUTES
from domain.users import ACTIVE, PAUSED, User
from handlers.notifications import deliveries_to
from handlers.quotas import require_place
from handlers.records import note_change
from handlers.requests import insert_screened
from handlers.runtime.deps import Deps
from handlers.screening import end_screening, note_near_equal, screen_request
from handlers.standing import require_right
from handlers.swap_news import news_of_status
from storage.match_decisions import ASKED, SKIPPED
from storage.mongodb.database import new_id

DAY = timedelta(days=1)
ANSWERS = (ACCEPTED, REJECTED, CANCELLED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request to be made: `offered_skill` is the asker's, `wanted_skill` the partner's. `slots` are starts of a first
    session of so many `minutes`."""

    to_user_id: str
    offered_skill: str
    wanted_skill: str
    message: str = ""
    slots: tuple[datetime, ...] = ()
    minutes: int = USUAL_MINUTES


async def propose_swap(deps: Deps, actor: User, proposal: Proposal) -> Swap:
    """Ask a user for a swap; the user is notified. When that user has asked for the same, the swap is accepted.

    Raises Invalid (the actor, a skill that one of them does not teach), NotFound (no user who may be asked), Conflict
    (the same swap is open; `current` is that swap; or the user said no lately), TooMany (the quota), Forbidden.
    """
    await require_right(deps, actor, ASK)
    if proposal.to_user_id == actor.id:
        raise Invalid("swap.with_yourself", field="to_user_id")
    partner = await deps.store.users.find(proposal.to_user_id)
    if partner is None or not partner.is_listed or await deps.store.blocks.pairs_among((actor.id, partner.id)):
        raise NotFound("user.not_found")
    now = deps.now()
    swap = propose(
        swap_id=new_id(),
        from_id=actor.id,
        to_id=partner.id,
        offered_skill=taught_skill(deps, actor, proposal.offered_skill, "offered_skill"),
        wanted_skill=taught_skill(deps, partner, proposal.wanted_skill, "wanted_skill"),
        message=clean_text(proposal.message, "message", max_length=MAX_NOTE_LENGTH, required=False),
        at=now,
        key_of=deps.vocabulary.key_of,
    )
    swap = replace(swap, plan=proposed_plan(proposal.slots, proposal.minutes, at=now))
    if (accepted := await _accept_crossing(deps, actor, swap)) is not None:
        return accepted
    await _require_not_declined(deps, actor, partner.id)
    swap, words = await screen_request(deps, actor, swap)
    if not await insert_screened(deps, swap, words):
        if (accepted := await _accept_crossing(deps, actor, swap)) is not None:
            return accepted
        raise Conflict("swap.already_open")  # and has ended since: asking again will do
    await deps.store.match_decisions.add(actor.id, partner.id, ASKED, mark=decision_mark(actor, partner), at=now)
    if await deps.store.blocks.pairs_among(
        (actor.id, partner.id)
    ):  # another request was faster at the same moment: this one never existed
        await deps.store.swaps.replace(swap, swap.cancel(by=actor.id, at=now), [])
        raise NotFound("user.not_found")
    await note_near_equal(deps, actor, swap.message)
    return swap


async def require_may_ask(deps: Deps, actor: User, partner_id: str) -> None:
    """Raise what `propose_swap` would raise whatever the skills: Conflict after a recent no, TooMany."""
    await require_right(deps, actor, ASK)
    await _require_not_declined(deps, actor, partner_id)
    await require_place(deps, actor.id)


async def _require_not_declined(deps: Deps, actor: User, partner_id: str) -> None:
    now = deps.now()
    declined = await deps.store.swaps.last_declined(actor.id, partner_id, since=now - ASK_AGAIN_AFTER)
    if declined is not None and declined.author == actor.id:
        left = declined.updated_at + ASK_AGAIN_AFTER - now
        raise Conflict("swap.declined_lately", n=max(1, math.ceil(left / DAY)))


def taught_skill(deps: Deps, teacher: User, skill: str, field: str) -> str:
    """Return the skill in its teacher's spelling. Raises Invalid when the user does not teach it."""
    key = deps.vocabulary.key_of(clean_skill(skill, field))
    for offered in teacher.skills_offered:
        if deps.vocabulary.key_of(offered) == key:
            return offered
    raise Invalid("swap.not_taught", field=field, skill=skill.strip())


async def _accept_crossing(deps: Deps, actor: User, asked: Swap) -> Swap | None:
    """Accept the open request for the same swap if it waits for the actor, who is asking for it now; None for none.

    Raises Conflict when the swap is open otherwise.
    """
    while (existing := await deps.store.swaps.find_open(asked.open_key or "")) is not None:
        if existing.status != PENDING or existing.answerer != actor.id:
            raise Conflict("swap.already_open", current=existing)
        if existing.screened_at is not None:  # both want it: nothing of it is a stranger's any more
            standing = unscreened(existing, asked.created_at)
        elif existing.due_at is not None and existing.due_at <= asked.created_at:
            await _expire(deps, existing, asked.created_at)
            continue
        else:
            standing = existing
        after = meet(standing, by=actor.id, message=asked.message, at=asked.created_at)
        after = joined_times(after, asked.plan, by=actor.id, at=asked.created_at)
        if await deps.store.swaps.replace(existing, after, await news_of_status(deps, after, actor.id)):
            await deps.store.records.note_request(actor.id, is_answered=True)
            await note_change(deps, existing, after)
            await end_screening(deps, existing, RELEASED)
            return after
    return None


async def get_conversation(deps: Deps, actor: User, swap_id: str) -> Swap:
    """Return one of the actor's swaps, perhaps from the versioned cache: its participants never change, and a swap that
    has just ended looks the same as a message sent a moment earlier. Raises NotFound, like `get_swap`."""
    swap = await deps.store.swaps.find_recent(swap_id)
    if swap is not None and actor.id not in swap.participants:  # perhaps since a moment: a request was let through
        swap = await deps.store.swaps.find(swap_id)
    return _require_disclosed(swap, actor)


async def get_swap(deps: Deps, actor: User, swap_id: str) -> Swap:
    """Return one of the actor's swaps, or a closed circle. Raises NotFound, the same for an absent one and another
    user's.

    Before a circle is closed its users do not know each other: see `handlers.circles`.
    """
    return _require_disclosed(await deps.store.swaps.find(swap_id), actor)


def _require_disclosed(swap: Swap | None, actor: User) -> Swap:
    if swap is None or actor.id not in swap.participants or not swap.is_disclosed:
        raise NotFound("swap.not_found")
    return swap


async def list_swaps(
    deps: Deps,
    actor: User,
    *,
    statuses: Sequence[str] | None = None,
    before: str | None = None,
    limit: int = MAX_PAGE,
    with_circles: bool = False,
) -> list[Swap]:
    """Return the actor's swaps, newest first; `before` is the id of the last one shown."""
    return await deps.store.swaps.list_of(
        actor.id, statuses=statuses, before=before, limit=limit, with_circles=with_circles
    )


async def list_recent_swaps(
    deps: Deps,
    actor: User,
    *,
    statuses: Sequence[str] | None = None,
    before: str | None = None,
    limit: int = MAX_PAGE,
    with_circles: bool = False,
) -> Sequence[Swap]:
    """Return the actor's swaps as `list_swaps` does, perhaps from memory, to be shown: the cards in them may be out of
    date. A page in memory is a tuple, the same object until something in it changes."""
    return await deps.store.swaps.list_recent(
        actor.id, statuses=statuses, before=before, limit=limit, with_circles=with_circles
    )


async def answer_swap(
    deps: Deps,
    actor: User,
    swap_id: str,
    status: str,
    *,
    version: int | None = None,
    reason: str = "",
    starts_at: datetime | None = None,
) -> Swap:
    """Bring a swap to a status: accepted, rejected or cancelled. Repeating one's own answer is no error.

    A no may have a `reason`, one of `domain.declines.REASONS`, with it or afterwards; a yes may be to one of the times
    that the request proposes, `starts_at`.

    Nothing changes either for a swap that is sent back as it was read: with its status, if that is no answer or comes
    with its version.

    Raises NotFound, Forbidden, Conflict (`current` is the swap as it stands), Invalid.
    """
    await require_right(deps, actor, ANSWER)
    if reason and status != REJECTED:
        raise Invalid("swap.reason_without_no", field="reason")
    if starts_at is not None and status != ACCEPTED:
        raise Invalid("session.no_such_slot", field="starts_at")
    swap = await get_completed(deps, actor, swap_id)
    if same_answer(swap, status, actor.id):
        return await _give_reason(deps, actor, swap, reason) if reason else swap
    if version is not None and version != swap.version:
        raise Conflict("swap.changed", current=swap)
    if status == swap.status and (version is not None or status not in ANSWERS):
        return swap
    now = deps.now()
    match status:
        case "accepted" if starts_at is not None:
            after = accept_with(swap, starts_at, by=actor.id, at=now)
        case "accepted":
            after = swap.accept(by=actor.id, at=now)
        case "rejected":
            after = decline(swap, by=actor.id, reason=reason, at=now)
        case "cancelled":
            after = ended(swap, by=actor.id, at=now)
        case _:
            raise Invalid("swap.unknown_status", field="status")
    if await deps.store.swaps.replace(swap, after, await news_of_status(deps, after, actor.id)):
        await _note_answer(deps, swap, after, actor)
        return after
    current = await get_completed(deps, actor, swap_id)
    if same_answer(current, status, actor.id):
        return await _give_reason(deps, actor, current, reason) if reason else current
    raise overtaken(current)


async def _give_reason(deps: Deps, actor: User, swap: Swap, reason: str) -> Swap:
    """Add the reason to the actor's own no; the declined user is told in kind words. The first reason stays."""
    after = give_reason(swap, by=actor.id, reason=reason, at=deps.now())
    if after is swap:
        return swap
    deliveries = await deliveries_to(deps, swap.others(actor.id), SWAP_REASON_GIVEN)
    deliveries += await deliveries_to(deps, [actor.id], SWAP_CARD_CHANGED)
    if await deps.store.swaps.replace(swap, after, deliveries):
        await deps.store.answers.note_decline(actor.id, reason, at=deps.now())
        return after
    return await get_completed(deps, actor, swap.id)  # another tap was faster


def overtaken(current: Swap) -> Conflict:
    """Return what an answer is told that has come later than another transition."""
    if current.status == PENDING:  # by a counter-offer
        return Conflict("swap.changed", current=current)
    return Conflict("swap.already_answered", current=current, status=current.status)


async def get_completed(deps: Deps, actor: User, swap_id: str) -> Swap:
    """Like `get_swap`, after a transition that another program has made a moment ago."""
    swap = await get_swap(deps, actor, swap_id)
    if swap.status == swap.known_status:
        return swap
    await complete_swap(deps, swap)
    return await get_swap(deps, actor, swap_id)


async def complete_swap(deps: Deps, swap: Swap) -> Swap | None:
    """Complete a transition of which another program has written the status alone: version, history and deliveries
    follow as if its actor had made it here.

    None when a user may not do that, or the swap has changed since it was read.
    """
    after = swap.completed(at=deps.now())
    if after is None:
        return None
    actor_id = after.history[-1].by
    actor = await deps.store.users.find(actor_id) if actor_id else None
    if actor_id and (actor is None or actor.status not in (ACTIVE, PAUSED)):
        return None
    if after.status == ACCEPTED and await deps.store.blocks.pairs_among(swap.participants):
        return None
    if not await deps.store.swaps.replace(swap, after, await news_of_status(deps, after, actor_id)):
        return None
    if actor is not None:
        await _note_answer(deps, replace(swap, status=swap.known_status), after, actor)
    return after


async def _note_answer(deps: Deps, before: Swap, after: Swap, actor: User) -> None:
    """Record what an answer says about the actor's reliability and, if it was no, about the asker."""
    await note_change(deps, before, after)
    await end_screening(deps, before, DROPPED)
    if before.status == PENDING and actor.id == after.answerer:
        await deps.store.records.note_request(actor.id, is_answered=True)
    if after.status == REJECTED:
        await _note_rejected(deps, actor, after.author)
        await deps.store.answers.note_decline(actor.id, after.decline_reason, at=deps.now())


async def _note_rejected(deps: Deps, actor: User, asker_id: str) -> None:
    """Record the decision about an asker who was declined, so that they are not the next card."""
    asker = await deps.store.users.find(asker_id)
    if asker is not None:
        await deps.store.match_decisions.add(
            actor.id, asker.id, SKIPPED, mark=decision_mark(actor, asker), at=deps.now()
        )


async def accept_swap(deps: Deps, actor: User, swap_id: str, *, version: int | None = None) -> Swap:
    return await answer_swap(deps, actor, swap_id, ACCEPTED, version=version)


async def reject_swap(deps: Deps, actor: User, swap_id: str, *, version: int | None = None) -> Swap:
    return await answer_swap(deps, actor, swap_id, REJECTED, version=version)


async def cancel_swap(deps: Deps, actor: User, swap_id: str, *, version: int | None = None) -> Swap:
    return await answer_swap(deps, actor, swap_id, CANCELLED, version=version)


async def expire_due_swaps(deps: Deps) -> int:
    """Expire requests without an answer in time; may run twice at the same time. Returns how many."""
    expired = 0
    now = deps.now()
    for swap in await deps.store.swaps.due(now):  # circles have a job of their own
        expired += await _expire(deps, swap, now)
    return expired


async def _expire(deps: Deps, swap: Swap, at: datetime) -> bool:
    """Expire a request that is due; False when it has changed meanwhile."""
    after = swap.expire(at=at)
    if not await deps.store.swaps.replace(swap, after, await news_of_status(deps, after, "")):
        return False
    await deps.store.records.note_request(swap.answerer, is_answered=False)
    await note_change(deps, swap, after)
    return True


def ended_without(person: User, swap: Swap, at: datetime) -> Swap:
    """Return the open swap after this user has left it: nothing can be written in it any more."""
    if swap.status == PENDING and swap.due_at is not None and swap.due_at <= at:
        after = swap.expire(at=at)
    elif swap.status == PENDING and swap.answerer == person.id:
        after = swap.reject(by=person.id, at=at)
    else:
        after = ended(swap, by=person.id, at=at)
    return replace(after, is_parted=True)


def ended(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the request withdrawn, or the running swap ended by what has been held of it. Raises NotFound, Forbidden,
    Conflict."""
    return outcomes.end(swap, by=by, at=at) if swap.status == ACCEPTED else swap.cancel(by=by, at=at)
