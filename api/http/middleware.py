"""The one middleware: request ids, counting, failures as problem JSON, CORS, and the headers of every answer."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from api.http.context import ACTOR_ID, ApiContext
from api.http.errors import Internal, Unsupported, problem_of, response_of
from api.http.language import locale_of
from api.http.metrics import NO_ROUTE
from api.schemas.problems import current_document
from handlers.runtime.rate_limits import Rate
from handlers.runtime.request_id import request_id as logged_request_id

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFLIGHT_SECONDS: Final = 600
ALLOWED_METHODS: Final = "GET, POST, PUT, DELETE"
ALLOWED_HEADERS: Final = "Content-Type, Authorization, Idempotency-Key, If-Match"
EXPOSED_HEADERS: Final = "ETag, Idempotent-Replayed, Link, Location, Retry-After, X-Request-Id"
SLOW_SECONDS: Final = 5.0
LONG: Final = frozenset(("/api/socket", "/api/socket/", "/socket.io", "/socket.io/", "/api/upload"))
"""Routes that wait for the client."""
FROM_ONE_ADDRESS: Final = Rate(burst=500, seconds=0.02)
"""Of one address, signed in or not: a whole campus may sit behind it. This machine itself is not counted."""
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


def build_guard(context: ApiContext) -> Middleware:
    process = secrets.token_hex(4)
    numbers = itertools.count(secrets.randbits(16))  # a random id for each request would cost a system call

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = perf_counter()
        request_id = f"{process}{next(numbers):08x}"
        logged_request_id.set(request_id)
        origin = request.headers.get(hdrs.ORIGIN)
        foreign = origin if origin is not None and origin in context.origins else None
        if foreign and request.method == "OPTIONS" and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
            response: web.StreamResponse = web.Response(status=204, headers=_PREFLIGHT)
        else:
            response = await _answer(context, request, handler, request_id)
        seconds = perf_counter() - started
        route = _pattern(request)
        if not request.headers.get(hdrs.UPGRADE):  # a websocket lives for hours
            context.metrics.count(request.method, route, response.status, seconds)
        if seconds > SLOW_SECONDS and route not in LONG:
            log.warning("%s %s took %.1f s: %s", request.method, route, seconds, response.status)
        if response.prepared:
            return response
        if context.stopping.is_set():
            response.force_close()  # the next request finds a process that stays
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
        if context.origins:
            headers[hdrs.VARY] = f"{headers[hdrs.VARY]}, Origin" if hdrs.VARY in headers else "Origin"
        return response

    return guard


_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": ALLOWED_METHODS,
    "Access-Control-Allow-Headers": ALLOWED_HEADERS,
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
}


async def _answer(context: ApiContext, request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        if address := context.client_addresses.of(request):
            context.deps.rates.take("api", address, FROM_ONE_ADDRESS, at=context.deps.now())
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
        return response_of(problem, request_id, context.deps.texts[locale_of(request)], current)


def _pattern(request: web.Request) -> str:
    """The route rather than the path: ids and tokens stay out of the logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else NO_ROUTE
