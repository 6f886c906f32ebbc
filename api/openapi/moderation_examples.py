"""Examples of reports and cases."""

from __future__ import annotations

from typing import Any, Final

_ADA: Final = "65f0c0ffee0000000000ada1"
_BEN: Final = "65f0c0ffee0000000000be21"
_EVA: Final = "65f0c0ffee0000000000e0a1"
_CASE: Final = "65f0c0ffee00000000ca5e01"
_REPORT: Final = "65f0c0ffee0000000e907a01"
_DECISION: Final = "65f0c0ffee0000000dec1501"
_TIME: Final = "2026-11-22T10:00:00.000Z"

_STANDING: Final[dict[str, Any]] = {
    "_id": _BEN,
    "status": "active",
    "membership": "member",
    "is_hidden": True,
    "is_warned": False,
    "suspended_until": None,
    "decision": _DECISION,
}

_SCREENED: Final = {
    "_id": "65f0c0ffee0000000000c0de",
    "kind": "message",
    "swap_id": "65f0c0ffee00000000005a01",
    "text": "My number is 030 1234567",
    "created_at": _TIME,
    "until": _TIME,
}
_OPEN_CASE: Final[dict[str, Any]] = {
    "_id": _CASE,
    "about": _BEN,
    "state": "open",
    "kinds": ["report"],
    "reasons": ["rude"],
    "reports": 1,
    "taken_by": None,
    "decision": None,
    "opened_at": _TIME,
    "updated_at": _TIME,
    "version": 2,
    "can": ["take", "warn", "hide", "suspend", "ban", "nothing"],
    "history": [],
}
_TAKEN: Final[dict[str, Any]] = {
    **_OPEN_CASE,
    "state": "taken",
    "taken_by": _EVA,
    "version": 3,
    "can": ["release", "warn", "hide", "suspend", "ban", "nothing"],
    "history": [{"at": _TIME, "by": _EVA, "action": "take", "reason": ""}],
}

_DISPUTE: Final[dict[str, Any]] = {
    "swap_id": "65f0c0ffee00000000005a01",
    "status": "disputed",
    "people": [_ADA, _BEN],
    "legs": [
        {"teacher": _ADA, "learner": _BEN, "skill": "Python"},
        {"teacher": _BEN, "learner": _ADA, "skill": "Guitar"},
    ],
    "sessions": [
        {
            "id": "1",
            "legs": [0, 1],
            "starts_at": _TIME,
            "minutes": 60,
            "answers": [
                {"by": _ADA, "answer": "yes", "legs": [0, 1], "reason": None, "at": _TIME},
                {"by": _BEN, "answer": "no", "legs": [], "reason": "they_did_not_come", "at": _TIME},
            ],
        }
    ],
    "statements": {_BEN: "Nobody was there."},
    "disputed_at": _TIME,
    "statements_until": _TIME,
    "decision": None,
}
_REASON: Final = "The café was closed that day."

MODERATION_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "POST /api/reports": {
        "body": {"about": _BEN, "reason": "rude", "text": "Shouted at me.", "block": True},
        "response": {
            "_id": _REPORT,
            "about": _BEN,
            "reason": "rude",
            "subject": "profile",
            "subject_id": _BEN,
            "created_at": _TIME,
        },
    },
    "GET /api/disputes": {"response": [_DISPUTE]},
    "PUT /api/disputes/{id}": {
        "body": {"decision": "not_happened", "reason": _REASON},
        "response": {**_DISPUTE, "status": "not_happened", "decision": _REASON},
    },
    "GET /api/moderation/cases": {"response": [_OPEN_CASE]},
    "GET /api/moderation/cases/{id}": {
        "response": {
            **_OPEN_CASE,
            "name": "Ben",
            "files": [
                {
                    "_id": _REPORT,
                    "by": _ADA,
                    "reason": "rude",
                    "subject": "profile",
                    "subject_id": _BEN,
                    "text": "Shouted at me.",
                    "created_at": _TIME,
                    "profile": {
                        "name": "Ben",
                        "photo_url": None,
                        "location": "North side",
                        "skills_offered": ["Guitar"],
                        "skills_wanted": ["Python"],
                        "availability": "weekday evenings",
                    },
                    "note": "",
                    "review": None,
                    "messages": [],
                }
            ],
            "earlier": [],
            "words": [
                {
                    "_id": "65f0c0ffee0000000000c0de",
                    "kind": "request",
                    "swap_id": "65f0c0ffee00000000005a01",
                    "to": _ADA,
                    "text": "Hello! More about me: example.org",
                    "photo_url": None,
                    "state": "waiting",
                    "created_at": _TIME,
                    "until": _TIME,
                }
            ],
            "notes": [],
        }
    },
    "POST /api/moderation/cases/{id}/actions": {"body": {"action": "take"}, "response": _TAKEN},
    "GET /api/screened": {"response": [_SCREENED]},
    "DELETE /api/screened/{id}": {"response": [_SCREENED]},
    "GET /api/moderation/audit": {
        "response": [
            {
                "_id": _DECISION,
                "at": _TIME,
                "by": _EVA,
                "action": "hide",
                "about": _BEN,
                "reason": "rude",
                "case": _CASE,
                "before": {"status": "active", "standing": {"membership": "member", "hidden_at": None}},
                "after": {"status": "active", "standing": {"membership": "member", "hidden_at": _TIME}},
            }
        ]
    },
    "POST /api/moderation/audit/{id}/undo": {"response": {**_STANDING, "is_hidden": False}},
    "GET /api/moderation/staff": {"response": [{"_id": _EVA, "name": "Eva", "role": "moderator"}]},
    "PUT /api/moderation/people/{id}/role": {
        "body": {"role": "moderator"},
        "response": {"_id": _BEN, "name": "Ben", "role": "moderator"},
    },
    "POST /api/moderation/people/{id}/actions": {
        "body": {"action": "hide", "reason": "rude"},
        "response": _STANDING,
    },
}
