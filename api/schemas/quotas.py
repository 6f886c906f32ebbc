"""Schemas of the quota of requests."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from api.schemas.values import iso
from domain.quotas import RAISES, Quota


class MorePlaces(TypedDict):
    """Places that a step would add: `first_day` when the account is a day old, `full_profile` with a photo and two
    skills each way, `first_swap` after a completed swap."""

    step: Literal[tuple(RAISES)]  # type: ignore[valid-type] # one of the domain's
    places: int


class QuotaDocument(TypedDict):
    """Numbers of requests that you may have open, and that are.

    A request takes a place until it is answered or expires; one that you take back, for the rest of its day. Answers
    and messages take none. `free_at` is when the next place is free at the latest.
    """

    limit: int
    used: int
    left: int
    free_at: str | None
    more: list[MorePlaces]


def quota_document(quota: Quota) -> QuotaDocument:
    """Return the document of a quota."""
    return {
        "limit": quota.limit,
        "used": quota.used,
        "left": quota.left,
        "free_at": iso(quota.free_at) if quota.free_at is not None else None,
        "more": [{"step": step, "places": RAISES[step]} for step in quota.more],
    }
