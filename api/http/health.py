"""Health checks: liveness and readiness."""

from __future__ import annotations

from aiohttp import web

from api.http.bodies import reply
from api.http.context import context_of
from api.openapi.operation import op
from api.schemas.problems import Health


@op(tags=("operation",), ok=Health, is_public=True)
async def get_health(request: web.Request) -> web.Response:
    """Check that the process is alive.

    Always 200 while the process answers; the database is not asked.
    """
    return reply({"ok": True})


@op(tags=("operation",), ok=Health, is_public=True, also={503: Health})
async def get_readiness(request: web.Request) -> web.Response:
    """Check that the service can do its work.

    `parts` gives the state of each part. 503 when a part that is needed is down, or when the
    process is about to stop.
    """
    context = context_of(request)
    parts = await context.is_ready()
    if context.stopping.is_set():
        parts = {**parts, "staying": False}
    ok = all(is_up for name, is_up in parts.items() if name not in context.non_critical)
    return reply({"ok": ok, "parts": parts}, status=200 if ok else 503, headers=None if ok else {"Retry-After": "2"})


def routes() -> list[web.RouteDef]:
    return [web.get("/healthz", get_health), web.get("/readyz", get_readiness)]
