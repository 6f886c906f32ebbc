"""Routes of cases, for moderators."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.cursors import next_page
from api.openapi.operation import op
from api.schemas.reports import (
    CaseActionBody,
    CaseDocument,
    CaseFileDocument,
    CasesQuery,
    case_document,
    case_file_document,
)
from handlers import cases

MAX_LISTED = 100


@op(tags=("moderation",), ok=list[CaseDocument], query=CasesQuery, errors=(403,))
async def list_cases(request: web.Request) -> web.Response:
    """List the cases.

    Open and taken ones oldest first, done ones newest first. A case about yourself is not among
    them. When there are more, the `Link` header names the next page.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, CasesQuery)
    limit = min(query.limit or MAX_LISTED, MAX_LISTED)
    page = await cases.list_cases(deps, actor, states=query.states, before=query.before, limit=limit)
    headers = None
    if len(page) == limit:
        headers = next_page("/api/moderation/cases", state=query.state, before=page[-1].id, limit=limit)
    return reply([case_document(case, actor.id, deps.now()) for case in page], headers=headers)


@op(tags=("moderation",), ok=CaseFileDocument, errors=(403, 404))
async def get_case(request: web.Request) -> web.Response:
    """Get a case.

    With its reports and their evidence, and earlier cases about the same person.
    """
    deps, actor = await signed_in(request)
    file = await cases.get_case(deps, actor, request.match_info["id"])
    return reply(case_file_document(file, actor.id, deps.now()))


@op(tags=("moderation",), ok=CaseDocument, body=CaseActionBody, errors=(403, 404, 409))
async def post_action(request: web.Request) -> web.Response:
    """Take a case, give it back, or decide it.

    409 when another moderator was faster; `current` is the case as it stands.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, CaseActionBody)
    case = await cases.act_on_case(
        deps, actor, request.match_info["id"], body.action, body.reason, version=body.version
    )
    return reply(case_document(case, actor.id, deps.now()))


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/moderation/cases", list_cases),
        web.get("/api/moderation/cases/{id}", get_case),
        web.post("/api/moderation/cases/{id}/actions", post_action),
    ]
