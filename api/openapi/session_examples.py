"""Examples of the routes of sessions."""

from __future__ import annotations

from typing import Any, Final


def session_examples(swap: dict[str, Any], ada: str, ben: str) -> dict[str, dict[str, Any]]:
    """Return the examples of a running swap of these two."""
    offered = {**_SESSION, "people": [ada, ben], "offered_by": ada, "can": ["move", "call_off"]}
    agreed = {
        **offered,
        "status": "agreed",
        "slots": [],
        "starts_at": _SLOT,
        "ends_at": "2026-12-01T18:30:00.000Z",
        "sequence": 1,
    }
    waits = {"verb": "agree", "by": [ben], "until": "2026-12-03T18:00:00.000Z", "session": "1"}
    meets = {"verb": "meet", "by": [ada, ben], "until": _SLOT, "session": "1"}
    with_offer = {**swap, "version": 3, "sessions": [offered], "next_action": waits}
    with_session = {**swap, "version": 4, "sessions": [agreed], "stage": "planned", "next_action": meets}
    disputed = {
        **swap,
        "status": "disputed",
        "stage": None,
        "next_action": None,
        "statement": "I waited for an hour.",
        "can": ["state"],
    }
    return {
        "GET /api/swap/sessions": {"response": [{"swap_id": swap["_id"], "session": agreed}]},
        "POST /api/swap/{id}/sessions": {
            "body": {
                "slots": ["2026-12-01T18:00", "2026-12-03T19:00"],
                "timezone": "Europe/Madrid",
                "minutes": 90,
                "link": "https://meet.example.org/ada-and-ben",
            },
            "response": with_offer,
        },
        "GET /api/swap/{id}/times": {"response": {"slots": [agreed["starts_at"]]}},
        "GET /api/swap/{id}/sessions/{sid}": {"response": agreed},
        "PUT /api/swap/{id}/sessions/{sid}": {
            "body": {"action": "agree", "starts_at": _SLOT, "version": 3},
            "response": with_session,
        },
        "GET /api/swap/{id}/sessions/{sid}.ics": {"response": _FILE},
        "GET /api/calendar": {"response": {"is_on": False, "url": None, "created_at": None}},
        "POST /api/calendar": {
            "response": {
                "is_on": True,
                "url": "https://skills.example.org/calendar/Zk3vQ0r6yUu5pXn1.ics",
                "created_at": "2026-11-22T10:00:00.000Z",
            }
        },
        "DELETE /api/calendar": {"response": {"is_on": False, "url": None, "created_at": None}},
        "POST /api/swap/{id}/arrange": {"response": {**swap, "arranged_by": ada, "can": ["chat", "cancel", "plan"]}},
        "POST /api/swap/{id}/not-yet": {"response": swap},
        "POST /api/swap/{id}/done": {"response": {**swap, "done": [ada]}},
        "PUT /api/swap/{id}/statement": {"body": {"statement": "I waited for an hour."}, "response": disputed},
    }


_SLOT: Final = "2026-12-01T17:00:00.000Z"
_SESSION: Final[dict[str, Any]] = {
    "id": "1",
    "legs": [0, 1],
    "status": "offered",
    "slots": [_SLOT, "2026-12-03T18:00:00.000Z"],
    "starts_at": None,
    "ends_at": None,
    "minutes": 90,
    "mode": "online",
    "place": "",
    "link": "https://meet.example.org/ada-and-ben",
    "called_off_by": None,
    "noted_by": None,
    "moves": 0,
    "is_late": False,
    "answers": {},
    "reason": None,
    "held_legs": [],
    "is_auto": False,
    "confirmed": [],
    "sequence": 0,
}
_FILE: Final = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Skill Swap//EN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\n"
    "SUMMARY:Guitar and Python with Ben\r\nDTSTART:20261201T170000Z\r\nDTEND:20261201T183000Z\r\n"
    "DTSTAMP:20261122T100000Z\r\nUID:65f0c0ffee00000000005a01-1@skillswap\r\nSEQUENCE:1\r\nSTATUS:CONFIRMED\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
