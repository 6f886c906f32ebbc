"""What every route of this application works with; built once by `build_app`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from api.http.client_address import ClientAddresses
from api.http.metrics import Metrics
from handlers.auth.providers import Providers
from handlers.runtime.deps import Deps


@dataclass(frozen=True, slots=True)
class ApiContext:
    """`origins` are the other web origins (scheme://host:port) whose pages may use the API with the session cookie.

    `uploading` counts, for each person, the photos that are coming in just now. `stopping` is set once the process is
    about to end: who asks is sent elsewhere. `beside` are the parts that `/readyz` tells of, and that keep nobody out:
    when Telegram is down, or refuses the bot, the web goes on.
    """

    deps: Deps
    providers: Providers
    origins: frozenset[str]
    is_ready: Callable[[], Awaitable[dict[str, bool]]]
    sandbox_page: str | None
    uploading: Counter[str] = field(default_factory=Counter)
    client_addresses: ClientAddresses = field(default_factory=ClientAddresses)
    metrics: Metrics = field(default_factory=Metrics)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    beside: frozenset[str] = frozenset({"bot"})

    @property
    def is_secure(self) -> bool:
        """Is the service reached by https? Then cookies are marked so."""
        return self.deps.public_url.startswith("https://")

    def is_home(self, origin: str, host: str) -> bool:
        """Is this origin our own: of the public address, or of the very host that was asked?"""
        scheme, _, authority = origin.partition("://")
        if scheme not in ("http", "https"):
            return False
        public = urlsplit(self.deps.public_url)
        return authority == host or (scheme, authority) == (public.scheme, public.netloc)

    def is_trusted(self, origin: str, host: str) -> bool:
        return origin in self.origins or self.is_home(origin, host)


API_CONTEXT = web.AppKey("door", ApiContext)
ACTOR_ID = web.RequestKey("actor_id", str)


def context_of(request: web.Request) -> ApiContext:
    return request.app[API_CONTEXT]
