"""Alerts: being told when somebody begins to teach a skill."""

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
    """List your alerts and whom they have found, newest first.

    An alert that has ended after its 90 days is kept for 30 more, to be renewed.
    """
    deps, actor = await signed_in(request)
    return reply(await _documents(deps, actor))


@op(tags=("people",), ok=AlertDocument, status=201, body=AlertBody, errors=(409,))
async def post_alert(request: web.Request) -> web.Response:
    """Be told when somebody begins to teach a skill.

    You are told at most once a day for each skill, once about each teacher, for 90 days; posting again restarts the 90
    days. `GET /api/users?skill=` finds those who teach it already.
    """
    deps, actor = await signed_in(request)
    alert = await alerts.add_alert(deps, actor, (await read_body(request, AlertBody)).skill)
    people = await alerts.found_people(deps, [alert])
    return reply(alert_document(alert, people), status=201)


@op(tags=("people",), ok=list[AlertDocument], errors=(403, 404))
async def delete_alert(request: web.Request) -> web.Response:
    """End an alert; the answer is what is left."""
    deps, actor = await signed_in(request)
    await alerts.remove_alert(deps, actor, request.match_info["id"])
    return reply(await _documents(deps, actor))


async def _documents(deps: Deps, actor: User) -> list[AlertDocument]:
    found = await alerts.list_alerts(deps, actor)
    people = await alerts.found_people(deps, found)
    return [alert_document(alert, people) for alert in found]


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/alerts", list_alerts),
        web.post("/api/alerts", post_alert),
        web.delete("/api/alerts/{id}", delete_alert),
    ]
