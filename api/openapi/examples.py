"""Example requests and responses of the API reference. A test validates each against its schema."""

from __future__ import annotations

from typing import Any, Final

from api.openapi.community_examples import community_examples
from api.openapi.match_examples import match_examples
from api.openapi.moderation_examples import MODERATION_EXAMPLES
from api.openapi.organiser_examples import ORGANISER_EXAMPLES
from api.openapi.review_examples import REVIEW_EXAMPLES
from api.openapi.session_examples import session_examples

_ADA: Final = "65f0c0ffee0000000000ada1"
_BEN: Final = "65f0c0ffee0000000000be21"
_SWAP: Final = "65f0c0ffee00000000005a01"
_CIRCLE_KEY: Final = "9f1b6c20d4e8a375"
_TIME: Final = "2026-11-22T10:00:00.000Z"
_SLOT: Final = "2026-12-01T17:00:00.000Z"
_PHOTO: Final = "https://skills.example.org/photos/65f0c0ffee00000000000f01.jpg"

_PUBLIC_USER: Final[dict[str, Any]] = {
    "_id": _BEN,
    "name": "Ben",
    "photo_url": _PHOTO,
    "location": "North side",
    "skills_offered": ["Guitar"],
    "skills_wanted": ["Python"],
    "offered_levels": {},
    "wanted_levels": {},
    "availability": "weekday evenings",
    "facts": {
        "member_since": "2026-09",
        "swaps_held": 4,
        "replies": "within_a_day",
        "no_shows": 0,
        "rating": {"mean": 4.8, "n": 4},
    },
}
_OWN_USER: Final[dict[str, Any]] = {
    "_id": _ADA,
    "name": "Ada",
    "email": "ada@example.org",
    "photo_url": None,
    "location": "Harbour",
    "skills_offered": ["Python"],
    "skills_wanted": ["Guitar"],
    "offered_levels": {},
    "wanted_levels": {},
    "availability": "weekday evenings",
    "hours": [[18, 19, 20, 21], [], [], [20, 21], [], [], []],
    "coordinates": {"latitude": 40.4, "longitude": -3.7},
    "is_public": True,
    "locale": "en",
    "timezone": None,
    "role": "member",
    "status": "active",
    "notifications": True,
    "telegram_linked": True,
    "rules_agreed": 2,
    "membership": "member",
    "warned_at": None,
    "suspended_until": None,
    "standing_reason": None,
    "created_at": _TIME,
}
_GOOGLE_ACCOUNT: Final = {"_id": "65f0c0ffee00000000000a01", "provider": "google", "email": None, "created_at": _TIME}
_EMAIL_ACCOUNT: Final = {
    "_id": "00000000000000656d61696c",
    "provider": "email",
    "email": "ada@example.org",
    "created_at": None,
}
_SESSION: Final = {
    "_id": "65f0c0ffee00000000005e01",
    "door": "email",
    "agent": "Firefox, Linux",
    "created_at": _TIME,
    "seen_at": _TIME,
    "is_current": True,
}
_NO_PLAN: Final[dict[str, Any]] = {
    "sessions": [],
    "stage": None,
    "next_action": None,
    "slots": [],
    "minutes": 60,
    "arranged_by": None,
    "done": [],
    "one_way": False,
    "completed_at": None,
    "statement": None,
}
_PENDING_SWAP: Final[dict[str, Any]] = {
    **_NO_PLAN,
    "next_action": {"verb": "answer", "by": [_BEN], "until": "2026-11-27T10:00:00.000Z", "session": None},
    "slots": [_SLOT],
    "_id": _SWAP,
    "from_user_id": _ADA,
    "to_user_id": _BEN,
    "offered_skill": "Python",
    "wanted_skill": "Guitar",
    "message": "Shall we start on Tuesday?",
    "status": "pending",
    "created_at": _TIME,
    "updated_at": _TIME,
    "participants": [_ADA, _BEN],
    "legs": [
        {"teacher": _ADA, "learner": _BEN, "skill": "Python"},
        {"teacher": _BEN, "learner": _ADA, "skill": "Guitar"},
    ],
    "consents": {_ADA: 1},
    "version": 1,
    "due_at": "2026-11-27T10:00:00.000Z",
    "history": [{"at": _TIME, "by": _ADA, "event": "proposed", "status": "pending"}],
    "turn": _BEN,
    "rounds": 1,
    "offers": [],
    "decline_reason": None,
    "end_reason": None,
    "is_screened": False,
    "decline_note": None,
    "can": ["cancel", "chat"],
    "away": [],
}
_COUNTERED_SWAP: Final[dict[str, Any]] = {
    **_PENDING_SWAP,
    "offered_skill": "Chess",
    "legs": [{"teacher": _ADA, "learner": _BEN, "skill": "Chess"}, _PENDING_SWAP["legs"][1]],
    "message": "I know some Python already. Would you teach me chess?",
    "consents": {_BEN: 2},
    "version": 2,
    "history": [*_PENDING_SWAP["history"], {"at": _TIME, "by": _BEN, "event": "countered", "status": "pending"}],
    "turn": _ADA,
    "rounds": 2,
    "next_action": {"verb": "answer", "by": [_ADA], "until": "2026-11-27T10:00:00.000Z", "session": None},
    "offers": [
        {
            "by": _ADA,
            "at": _TIME,
            "offered_skill": "Python",
            "wanted_skill": "Guitar",
            "message": "Shall we start on Tuesday?",
        }
    ],
}
_ACCEPTED_SWAP: Final[dict[str, Any]] = {
    **_PENDING_SWAP,
    "status": "accepted",
    "consents": {_ADA: 1, _BEN: 2},
    "version": 2,
    "due_at": None,
    "turn": None,
    "history": [*_PENDING_SWAP["history"], {"at": _TIME, "by": _BEN, "event": "accepted", "status": "accepted"}],
    "stage": "talking",
    "next_action": {"verb": "plan", "by": [_ADA, _BEN], "until": "2026-12-13T10:00:00.000Z", "session": None},
    "can": ["chat", "cancel", "plan", "met", "arrange"],
}
_MESSAGE: Final[dict[str, Any]] = {
    "_id": "65f0c0ffee00000000003e01",
    "swap_id": _SWAP,
    "seq": 1,
    "from_user_id": _ADA,
    "to_user_id": _BEN,
    "message": "Tuesday at six?",
    "photo_url": None,
    "photo_width": None,
    "photo_height": None,
    "client_id": "0d7f5a52-6b1c-4d55-9f4e-3f6f3a0b7c11",
    "via": "web",
    "created_at": _TIME,
    "reply_to": None,
    "edited_at": None,
    "deleted_at": None,
    "changed": 0,
    "attachment": None,
    "is_screened": False,
}
_MATCH: Final[dict[str, Any]] = {
    "user": _PUBLIC_USER,
    "teaches_you": ["Guitar"],
    "you_teach": ["Python"],
    "shared_times": ["weekday evenings"],
    "score": 0.83,
    "reasons": [{"key": "common_time", "params": {"n": 20, "amount": "much"}}, {"key": "answers", "params": {}}],
    "caveats": [{"key": "far", "params": {"km": 60}}],
    "distance_km": 60,
}
_BLOCK: Final = {"_id": _BEN, "name": "Ben", "blocked_at": _TIME}
_SKILL: Final = {
    "skill": "Guitar",
    "key": "guitar",
    "is_taught": True,
    "is_wanted": False,
    "teachers": 1,
    "learners": 0,
    "is_guess": False,
}
_PENDING_SKILL: Final = {
    "skill": {**_SKILL, "skill": "Gitarrra", "key": "gitarrra"},
    "similar": ["Guitar"],
}
_DECISION: Final = {"decision": "merged", "key": "gitarrra", "into": "guitar"}

