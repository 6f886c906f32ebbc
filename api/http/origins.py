"""Pages whose origin is not the service's. Mostly the mistake is a NEXTAUTH_URL that is not the address people open, so
errors, the log and, in development, the pages name the setting.
"""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from api.http.context import ApiContext
from domain.errors import Forbidden
from handlers.runtime.texts import Texts

log = logging.getLogger(__name__)

MAX_LOGGED: Final = 20
"""Origins that a process logs, each once: anybody can send a request with a new one."""
MAX_LENGTH: Final = 100
"""Characters of an origin, or of a host, that are repeated."""


def foreign_origin(context: ApiContext, request: web.Request) -> Forbidden:
    """Return the error for a request that comes from a page of another site."""
    origin = request.headers.get(hdrs.ORIGIN, "null")[:MAX_LENGTH]
    return Forbidden("auth.cross_site", origin=origin, address=context.deps.public_url)


def note_origin(context: ApiContext, origin: str, host: str = "") -> None:
    """Log an origin that browsers will not let use the service, the first time that it is seen."""
    origin = origin[:MAX_LENGTH].lower()
    public = urlsplit(context.deps.public_url)
    is_unencrypted = context.is_secure and origin == f"http://{public.netloc}"  # the browser drops Secure cookies
    if context.is_trusted(origin, host.lower()) and not is_unencrypted:
        return
    if origin == "null" or "@" in origin:  # no setting can name them; a user name before the @ may be a secret
        return
    if origin in context.noted_origins or len(context.noted_origins) >= MAX_LOGGED:
        return
    context.noted_origins.add(origin)
    log.warning(
        "pages of %r use the service and browsers hold back its answers or cookies: NEXTAUTH_URL is %s; "
        "set it to the address that people open, or name the origin in CORS_ORIGINS",
        origin,
        context.deps.public_url,
    )


def address_notice(context: ApiContext, request: web.Request, texts: Texts) -> str:
    """Return a notice for a page that was opened at another address than NEXTAUTH_URL; "" outside of development.

    Outside of development proxies may change the host, and readers cannot change the setting.
    """
    opened = (request.headers.get("X-Forwarded-Host") or request.host)[:MAX_LENGTH].lower()
    if not context.is_development or opened == urlsplit(context.deps.public_url).netloc.lower():
        return ""
    text = texts("page.wrong_address.text", opened=opened, address=context.deps.public_url)
    return f'<p class="notice" role="alert">{text}</p>'
