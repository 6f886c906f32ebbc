"""Examples of ratings for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

_SWAP, _REVIEW = "65f0c0ffee00000000005a01", "65f0c0ffee00000000000601"
_ADA, _BEN = "65f0c0ffee0000000000ada1", "65f0c0ffee0000000000be21"
_TIME, _ENDS = "2026-11-22T18:00:00.000Z", "2026-12-06T18:00:00.000Z"
_RATING: Final[dict[str, Any]] = {
    "stars": 5,
    "praise": ["clear", "friendly"],
    "text": "Two patient hours, and I can play a song.",
    "note_to_moderators": "",
}
_OWN: Final[dict[str, Any]] = {
    "_id": _REVIEW,
    "swap_id": _SWAP,
    "about": _BEN,
    "leg": 1,
    **_RATING,
    "reply": "",
    "shown": False,
    "created_at": _TIME,
    "window_ends": _ENDS,
}
_SHOWN: Final[dict[str, Any]] = {
    "_id": _REVIEW,
    "author": _ADA,
    "author_name": "Ada",
    "stars": 5,
    "praise": ["clear", "friendly"],
    "text": _RATING["text"],
    "reply": "",
    "created_at": _TIME,
}

REVIEW_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "POST /api/reviews": {"body": {"swap_id": _SWAP, **_RATING}, "response": _OWN},
    "POST /api/reviews/decline": {
        "body": {"swap_id": _SWAP},
        "response": _OWN | {"stars": None, "praise": [], "text": ""},
    },
    "GET /api/reviews/pending": {
        "response": [{"swap_id": _SWAP, "about": _BEN, "leg": 1, "skill": "Guitar", "until": _ENDS}]
    },
    "PUT /api/reviews/{id}": {"body": _RATING | {"stars": 4}, "response": _OWN | {"stars": 4}},
    "POST /api/reviews/{id}/reply": {
        "body": {"text": "Thank you, it was a pleasure."},
        "response": _SHOWN | {"reply": "Thank you, it was a pleasure."},
    },
    "GET /api/swap/{id}/reviews": {"response": [_OWN]},
    "GET /api/users/{id}/reviews": {"response": [_SHOWN]},
    "GET /api/moderation/notes": {
        "response": [
            {
                "review_id": _REVIEW,
                "swap_id": _SWAP,
                "author": _ADA,
                "about": _BEN,
                "stars": 5,
                "note": "The room at the library was locked.",
                "created_at": _TIME,
            }
        ]
    },
}
