"""The reason of a no: one tap, given with the no or within a day, or never.

Who was declined reads a kind sentence and never the reason itself. It weighs lightly in the ranking: see
`domain.matches` (too far) and `domain.decks` (no time).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.errors import Conflict, Invalid
from domain.swaps import REJECTED, Swap

NO_TIME, OTHER_SKILL, TOO_FAR, DONT_KNOW, RATHER_NOT = "no_time", "other_skill", "too_far", "dont_know", "rather_not"
REASONS = (NO_TIME, OTHER_SKILL, TOO_FAR, DONT_KNOW, RATHER_NOT)

REASON_WITHIN = timedelta(days=1)
"""Time after a no in which its reason can still be given."""

REASON_GIVEN = "reason_given"
"""Name in a swap's history."""


def decline(swap: Swap, *, by: str, reason: str, at: datetime) -> Swap:
    """Return the request declined, with a reason or "". Raises NotFound, Forbidden, Conflict, Invalid."""
    if reason and reason not in REASONS:
        raise Invalid("swap.unknown_reason", field="reason")
    return replace(swap.reject(by=by, at=at), decline_reason=reason)


def may_give_reason(swap: Swap, user_id: str, at: datetime) -> bool:
    """Return whether this user has declined the request without a reason, and can still give one."""
    is_theirs = swap.status == REJECTED and swap.last_actor == user_id and not swap.decline_reason
    return is_theirs and not swap.is_parted and at < swap.updated_at + REASON_WITHIN


def give_reason(swap: Swap, *, by: str, reason: str, at: datetime) -> Swap:
    """Return the declined request with its reason, unchanged when it has one already. Raises Conflict, Invalid."""
    if reason not in REASONS:
        raise Invalid("swap.unknown_reason", field="reason")
    if swap.decline_reason:
        return swap
    if not may_give_reason(swap, by, at):
        raise Conflict("swap.already_over", current=swap, status=swap.status)
    return replace(swap.moved(REJECTED, REASON_GIVEN, by=by, at=at), decline_reason=reason)
