"""Access control: the sandbox serves programs and pages of this machine only.

Its token is not secret, so a page of another site must not reach it through the browser: neither by a host name of its
own that resolves to this machine (the Host header shows that), nor by a cross-site request.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_allowed(request: web.Request) -> bool:
    if not _is_loopback_peer(request) or _host_of(f"//{request.host}") not in LOOPBACK_NAMES:
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return False
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site in ("same-origin", "none"):
        return True
    # A link to the page may be followed from anywhere: the linking page sees nothing of it.
    is_visit = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    return is_visit and request.headers.get("Sec-Fetch-Dest") == "document" and request.path == "/sandbox"


def _host_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_loopback_peer(request: web.Request) -> bool:
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return peer is not None and is_loopback(str(peer[0]))


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not is_allowed(request):
        raise web.HTTPForbidden(text="The sandbox answers this machine only.")
    return await handler(request)
