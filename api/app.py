"""The aiohttp application."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web

from api import (
    accounts,
    alerts,
    auth,
    blocks,
    circles,
    docs,
    edits,
    health,
    mail_pages,
    matches,
    messages,
    moderation,
    nextauth,
    pages,
    photos,
    reads,
    sessions,
    skills,
    swaps,
    sync,
    users,
)
from api.bodies import MAX_BODY_BYTES
from api.context import DOOR, Door
from api.guard import build_guard
from api.metrics import MetricsPage
from api.openapi import Reference
from api.places import Places
from api.realtime import Realtime
from api.server import REALTIME, Server
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import Seals
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps

SECRET_BYTES: Final = 32

__all__ = ["REALTIME", "Server", "build_app"]


def api_routes() -> list[web.RouteDef]:
    """The REST routes: those that the OpenAPI document describes, and the sign-in pages."""
    nouns = (
        users,
        skills,
        moderation,
        matches,
        alerts,
        blocks,
        swaps,
        circles,
        messages,
        sync,
        reads,
        edits,
        photos,
        auth,
        nextauth,
        accounts,
        sessions,
        health,
    )
    return [route for noun in nouns for route in noun.routes()]


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
) -> web.Application:
    """The whole web door. `feed` is subscribed to here and started and stopped by the caller.

    `trusted_proxies` are networks whose `X-Forwarded-For` is believed; `/metrics` asks for `metrics_token`, or without
    one answers this machine only. Without `providers` one signs in by mail, which is shown in the log, under a secret
    that is gone with the process.
    """
    providers = providers or Providers(Seals([secrets.token_hex(SECRET_BYTES)]))
    origins = frozenset(origin.lower() for origin in cors_origins)
    door = Door(deps, providers, origins, is_ready, sandbox_page, places=Places(trusted_proxies))
    app = web.Application(middlewares=[build_guard(door)], client_max_size=MAX_BODY_BYTES)
    app[DOOR] = door
    routes = api_routes()
    reference = Reference(routes, deps.public_url)
    app.add_routes(
        [*routes, *reference.routes(), docs.docs_route(reference), *pages.routes(), *mail_pages.routes(), *extra_routes]
    )
    realtime = Realtime(door)
    app.add_routes([*realtime.routes(), *MetricsPage(door.metrics, deps, door.places, metrics_token).routes()])
    door.metrics.watch(feed)
    door.metrics.gauge("sockets", "Open sockets of signed-in people", realtime.count_sockets)
    app[REALTIME] = realtime
    feed.subscribe(realtime.on_change)
    return app
