"""The one middleware: request ids, failures as problem JSON, CORS, and the headers that every answer carries."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from api.context import ACTOR_ID, Door
from api.errors import Internal, Unsupported, problem_of, response_of
from api.schemas import current_document
from skillswap import logs

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFLIGHT_SECONDS: Final = 600
ALLOWED_METHODS: Final = "GET, POST, PUT, DELETE"
ALLOWED_HEADERS: Final = "Content-Type, Authorization"
EXPOSED_HEADERS: Final = "Link, Location, Retry-After, X-Request-Id"
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


def build_guard(door: Door) -> Middleware:
    process = secrets.token_hex(4)
    numbers = itertools.count(secrets.randbits(16))  # a random id for each request would cost a system call

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = f"{process}{next(numbers):08x}"
        logs.request_id.set(request_id)
        origin = request.headers.get(hdrs.ORIGIN)
        foreign = origin if origin is not None and origin in door.origins else None
        if foreign and request.method == "OPTIONS" and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
            response: web.StreamResponse = web.Response(status=204, headers=_PREFLIGHT)
        else:
            response = await _answer(request, handler, request_id)
        if response.prepared:
            return response
        headers = response.headers
        headers["X-Request-Id"] = request_id
        headers["Server"] = "skillswap"
        headers["X-Content-Type-Options"] = "nosniff"
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = API_POLICY
        if foreign:
            headers["Access-Control-Allow-Origin"] = foreign
            headers["Access-Control-Allow-Credentials"] = "true"
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        if door.origins:
            headers.add("Vary", "Origin")
        return response

    return guard


_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": ALLOWED_METHODS,
    "Access-Control-Allow-Headers": ALLOWED_HEADERS,
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
}


async def _answer(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        if hdrs.CONTENT_ENCODING in request.headers:
            raise Unsupported("unsupported_encoding")
        return await handler(request)
    except asyncio.CancelledError:
        raise
    except Exception as error:
        if isinstance(error, ConnectionError):  # the client has gone; there is nobody to answer
            return web.Response(status=400)
        problem = problem_of(error)
        if isinstance(problem, Internal):
            log.exception("%s %s failed", request.method, _pattern(request))
        current = current_document(problem.current, request.get(ACTOR_ID, ""))
        return response_of(problem, request_id, current)


def _pattern(request: web.Request) -> str:
    """The route rather than the path: ids and tokens stay out of the logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(no route)"
