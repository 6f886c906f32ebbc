"""The filter of every query for users whom others may find."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bson import ObjectId


def listed_besides(user_ids: Collection[str]) -> dict[str, Any]:
    """Return the filter for all listed users but these."""
    others = {"_id": {"$nin": [ObjectId(user_id) for user_id in user_ids]}} if user_ids else {}
    return {"is_listed": True, **others}
