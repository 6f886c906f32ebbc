"""The aiohttp application of the web channel."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from aiohttp import web

from api import (
    alerts,
    applications,
    blocks,
    calendars,
    cases,
    circles,
    community,
    disputes,
    edits,
    leaving,
    matches,
    messages,
    moderation,
    organisers,
    photos,
    reads,
    reports,
    reviews,
    screening,
    skills,
    standing,
    swap_sessions,
    swaps,
    sync,
    unsubscribe,
    users,
    waiting,
)
from api.auth import accounts, login_links, mini_app, nextauth, nextauth_session, sessions
from api.http import health
from api.http.bodies import MAX_BODY_BYTES
from api.http.client_address import ClientAddresses
from api.http.context import API_CONTEXT, ApiContext
from api.http.handover import Place
from api.http.metrics import MetricsPage
from api.http.middleware import build_middleware
from api.http.server import REALTIME, Server
from api.openapi import reference_page
from api.openapi.document import Reference, build_document
from api.pages import alerts as alert_pages
from api.pages import (
    answer,
    applicants,
    application,
    ask,
    assets,
    audit,
    case,
    chats,
    counter,
    discover,
    home,
    invite,
    invites,
    layout,
    me,
    my_circles,
    notes,
    organiser,
    pending_skills,
    people,
    person,
    place,
    plan,
    profile,
    rate,
    settings,
    swap,
    welcome,
)
from api.pages import blocks as block_pages
from api.pages import community as community_pages
from api.pages import disputes as dispute_pages
from api.pages import help as help_pages
from api.pages import mini_app as mini_app_pages
from api.pages import moderation as moderation_pages
from api.pages import reports as report_pages
from api.pages import standing as standing_pages
from api.pages import swaps as swap_pages
from api.pages.problems import missing_page
from api.realtime.address import described_routes
from api.realtime.server import Realtime
from domain.languages import DEFAULT_LOCALE
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from handlers.runtime.texts import load_texts

SECRET_BYTES: Final = 32

__all__ = ["REALTIME", "Server", "build_app"]


def api_routes() -> list[web.RouteDef]:
    """Return the REST routes, described by the OpenAPI document, and the sign-in routes."""
    nouns = (
        community,
        applications,
        users,
        skills,
        moderation,
        matches,
        alerts,
        blocks,
        swaps,
        swap_sessions,
        calendars,
        waiting,
        screening,
        reviews,
        organisers,
        reports,
        cases,
        standing,
        disputes,
        circles,
        messages,
        sync,
        reads,
        edits,
        photos,
        leaving,
        nextauth_session,
        login_links,
        mini_app,
        nextauth,
        accounts,
        sessions,
        health,
    )
    return [route for noun in nouns for route in noun.routes()]


def page_routes() -> list[web.RouteDef]:
    """Return the routes of the pages that people open in a browser and of the forms in them."""
    pages = (
        home,
        help_pages,
        discover,
        people,
        ask,
        my_circles,
        alert_pages,
        invite,
        community_pages,
        organiser,
        invites,
        application,
        standing_pages,
        me,
        profile,
        settings,
        welcome,
        block_pages,
        report_pages,
        chats,
        swap_pages,
        swap,
        plan,
        place,
        counter,
        rate,
        mini_app_pages,
        moderation_pages,
        case,
        person,
        applicants,
        answer,
        dispute_pages,
        pending_skills,
        notes,
        audit,
    )
    return [route for page in pages for route in page.routes()]


def build_app(
    deps: Deps,
    feed: ChangeFeed,
    *,
    cors_origins: Sequence[str] = (),
    is_ready: Callable[[], Awaitable[dict[str, bool]]],
    providers: Providers | None = None,
    sandbox_page: str | None = None,
    extra_routes: Sequence[web.RouteDef] = (),
    trusted_proxies: Sequence[str] = (),
    metrics_token: str | None = None,
    is_development: bool = False,
    place: Place | None = None,
    sandbox_token: str | None = None,
    stopping: asyncio.Event | None = None,
) -> web.Application:
    """Return the web application. It subscribes to `feed`; the caller starts and stops the feed.

    `trusted_proxies` are networks whose `X-Forwarded-For` is trusted. `/metrics` requires
    `metrics_token`; without one it answers this machine only. Without `providers` the only way to
    sign in is by mail, the link is printed to the log, and sessions end with the process. `place` is
    that of this process among several on one port; `stopping` is set when it is about to end.
    """
    providers = providers or Providers(SealedCookies([secrets.token_hex(SECRET_BYTES)]))
    origins = frozenset(origin.lower() for origin in cors_origins)
    context = ApiContext(
        deps,
        providers,
        origins,
        is_ready,
        sandbox_page,
        client_addresses=ClientAddresses(trusted_proxies),
        is_development=is_development,
        place=place,
        sandbox_token=sandbox_token,
        stopping=stopping or asyncio.Event(),
    )
    app = web.Application(middlewares=[build_middleware(context, missing_page)], client_max_size=MAX_BODY_BYTES)
    app[API_CONTEXT] = context
    app.cleanup_ctx.append(layout.compile_templates)
    routes = api_routes()
    reference = Reference([*routes, *described_routes()], deps.public_url, deps.texts[DEFAULT_LOCALE])
    app.add_routes(
        [
            *routes,
            *reference.routes(),
            reference_page.docs_route(reference),
            *page_routes(),
            *assets.routes(),
            *unsubscribe.routes(),
            *calendars.feed_routes(),
            *extra_routes,
        ]
    )
    realtime = Realtime(context)
    app.add_routes(
        [*realtime.routes(), *MetricsPage(context.metrics, deps, context.client_addresses, metrics_token).routes()]
    )
    context.gate.follow(feed)
    context.metrics.watch(feed)
    context.metrics.watch_gate(context.gate)
    context.metrics.watch_indexes(deps)
    context.metrics.gauge("sockets", "Open authenticated sockets", realtime.count_sockets)
    app[REALTIME] = realtime
    feed.subscribe(realtime.on_change)
    return app


def openapi_document(server_url: str = "http://127.0.0.1:8080") -> dict[str, Any]:
    """Return the OpenAPI document without a running service, for the command line.
    Blocks for a moment.
    """
    return build_document([*api_routes(), *described_routes()], server_url, load_texts()[DEFAULT_LOCALE])
