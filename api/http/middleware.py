"""Middleware of the application: request ids, metrics, problem responses, rate limit per address,
CORS and security headers.
"""

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
from api.http.origins import note_origin
from api.http.tracebacks import drop_tracebacks
from api.schemas.problems import current_document
from handlers.runtime.rate_limits import Rate
from handlers.runtime.request_id import request_id as logged_request_id

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFLIGHT_SECONDS: Final = 600
ALLOWED_METHODS: Final = "GET, POST, PUT, DELETE"
ALLOWED_HEADERS: Final = (
    "Content-Type, Authorization, Idempotency-Key, If-Match, Cache-Control, Pragma, X-Requested-With, X-Account, "
    "X-Auth-Return-Redirect"
)
"""Request headers that pages of CORS_ORIGINS may send: ours, and those that HTTP clients add by habit."""
EXPOSED_HEADERS: Final = "ETag, Idempotent-Replayed, Link, Location, Retry-After, X-Request-Id, X-Total-Count"
SLOW_SECONDS: Final = 5.0
UNTIMED_ROUTES: Final = frozenset(("/api/socket", "/api/socket/", "/socket.io", "/socket.io/", "/api/upload"))
"""Routes whose duration depends on the client; they are not logged as slow."""
ADDRESS_RATE: Final = Rate(burst=500, seconds=0.02)
"""Requests from one address, signed in or not: a whole campus may share one. This machine is exempt."""
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


MissingPage = Callable[[web.Request], Awaitable[web.Response]]


def build_middleware(context: ApiContext, missing_page: MissingPage | None = None) -> Middleware:
    """Return the middleware. It answers CORS preflight requests itself.

    `missing_page` makes what a browser gets that opens an address where there is nothing.
    """
    process = secrets.token_hex(4)
    counter = itertools.count(secrets.randbits(16))  # cheaper than a random id, which costs a system call

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = perf_counter()
        request_id = f"{process}{next(counter):08x}"
        logged_request_id.set(request_id)
        origin = request.headers.get(hdrs.ORIGIN)
        cross_origin = origin if origin is not None and origin in context.origins else None
        if origin is not None and not cross_origin:
            note_origin(context, origin, request.host)
        if cross_origin and request.method == "OPTIONS" and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
            response: web.StreamResponse = web.Response(status=204, headers=_PREFLIGHT)
        else:
            response = await _handle(context, request, handler, request_id, missing_page)
        seconds = perf_counter() - started
        route = _route_pattern(request)
        if not request.headers.get(hdrs.UPGRADE):  # the duration of a websocket is not a response time
            context.metrics.count(request.method, route, response.status, seconds)
        if seconds > SLOW_SECONDS and route not in UNTIMED_ROUTES:
            log.warning("%s %s took %.1f s: %s", request.method, route, seconds, response.status)
        if response.prepared:
            return response
        if context.stopping.is_set():
            response.force_close()  # the client's next request reaches another process
        headers = response.headers
        headers["X-Request-Id"] = request_id
        headers["Server"] = "skillswap"
        headers["X-Content-Type-Options"] = "nosniff"
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = API_POLICY
        if cross_origin:
            headers["Access-Control-Allow-Origin"] = cross_origin
            headers["Access-Control-Allow-Credentials"] = "true"
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        if context.origins:
            headers[hdrs.VARY] = f"{headers[hdrs.VARY]}, Origin" if hdrs.VARY in headers else "Origin"
        return response

    return middleware


_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": ALLOWED_METHODS,
    "Access-Control-Allow-Headers": ALLOWED_HEADERS,
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
}


async def _handle(
    context: ApiContext, request: web.Request, handler: Handler, request_id: str, missing_page: MissingPage | None
) -> web.StreamResponse:
    """Call the handler; turn an exception into a problem response and log unexpected ones."""
    try:
        if address := context.client_addresses.of(request):
            context.deps.rates.take("api", address, ADDRESS_RATE, at=context.deps.now())
        if hdrs.CONTENT_ENCODING in request.headers:
            raise Unsupported("unsupported_encoding")
        return await handler(request)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - it is logged there
        try:
            return await _refuse(context, request, error, request_id, missing_page)
        finally:
            drop_tracebacks(error)


async def _refuse(
    context: ApiContext, request: web.Request, error: Exception, request_id: str, missing_page: MissingPage | None
) -> web.StreamResponse:
    """Return the problem response of an exception."""
    if isinstance(error, ConnectionError):  # the client has disconnected
        return web.Response(status=400)
    problem = problem_of(error)
    if isinstance(problem, Internal):
        log.exception("%s %s failed", request.method, _route_pattern(request))
    if missing_page is not None and problem.kind == "not_found" and _is_opened_in_vain(request):
        return await missing_page(request)
    texts = context.deps.texts[locale_of(request)]
    current = current_document(problem.current, request.get(ACTOR_ID, ""), context.deps.now(), texts)
    return response_of(problem, request_id, texts, current)


def _is_opened_in_vain(request: web.Request) -> bool:
    """Return whether somebody opens an address in a browser for which there is no route."""
    is_unknown = request.match_info.route.resource is None and not request.path.startswith("/api/")
    return is_unknown and request.method == "GET" and "text/html" in request.headers.get(hdrs.ACCEPT, "")


def _route_pattern(request: web.Request) -> str:
    """Return the route pattern, not the path: ids and tokens stay out of the logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else NO_ROUTE
