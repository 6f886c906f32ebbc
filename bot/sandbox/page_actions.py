"""JSON actions of the page: how they are read, answered and refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.errors import ApiError
from bot.sandbox.model import Json

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob: http: https:; "
    "frame-src http: https:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(action: Callable[[web.Request, Json], Awaitable[Json]]) -> Handler:
    """Wrap a JSON action. The required content type keeps out forms of other sites if a browser sends no Origin."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":
            return problem(415, "JSON expected")
        try:
            given: Any = await request.json()
            if not isinstance(given, dict):
                return problem(400, "an object expected")
            return web.json_response(await action(request, given), headers=HEADERS)
        except LookupError as error:
            return problem(404, error)
        except (ValueError, TypeError, OverflowError, ApiError) as error:
            return problem(400, error)

    return handle


def problem(status: int, reason: object) -> web.Response:
    words = reason.args[0] if isinstance(reason, LookupError) and reason.args else reason
    return web.json_response({"error": str(words)}, status=status, headers=HEADERS)


def person_id(request: web.Request) -> int:
    text = request.match_info["person"]
    if not text.isdecimal():
        raise LookupError("there is no such person")
    return int(text)
