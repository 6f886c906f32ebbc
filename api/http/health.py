"""Is the process alive, and can it do its work?"""

from __future__ import annotations

from aiohttp import web

from api.http.bodies import reply
from api.http.context import context_of
from api.openapi.operation import op
from api.schemas.problems import Health


@op(tags=("operation",), ok=Health, is_public=True)
async def get_health(request: web.Request) -> web.Response:
    """Tell that the process is alive."""
    return reply({"ok": True})


@op(tags=("operation",), ok=Health, is_public=True, also={503: Health})
async def get_readiness(request: web.Request) -> web.Response:
    """Tell whether the service can do its work, and which part cannot."""
    context = context_of(request)
    parts = await context.is_ready()
    if context.stopping.is_set():
        parts = {**parts, "staying": False}
    ok = all(is_good for name, is_good in parts.items() if name not in context.beside)
    return reply({"ok": ok, "parts": parts}, status=200 if ok else 503, headers=None if ok else {"Retry-After": "2"})


def routes() -> list[web.RouteDef]:
    return [web.get("/healthz", get_health), web.get("/readyz", get_readiness)]
