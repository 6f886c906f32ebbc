"""Examples of what the organisers and one person write to each other."""

from __future__ import annotations

from typing import Any, Final

_BEN: Final = "65f0c0ffee0000000000be21"
_EVA: Final = "65f0c0ffee0000000000e0a1"
_TIME: Final = "2026-11-22T10:00:00.000Z"

_LETTERS: Final[dict[str, Any]] = {
    "letters": [
        {"at": _TIME, "from_organisers": True, "text": "Did you call?"},
        {"at": _TIME, "from_organisers": False, "text": "Yes, twice."},
    ],
    "may_answer": True,
}
_SIGNED: Final[dict[str, Any]] = {
    "user": _BEN,
    "letters": [
        {"at": _TIME, "by": _EVA, "text": "Did you call?", "decision": None, "noted_by": None},
        {"at": _TIME, "by": None, "text": "Yes, twice.", "decision": None, "noted_by": _EVA},
    ],
    "turns": 2,
}

ORGANISER_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "GET /api/organisers/letters": {"response": _LETTERS},
    "POST /api/organisers/letters": {"request": {"text": "Yes, twice."}, "response": _LETTERS},
    "GET /api/moderation/people/{id}/letters": {"response": _SIGNED},
    "POST /api/moderation/people/{id}/letters": {"request": {"text": "Did you call?"}, "response": _SIGNED},
}
