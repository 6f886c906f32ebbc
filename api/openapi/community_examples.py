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

_NUMBERS: Final = {"people": 34, "skills": 61}
_TIME: Final = "2026-11-22T10:00:00.000Z"
_APPLICATION: Final[dict[str, Any]] = {
    "state": "waiting",
    "question": "What brings you here?",
    "answer": "I moved here in May and would like to meet people.",
    "asked": "",
    "replied": "",
    "created_at": _TIME,
    "since": _TIME,
    "numbers": _NUMBERS,
}
_INVITE: Final[dict[str, Any]] = {
    "_id": "65f0c0ffee0000000000f001",
    "code": "kX3v9QpLz-a1",
    "start": "i_kX3v9QpLz-a1",
    "url": "https://skills.example.org/i/kX3v9QpLz-a1",
    "uses": 20,
    "used": 3,
    "until": _TIME,
    "state": "running",
}


def community_examples(own_user: dict[str, Any], public_user: dict[str, Any]) -> dict[str, Any]:
    applicant = {name: value for name, value in _APPLICATION.items() if name != "numbers"}
    applicant |= {"user": public_user, "invited_by": None, "decided_by": None, "version": 1}
    return {
        "GET /api/application": {"response": _APPLICATION},
        "POST /api/application": {"body": {"answer": _APPLICATION["answer"]}, "response": _APPLICATION},
        "GET /api/moderation/applications": {"response": [applicant]},
        "POST /api/moderation/applications/{id}": {"body": {"decision": "let_in"}, "response": applicant},
        "GET /api/invites": {"response": [_INVITE]},
        "POST /api/invites": {"body": {"uses": 20, "days": 30}, "response": _INVITE},
        "GET /api/invites/codes/{code}": {
            "response": {"state": "running", "invited_by": "Ada", "until": _INVITE["until"]}
        },
        "POST /api/invites/accept": {"body": {"code": _INVITE["code"]}, "response": own_user},
        "DELETE /api/invites/{id}": {"response": {**_INVITE, "state": "revoked"}},
        "GET /api/community": {"response": _COMMUNITY},
        "PUT /api/community": {
            "body": {"join": "approval", "question": "What brings you here?"},
            "response": _COMMUNITY,
        },
        "PUT /api/community/agreement": {"body": {"rules_version": 2}, "response": own_user},
    }
