"""Route of what waits for a user."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import reply
from api.openapi.operation import op
from api.schemas.waiting import WaitingDocument, waiting_document
from handlers.waiting import list_waiting


@op(tags=("swaps",), ok=list[WaitingDocument])
async def get_waiting(request: web.Request) -> web.Response:
    """List what waits for you, the nearest end first.

    Only what you can still do: an expired request is not among it. The number is good for a badge.
    """
    deps, actor = await signed_in(request)
    return reply([waiting_document(one) for one in await list_waiting(deps, actor)])


def routes() -> list[web.RouteDef]:
    return [web.get("/api/waiting", get_waiting)]
