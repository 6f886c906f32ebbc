"""Routes of alerts: notifications about new teachers of a skill."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, reply
from api.openapi.operation import op
from api.schemas.alerts import AlertBody, AlertDocument, alert_document
from domain.users import User
from handlers import alerts
from handlers.runtime.deps import Deps


@op(tags=("people",), ok=list[AlertDocument])
async def list_alerts(request: web.Request) -> web.Response:
    """List your alerts.

    Newest first, each with the teachers it has found. An alert expires after 90 days and can be
    renewed for 30 more.
    """
    deps, actor = await signed_in(request)
    return reply(await _documents(deps, actor))


@op(tags=("people",), ok=AlertDocument, status=201, body=AlertBody, errors=(409,))
async def post_alert(request: web.Request) -> web.Response:
    """Create an alert for a skill.

    You are notified when a user starts to teach the skill: at most once a day for each skill, once
    about each teacher, for 90 days. Posting it again restarts the 90 days. Those who teach it
    already are listed by `GET /api/users?skill=`.
    """
    deps, actor = await signed_in(request)
    alert = await alerts.add_alert(deps, actor, (await read_body(request, AlertBody)).skill)
    people = await alerts.found_people(deps, [alert])
    return reply(alert_document(alert, people, deps.now()), status=201)


@op(tags=("people",), ok=list[AlertDocument], errors=(403, 404))
async def delete_alert(request: web.Request) -> web.Response:
    """Delete an alert.

    Returns the remaining alerts.
    """
    deps, actor = await signed_in(request)
    await alerts.remove_alert(deps, actor, request.match_info["id"])
    return reply(await _documents(deps, actor))


async def _documents(deps: Deps, actor: User) -> list[AlertDocument]:
    own_alerts = await alerts.list_alerts(deps, actor)
    people = await alerts.found_people(deps, own_alerts)
    return [alert_document(alert, people, deps.now()) for alert in own_alerts]


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/alerts", list_alerts),
        web.post("/api/alerts", post_alert),
        web.delete("/api/alerts/{id}", delete_alert),
    ]
