"""Examples of the routes of the community."""

from __future__ import annotations

from typing import Any, Final

_COMMUNITY: Final[dict[str, Any]] = {
    "name": "Harbour Skills",
    "about": "Neighbours of the old harbour teach each other what they know.",
    "photo_url": None,
    "rules": "Be on time. Say so early when you cannot come. Nobody pays anybody.",
    "rules_version": 2,
    "languages": ["it", "pt"],
    "contact": "hello@skills.example.org",
    "join": "approval",
    "question": "What brings you here?",
    "members_may_invite": True,
    "is_set_up": True,
    "version": 5,
}


def community_examples(own_user: dict[str, Any]) -> dict[str, Any]:
    return {
        "GET /api/community": {"response": _COMMUNITY},
        "PUT /api/community": {
            "body": {"join": "approval", "question": "What brings you here?"},
            "response": _COMMUNITY,
        },
        "PUT /api/community/agreement": {"body": {"rules_version": 2}, "response": own_user},
    }
