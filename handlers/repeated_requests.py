"""Asking again for a swap whose request has come to nothing."""

from __future__ import annotations

from domain.errors import Conflict
from domain.proposed_times import slots_ahead
from domain.standing import ASK
from domain.swaps import Swap
from domain.talks import may_ask_again
from domain.timetable import USUAL_MINUTES
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.standing import require_right
from handlers.swaps import Proposal, get_swap, propose_swap


async def ask_again(deps: Deps, actor: User, swap_id: str) -> Swap:
    """Ask the other user for the same two skills in a new request; whoever had made the last offer repeats its note,
    and those of its times that are still to come.

    Raises NotFound, Conflict (the request is not over, or the actor was declined), and what `propose_swap` raises.
    """
    await require_right(deps, actor, ASK)
    swap = await get_swap(deps, actor, swap_id)
    if not may_ask_again(swap, actor.id, deps.now()):
        raise Conflict("swap.not_again", current=swap)
    is_own = actor.id == swap.author
    return await propose_swap(
        deps,
        actor,
        Proposal(
            to_user_id=swap.others(actor.id)[0],
            offered_skill=swap.taught_by(actor.id),
            wanted_skill=swap.learnt_by(actor.id),
            message=swap.message if is_own else "",
            slots=slots_ahead(swap, deps.now()) if is_own else (),
            minutes=swap.plan.minutes if is_own else USUAL_MINUTES,
        ),
    )
