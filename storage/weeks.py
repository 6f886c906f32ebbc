"""The hours of a week in a document."""

from __future__ import annotations

from typing import Any

from domain.week import ALL_HOURS

KINDS = frozenset((int, float))


def hours_in(doc: dict[str, Any]) -> tuple[int, ...]:
    """Return the hours of a user's week; none where another program wrote something else under this name."""
    value = doc.get("hours")
    if not value or not isinstance(value, list) or len(value) > ALL_HOURS or not KINDS.issuperset(map(type, value)):
        return ()
    return tuple(sorted({int(hour) for hour in value if hour in range(ALL_HOURS)}))
