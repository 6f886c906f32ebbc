"""Route of reports."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, reply
from api.http.idempotency import once
from api.openapi.operation import op
from api.schemas.reports import ReportBody, ReportDocument, report_document
from domain.reports import Complaint
from handlers.reports import report


@op(tags=("people",), ok=ReportDocument, status=201, body=ReportBody, errors=(404, 409), is_repeatable=True)
async def post_report(request: web.Request) -> web.Response:
    """Report somebody to the moderators.

    A copy of what it is about goes along: the profile, the note of a request, a rating. Reporting
    the same thing again in the same words changes nothing, in other words it is 409. At most five reports a day.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ReportBody)

    async def respond() -> web.Response:
        complaint = Complaint(
            about=body.about or "",
            subject=body.subject,
            subject_id=body.subject_id or "",
            reason=body.reason,
            text=body.text,
            with_messages=body.attach_messages,
            with_block=body.block,
            seat=body.seat or "",
        )
        return reply(report_document(await report(deps, actor, complaint), is_known=body.seat is None), status=201)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


def routes() -> list[web.RouteDef]:
    return [web.post("/api/reports", post_report)]
