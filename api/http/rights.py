"""The right that each route and each event of a socket takes, by the table of standings (`domain.standing`).

The operations ask for the rights of what they write by themselves; this is the door before them, and the one place
where reading is refused. A route that is not named here is for members alone; a test fails for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from domain.standing import (
    ANSWER,
    APPEAL,
    ASK,
    EDIT,
    INVITE,
    LEAVE,
    MODERATE,
    PROTECT,
    READ_OTHERS,
    READ_OWN,
    SIGN_IN,
)

_ROUTES: Final[Mapping[str, tuple[str, ...]]] = {
    SIGN_IN: (
        "GET /api/user",
        "GET /api/accounts",
        "GET /api/sessions",
        "PUT /api/community/agreement",
        "GET /api/application",
        "GET /application",
        "POST /rules",
        "GET /standing",
    ),
    LEAVE: (
        "PUT /api/user",  # the operation takes EDIT for all that others see
        "DELETE /api/sessions",
        "DELETE /api/sessions/{id}",
        "DELETE /api/calendar",
    ),
    APPEAL: (
        "POST /api/user/warning/acknowledge",
        "GET /api/organisers/letters",
        "POST /api/organisers/letters",
        "POST /standing",
    ),
    PROTECT: (
        "GET /api/blocks",
        "POST /api/blocks/{user_id}",
        "DELETE /api/blocks/{user_id}",
        "POST /api/reports",
        "POST /api/circles/{id}/block/{seat}",
        "GET /block/{user_id}",
        "POST /block/{user_id}",
        "GET /blocks",
        "POST /blocks",
        "GET /circles/{id}/block/{seat}",
        "POST /circles/{id}/block/{seat}",
        "GET /report/{who}",
        "POST /report/{who}",
        "GET /report/{swap_id}/{who}",
        "POST /report/{swap_id}/{who}",
    ),
    READ_OWN: (
        "GET /api/alerts",
        "GET /api/calendar",
        "POST /api/calendar",
        "GET /api/chat",
        "GET /api/chat/{swap_id}",
        "POST /api/chat/sync",
        "PUT /api/chat/{swap_id}/read",
        "GET /api/circles",
        "GET /api/circles/{id}",
        "GET /api/reviews/pending",
        "GET /api/swap",
        "GET /api/swap/{id}",
        "GET /api/swap/{id}/reviews",
        "GET /api/swap/sessions",
        "GET /api/swap/{id}/times",
        "GET /api/swap/{id}/sessions/{sid}",
        "GET /api/swap/{id}/sessions/{sid}.ics",
        "GET /api/quota",
        "GET /api/screened",
        "DELETE /api/screened/{id}",
        "GET /api/waiting",
        "GET /",
        "GET /home",
        "GET /swaps",
        "GET /swaps/{id}",
    ),
    READ_OTHERS: (
        "GET /api/matches",
        "GET /api/matches/advice",
        "GET /api/matches/{id}",
        "GET /api/matches/{id}/times",
        "POST /api/matches/reconsider",
        "POST /api/matches/{id}/pass",
        "POST /api/matches/{id}/skip",
        "DELETE /api/matches/{id}/skip",
        "GET /api/users",
        "GET /api/users/{id}",
        "GET /api/users/{id}/reviews",
        "GET /api/circles/possible",
        "GET /discover",
        "POST /discover",
        "GET /people/{id}",
    ),
    ASK: (
        "POST /api/swap",
        "POST /api/swap/{id}/again",
        "POST /api/circles",
        "POST /api/alerts",
        "GET /people/{id}/ask",
        "POST /people/{id}/ask",
    ),
    ANSWER: (
        "PUT /api/swap/{id}",
        "POST /api/swap/{id}/counter",
        "POST /api/swap/{id}/sessions",
        "PUT /api/swap/{id}/sessions/{sid}",
        "POST /api/swap/{id}/arrange",
        "POST /api/swap/{id}/not-yet",
        "POST /api/swap/{id}/done",
        "PUT /api/swap/{id}/statement",
        "PUT /api/circles/{id}",
        "POST /api/chat",
        "PUT /api/chat/{swap_id}/{seq}",
        "DELETE /api/chat/{swap_id}/{seq}",
        "POST /api/reviews",
        "POST /api/reviews/decline",
        "PUT /api/reviews/{id}",
        "POST /api/reviews/{id}/reply",
        "POST /swaps/{id}",
        "GET /swaps/{id}/plan",
        "POST /swaps/{id}/plan",
        "GET /swaps/{id}/place/{session}",
        "POST /swaps/{id}/place/{session}",
        "GET /swaps/{id}/counter",
        "POST /swaps/{id}/counter",
        "GET /swaps/{id}/rate/{user_id}",
        "POST /swaps/{id}/rate/{user_id}",
    ),
    EDIT: (
        "POST /api/user/resume",
        "POST /api/application",
        "POST /api/invites/accept",
        "POST /api/upload",
        "DELETE /api/alerts/{id}",
        "DELETE /api/accounts/{id}",
        "POST /api/accounts/merge",
        "POST /api/accounts/merge/preview",
        "POST /api/accounts/merge/accept",
        "GET /api/skills",
        "GET /api/skills/categories",
        "POST /i/{code}",
        "POST /application",
        "GET /me/edit",
        "POST /me/edit",
    ),
    INVITE: (
        "GET /api/invites",
        "POST /api/invites",
        "DELETE /api/invites/{id}",
        "GET /community/invites",
        "POST /community/invites",
    ),
    MODERATE: (
        "PUT /api/community",
        "GET /api/disputes",
        "PUT /api/disputes/{id}",
        "GET /api/moderation/applications",
        "POST /api/moderation/applications/{id}",
        "GET /api/skills/pending",
        "POST /api/skills/decisions",
        "GET /api/moderation/audit",
        "GET /api/moderation/notes",
        "GET /api/moderation/cases",
        "GET /api/moderation/cases/{id}",
        "POST /api/moderation/cases/{id}/actions",
        "POST /api/moderation/people/{id}/actions",
        "GET /api/moderation/people/{id}/letters",
        "POST /api/moderation/people/{id}/letters",
        "POST /api/moderation/audit/{id}/undo",
        "GET /api/moderation/staff",
        "PUT /api/moderation/people/{id}/role",
        "GET /community/edit",
        "POST /community/edit",
        "POST /community/photo",
        "POST /community/photo/remove",
        "GET /community/staff",
        "POST /community/staff",
        "GET /moderation",
        "GET /moderation/cases/{id}",
        "POST /moderation/cases/{id}",
        "GET /moderation/people/{id}",
        "POST /moderation/people/{id}",
        "GET /moderation/applications",
        "POST /moderation/applications/{id}",
        "GET /moderation/disputes",
        "GET /moderation/disputes/{id}",
        "POST /moderation/disputes/{id}",
        "GET /moderation/skills",
        "POST /moderation/skills",
        "GET /moderation/audit",
        "POST /moderation/audit",
    ),
}

ROUTES: Final[Mapping[str, str]] = {route: right for right, routes in _ROUTES.items() for route in routes}
"""The right of each route that somebody has to be signed in for, by method and path."""

EVENTS: Final[Mapping[str, str]] = {
    "chat:new": ANSWER,
    "chat:edit": ANSWER,
    "chat:delete": ANSWER,
    "chat:sync": READ_OWN,
    "chat:read": READ_OWN,
    "chat:open": READ_OWN,
    "chat:close": LEAVE,
    "chat:typing": ANSWER,
}
"""The right of each event that a client may send."""

STRICTEST: Final = ASK
"""The right of what has no row: members alone have it."""


def right_of_route(request: web.Request) -> str:
    """Return the right that a request takes."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else request.path
    return ROUTES.get(f"{'GET' if request.method == 'HEAD' else request.method} {path}", STRICTEST)
