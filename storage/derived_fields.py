"""Derived fields of a profile: what matching and search query (docs/matching.md)."""

from __future__ import annotations

from typing import Any

from domain.names import name_keys
from domain.users import User

CLOSING_CIRCLES = ("is_listed", "offered_keys", "wanted_keys")


def derived_fields(user: User) -> dict[str, Any]:
    """Return the fields that matching queries; written with every change of the profile."""
    return {
        **known_of(user),
        "trades": list(user.trades),
        "rank": user.rank,
        "name_keys": list(name_keys(user.name)),
    }


def known_of(user: User) -> dict[str, Any]:
    """Return the derived fields by which others find the user."""
    return {
        "offered_keys": list(user.offered_keys),
        "wanted_keys": list(user.wanted_keys),
        "is_listed": user.is_listed and user.can_match,
    }


def begun_keys(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the keys by which others find the user now and did not before, given the derived fields."""
    known = set(before["offered_keys"]) if before["is_listed"] else set()
    return [key for key in after["offered_keys"] if key not in known] if after["is_listed"] else []


def may_close_circles(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Return whether circles around the user may exist now that did not before, given the derived fields."""
    return after["is_listed"] and any(before[name] != after[name] for name in CLOSING_CIRCLES)