_CIRCLE: Final[dict[str, Any]] = {
    **_NO_PLAN,
    "_id": "65f0c0ffee0000000000c101",
    "status": "proposed",
    "version": 2,
    "you_teach": {"name": "Ben", "skill": "Python", "user_id": None, "has_joined": False, "leg": None},
    "you_learn": {"name": "Cleo", "skill": "Chinese", "user_id": None, "has_joined": True, "leg": None},
    "between": "Guitar",
    "has_joined": True,
    "is_searching": False,
    "due_at": "2026-11-25T10:00:00.000Z",
    "can": ["leave"],
}
_ALERT: Final = {
    "_id": "65f0c0ffee00000000000a1e",
    "skill": "Guitar",
    "is_running": True,
    "created_at": _TIME,
    "expires_at": "2027-02-20T10:00:00.000Z",
    "found": [],
}

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "GET /api/user": {"response": _OWN_USER},
    "PUT /api/user": {"body": {"skills_wanted": ["Guitar"], "location": "Harbour"}, "response": _OWN_USER},
    "POST /api/user/resume": {"response": _OWN_USER},
    "POST /api/user/delete": {"body": {"confirm": True}, "response": {"deleted": True}},
    "GET /api/users": {"response": [_MATCH]},
    "GET /api/users/{id}": {"response": _PUBLIC_USER},
    "GET /api/skills": {"response": [_SKILL]},
    "GET /api/skills/categories": {"response": [{"category": "music", "name": "Music", "skills": ["Guitar", "Piano"]}]},
    "GET /api/skills/pending": {"response": [_PENDING_SKILL]},
    "POST /api/skills/decisions": {
        "body": _DECISION,
        "response": {**_DECISION, "names": {}, "category": "", "aliases": []},
    },
    "GET /api/waiting": {
        "response": [
            {
                "kind": "answer",
                "swap_id": _SWAP,
                "is_circle": False,
                "people": [{"_id": _BEN, "name": "Ben"}],
                "until": _SLOT,
                "session_id": None,
            }
        ]
    },
    "GET /api/badges": {"response": {"waiting": 2, "unread": 1}},
    "GET /api/quota": {
        "response": {
            "limit": 5,
            "used": 3,
            "left": 2,
            "free_at": _SLOT,
            "more": [{"step": "full_profile", "places": 5}, {"step": "first_swap", "places": 10}],
        }
    },
    "GET /api/alerts": {"response": [{**_ALERT, "found": [_PUBLIC_USER]}]},
    "POST /api/alerts": {"body": {"skill": "Guitar"}, "response": _ALERT},
    "DELETE /api/alerts/{id}": {"response": []},
    "GET /api/blocks": {"response": [_BLOCK]},
    "POST /api/blocks/{user_id}": {"response": _BLOCK},
    "POST /api/circles/{id}/block/{seat}": {"response": _BLOCK},
    "DELETE /api/blocks/{user_id}": {"response": []},
    "POST /api/swap": {
        "body": {
            "to_user_id": _BEN,
            "offered_skill": "Python",
            "wanted_skill": "Guitar",
            "message": "Shall we start on Tuesday?",
            "slots": [_SLOT],
        },
        "response": _PENDING_SWAP,
    },
    "GET /api/swap": {"response": [_PENDING_SWAP]},
    "GET /api/swap/{id}": {"response": _PENDING_SWAP},
    "PUT /api/swap/{id}": {"body": {"status": "accepted", "version": 1}, "response": _ACCEPTED_SWAP},
    "POST /api/swap/{id}/again": {"response": _PENDING_SWAP},
    "POST /api/swap/{id}/counter": {
        "body": {
            "offered_skill": "Guitar",
            "wanted_skill": "Chess",
            "message": "I know some Python already. Would you teach me chess?",
            "version": 1,
        },
        "response": _COUNTERED_SWAP,
    },
    **MODERATION_EXAMPLES,
    **ORGANISER_EXAMPLES,
    "POST /api/user/warning/acknowledge": {"response": _OWN_USER},
    **REVIEW_EXAMPLES,
    "GET /api/circles/possible": {
        "response": [
            {
                "key": _CIRCLE_KEY,
                "you_teach": {"name": "Ben", "skill": "Python", "skill_name": "Python"},
                "you_learn": {"name": "Cleo", "skill": "chino", "skill_name": "Chinese (chino)"},
                "between": "Guitar",
                "between_name": "Guitar",
            }
        ]
    },
    "GET /api/circles": {"response": [_CIRCLE]},
    "POST /api/circles": {"body": {"key": _CIRCLE_KEY}, "response": _CIRCLE},
    "GET /api/circles/{id}": {"response": _CIRCLE},
    "PUT /api/circles/{id}": {"body": {"answer": "join", "version": 2}, "response": _CIRCLE},
    "GET /api/chat/{swap_id}": {"response": [_MESSAGE]},
    "POST /api/chat": {
        "body": {"swap_id": _SWAP, "message": "Tuesday at six?", "client_id": _MESSAGE["client_id"]},
        "response": _MESSAGE,
    },
    "POST /api/chat/sync": {
        "body": {"chats": [{"swap_id": _SWAP, "after": 0, "changes": 0}], "since": "1795341600000"},
        "response": {
            "chats": [
                {
                    "swap_id": _SWAP,
                    "messages": [_MESSAGE],
                    "changed": [],
                    "changes": 0,
                    "reads": {_ADA: 1},
                    "has_more": False,
                    "resync_required": False,
                }
            ],
            "swaps": [_ACCEPTED_SWAP],
            "user": _OWN_USER,
            "cursor": "1795341660000",
            "resync_required": False,
        },
    },
    "GET /api/chat": {"response": [{"swap_id": _SWAP, "last": _MESSAGE, "unread": 1, "reads": {_ADA: 1}}]},
    "PUT /api/chat/{swap_id}/read": {"body": {"seq": 1}, "response": {"swap_id": _SWAP, "user_id": _BEN, "seq": 1}},
    "PUT /api/chat/{swap_id}/{seq}": {
        "body": {"message": "Tuesday at seven?"},
        "response": _MESSAGE | {"message": "Tuesday at seven?", "edited_at": _TIME, "changed": 1},
    },
    "DELETE /api/chat/{swap_id}/{seq}": {"response": _MESSAGE | {"message": "", "deleted_at": _TIME, "changed": 2}},
    "POST /api/upload": {"response": {"secure_url": _PHOTO, "width": 1280, "height": 960}},
    "GET /api/auth/session": {
        "response": {
            "user": {"name": "Ada", "email": "ada@example.org", "image": None, "id": _ADA},
            "expires": "2026-12-22T10:00:00.000Z",
        }
    },
    "POST /api/auth/mini-app": {
        "body": {"init_data": "user=%7B%22id%22%3A7001%7D&auth_date=1795341600&hash=c501b71e"},
        "response": {"token": "eyJhbGciOiJkaXIi…", "expires": "2026-12-22T10:00:00.000Z", "user_id": _ADA},
    },
    "GET /api/auth/providers": {
        "response": {
            "email": {
                "id": "email",
                "name": "Email",
                "type": "email",
                "signinUrl": "https://skills.example.org/api/auth/signin/email",
                "callbackUrl": "https://skills.example.org/api/auth/callback/email",
            }
        }
    },
    "GET /api/auth/csrf": {"response": {"csrfToken": "5f0c" * 16}},
    "GET /api/accounts": {"response": [_EMAIL_ACCOUNT, _GOOGLE_ACCOUNT]},
    "DELETE /api/accounts/{id}": {"response": [_EMAIL_ACCOUNT]},
    "POST /api/accounts/merge": {"response": {"code": "K7QF-2M9X", "expires_at": _TIME}},
    "POST /api/accounts/merge/preview": {"body": {"code": "K7QF-2M9X"}, "response": {"name": "Ada", "photo_url": None}},
    "POST /api/accounts/merge/accept": {"body": {"code": "K7QF-2M9X"}, "response": _OWN_USER},
    "GET /api/sessions": {"response": [_SESSION]},
    "DELETE /api/sessions": {"response": []},
    "DELETE /api/sessions/{id}": {"response": [_SESSION]},
    "GET /api/socket": {"response": {"path": "/api/socket", "engine_io": 4, "socket_io": 5}},
    "GET /healthz": {"response": {"ok": True}},
    "GET /readyz": {"response": {"ok": True, "parts": {"database": True, "change_stream": True, "bot": True}}},
    **match_examples(_MATCH, _BEN, _SLOT),
    **session_examples(_ACCEPTED_SWAP, _ADA, _BEN),
    **community_examples(_OWN_USER, _PUBLIC_USER),
}
