"""Objects shared by all routes of the application; created once by `build_app`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from api.gate import Gate
from api.http.client_address import ClientAddresses
from api.http.deadlines import Deadlines
from api.http.handover import Place
from api.http.metrics import Metrics
from api.swap_pages import SwapPages
from domain.messages import Message
from handlers.auth.providers import Providers
from handlers.runtime.deps import Deps


@dataclass(frozen=True, slots=True)
class ApiContext:
    """Dependencies and state of the web channel.

    `origins` are further web origins (scheme://host:port) that may call the API with the session
    cookie. `uploading` counts each user's uploads in progress. `on_sent` are called with each
    message that was stored here. `stopping` is set when the process is about to end. `non_critical`
    are the parts that `/readyz` reports without failing: the web serves on when Telegram is down or
    refuses the bot, and most of it when an index of another program is in the way. `noted_origins`
    are foreign origins that have been logged; `is_development` lets pages name mistakes of the
    settings. `place` is that of this process among several on one port. `sandbox_token` is the
    bot's token while the sandbox stands in for Telegram: known to everybody.
    """

    deps: Deps
    providers: Providers
    origins: frozenset[str]
    is_ready: Callable[[], Awaitable[dict[str, bool]]]
    sandbox_page: str | None
    uploading: Counter[str] = field(default_factory=Counter)
    client_addresses: ClientAddresses = field(default_factory=ClientAddresses)
    metrics: Metrics = field(default_factory=Metrics)
    deadlines: Deadlines = field(default_factory=Deadlines)
    gate: Gate = field(default_factory=Gate)
    on_sent: list[Callable[[Message], Awaitable[None]]] = field(default_factory=list)
    swap_pages: SwapPages = field(default_factory=SwapPages)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    non_critical: frozenset[str] = frozenset({"bot", "indexes"})
    noted_origins: set[str] = field(default_factory=set)
    is_development: bool = False
    place: Place | None = None
    sandbox_token: str | None = None

    @property
    def is_secure(self) -> bool:
        """True if the public URL is https; cookies are then marked Secure."""
        return self.deps.public_url.startswith("https://")

    def is_same_origin(self, origin: str, host: str) -> bool:
        """Return True if `origin` is the public URL's origin or that of the requested host."""
        scheme, _, authority = origin.partition("://")
        if scheme not in ("http", "https"):
            return False
        public = urlsplit(self.deps.public_url)
        return authority == host or (scheme, authority) == (public.scheme, public.netloc)

    def is_trusted(self, origin: str, host: str) -> bool:
        """Return True if pages of this origin may use the API with the session cookie."""
        return origin in self.origins or self.is_same_origin(origin, host)


API_CONTEXT = web.AppKey("api_context", ApiContext)
ACTOR_ID = web.RequestKey("actor_id", str)


def context_of(request: web.Request) -> ApiContext:
    """Return the application's ApiContext."""
    return request.app[API_CONTEXT]
