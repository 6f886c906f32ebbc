"""Routes of standings: a warning that is acknowledged, decisions about people, and the audit."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.cursors import next_page
from api.openapi.operation import op
from api.schemas.standing import (
    AuditDocument,
    AuditQuery,
    PersonActionBody,
    RoleBody,
    StaffDocument,
    StandingDocument,
    audit_document,
    staff_document,
    standing_document,
)
from api.schemas.users import OwnUser, own_user
from handlers import standing
from handlers.audit import list_audit
from handlers.auth.roles import appoint, view_staff
from handlers.person_decisions import decide_about

MAX_LISTED = 100


@op(tags=("people",), ok=OwnUser)
async def post_acknowledgement(request: web.Request) -> web.Response:
    """Acknowledge a warning.

    Until then everything else is answered with 403 `standing.warned`.
    """
    deps, actor = await signed_in(request)
    return reply(own_user(await standing.acknowledge_warning(deps, actor)))


@op(tags=("moderation",), ok=list[AuditDocument], query=AuditQuery, errors=(403,))
async def get_audit(request: web.Request) -> web.Response:
    """List what was decided about people, newest first.

    When there are more, the `Link` header names the next page.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, AuditQuery)
    limit = min(query.limit or MAX_LISTED, MAX_LISTED)
    asked = {"about": query.about or "", "by": query.by or "", "case_id": query.case or ""}
    page = await list_audit(deps, actor, **asked, before=query.before, limit=limit)
    headers = None
    if len(page) == limit:
        headers = next_page(
            "/api/moderation/audit",
            about=query.about,
            by=query.by,
            case=query.case,
            before=page[-1].id,
            limit=limit,
        )
    return reply([audit_document(entry) for entry in page], headers=headers)


@op(tags=("moderation",), ok=StandingDocument, body=PersonActionBody, errors=(403, 404, 409))
async def post_person_action(request: web.Request) -> web.Response:
    """Warn, hide, suspend or ban a person, or take that back later.

    What cannot be undone (swaps end, partners are told) waits for ten minutes, in which the decision can be undone.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, PersonActionBody)
    user_id = request.match_info["id"]
    made = await decide_about(deps, actor, user_id, body.action, reason=body.reason, days=body.days)
    return reply(standing_document(made.person, made.entry_id))


@op(tags=("moderation",), ok=StandingDocument, errors=(403, 404, 409))
async def post_undo(request: web.Request) -> web.Response:
    """Undo a decision about a person.

    Within ten minutes, and if nothing was decided about them since.
    """
    deps, actor = await signed_in(request)
    made = await standing.undo(deps, actor, request.match_info["id"])
    return reply(standing_document(made.person, made.entry_id))


@op(tags=("moderation",), ok=list[StaffDocument], errors=(403,))
async def get_staff(request: web.Request) -> web.Response:
    """List the moderators and admins.

    For one of them, in the order in which they came.
    """
    deps, actor = await signed_in(request)
    return reply([staff_document(person) for person in await view_staff(deps, actor)])


@op(tags=("moderation",), ok=StaffDocument, body=RoleBody, errors=(403, 404, 409))
async def put_role(request: web.Request) -> web.Response:
    """Give somebody a role, or take it back.

    For admins, and about others: one admin is always left. It takes effect at once, and stands in the audit.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, RoleBody)
    return reply(staff_document(await appoint(deps, actor, request.match_info["id"], body.role)))


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/user/warning/acknowledge", post_acknowledgement),
        web.get("/api/moderation/audit", get_audit),
        web.post("/api/moderation/audit/{id}/undo", post_undo),
        web.post("/api/moderation/people/{id}/actions", post_person_action),
        web.get("/api/moderation/staff", get_staff),
        web.put("/api/moderation/people/{id}/role", put_role),
    ]
