"""Examples of the routes of matches."""

from __future__ import annotations

from typing import Any, Final

_COUNT: Final[dict[str, Any]] = {
    "skill": "Guitar",
    "people": 0,
    "can_ask": 0,
    "partners": 0,
    "asked": 0,
    "asking": 0,
    "asked_before": 0,
    "passed": 0,
    "busy": 0,
}


def match_examples(match: dict[str, Any], ben: str, slot: str) -> dict[str, dict[str, Any]]:
    """Return the examples of this match, with this user, who could be met at this time."""
    return {
        "GET /api/matches": {"response": [match]},
        "GET /api/matches/advice": {
            "response": {
                "wanting": [{**_COUNT, "skill": "Python", "people": 12, "can_ask": 11, "partners": 1}],
                "teaching": [{**_COUNT, "people": 2, "partners": 1, "passed": 1}],
                "want_too": [{"skill": "Piano", "people": 3}],
                "teach_too": [],
                "skipped": 2,
            }
        },
        "GET /api/matches/{id}": {"response": match},
        "GET /api/matches/{id}/times": {"response": {"slots": [slot]}},
        "POST /api/matches/{id}/skip": {"response": {"_id": ben}},
        "DELETE /api/matches/{id}/skip": {"response": {"_id": ben}},
        "POST /api/matches/{id}/pass": {"response": {"_id": ben}},
        "POST /api/matches/reconsider": {"response": {"people": 2}},
    }
