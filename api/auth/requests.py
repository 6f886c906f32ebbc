"""Requests to the NextAuth routes: form or JSON fields, CSRF cookie, `callbackUrl`, and the
form of the response.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote

from aiohttp import hdrs, web

from api.auth.redirects import safe_address
from api.http.bodies import read_bytes, reply
from api.http.context import ApiContext, context_of
from api.http.errors import Malformed, Unsupported
from api.http.json_text import parse_json

MAX_FIELDS: Final = 60
CSRF_BYTES: Final = 32
STATE_LIFETIME: Final = timedelta(minutes=15)  # as in NextAuth
MAIL_REQUEST_LIFETIME: Final = timedelta(hours=1)

CSRF, CALLBACK_URL, STATE, MAIL_REQUEST = "csrf-token", "callback-url", "state", "mail-request"

RETURN_REDIRECT: Final = "X-Auth-Return-Redirect"
"""Header of the client of next-auth 5: it means what `json=true` means from version 4."""

FORM: Final = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class AuthRequest:
    """Request to `/api/auth/*`.

    `fields` are those of the body. Of a repeated field or parameter the first value counts.
    """

    request: web.Request
    context: ApiContext
    fields: Mapping[str, Any]
    csrf_token: str
    is_new_csrf: bool

    @property
    def base(self) -> str:
        return f"{self.context.deps.public_url}/api/auth"

    @property
    def wants_json(self) -> bool:
        return self.fields.get("json") in ("true", True) or self.request.headers.get(RETURN_REDIRECT) == "1"

    @property
    def is_verified(self) -> bool:
        """True if the request contains the CSRF token of its cookie, which only our
        own pages can read.
        """
        token = self.text("csrfToken")
        return not self.is_new_csrf and secrets.compare_digest(
            token.encode(errors="surrogatepass"), self.csrf_token.encode(errors="surrogatepass")
        )

    @property
    def callback_url(self) -> str:
        """Address to redirect to in the end, always an allowed one: from the body, the
        query or the cookie.
        """
        requested = self.text("callbackUrl") or self.request.query.get("callbackUrl")
        return safe_address(self.context, requested or self.cookie(CALLBACK_URL))

    @property
    def client(self) -> str:
        """Client address, see `api.http.client_address`; "" for this machine itself."""
        return self.context.client_addresses.of(self.request)

    def text(self, name: str) -> str:
        """Return a field of the body; "" if it is absent or not text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def cookie_name(self, name: str) -> str:
        prefix = "" if not self.context.is_secure else "__Host-" if name == CSRF else "__Secure-"
        return f"{prefix}next-auth.{name}"

    def cookie(self, name: str) -> str:
        return unquote(self.request.cookies.get(self.cookie_name(name), ""))

    def set_cookie(self, response: web.StreamResponse, name: str, value: str, max_age: timedelta | None = None) -> None:
        response.set_cookie(
            self.cookie_name(name),
            quote(value, safe=""),
            max_age=int(max_age.total_seconds()) if max_age else None,
            path="/",
            httponly=True,
            secure=self.context.is_secure,
            samesite="Lax",
        )

    def clear_cookie(self, response: web.StreamResponse, name: str) -> None:
        if self.cookie_name(name) in self.request.cookies:
            response.del_cookie(
                self.cookie_name(name), path="/", secure=self.context.is_secure, httponly=True, samesite="Lax"
            )

    def seal(self, response: web.StreamResponse, name: str, claims: dict[str, Any], max_age: timedelta) -> None:
        """Store claims in a cookie that the browser can neither read nor forge."""
        value = self.context.providers.sealed_cookies.seal(
            name, claims, now=self.context.deps.real_now(), lives=max_age
        )
        self.set_cookie(response, name, value, max_age)

    def unseal(self, name: str) -> dict[str, Any] | None:
        """Return the claims of a sealed cookie, or None if it is absent, invalid or expired."""
        return self.context.providers.sealed_cookies.unseal(name, self.cookie(name), now=self.context.deps.real_now())

    def keep_cookies(self, response: web.StreamResponse) -> None:
        """Set the cookies of the CSRF token and the callback URL, as NextAuth does."""
        if self.is_new_csrf:
            digest = self.context.providers.sealed_cookies.digest(self.csrf_token)
            self.set_cookie(response, CSRF, f"{self.csrf_token}|{digest}")
        if self.callback_url != self.cookie(CALLBACK_URL) and self.has_callback_url:
            self.set_cookie(response, CALLBACK_URL, self.callback_url)

    @property
    def has_callback_url(self) -> bool:
        return bool(self.text("callbackUrl") or self.request.query.get("callbackUrl"))

    def redirect(self, url: str, *, status: int = 200) -> web.Response:
        """Return the address as `{url}` for NextAuth's client, else a redirect to it."""
        if self.wants_json:
            response = reply({"url": url}, status=status)
        else:
            response = web.Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})
        self.keep_cookies(response)
        return response

    def redirect_to_error(self, error: str, *, reason: str = "", status: int = 200) -> web.Response:
        """Redirect to the error page for one of NextAuth's error codes; `reason` chooses a text of ours for it."""
        more = f"&reason={reason}" if reason else ""
        return self.redirect(f"{self.base}/error?error={error}{more}", status=status)


async def read_auth(request: web.Request) -> AuthRequest:
    """Read the body and the CSRF cookie.

    Raises Unsupported, TooLarge, TooLate, or Malformed if the body is neither a form
    nor a JSON object.
    """
    context = context_of(request)
    fields = await _fields(request) if request.method == "POST" else {}
    auth = AuthRequest(request, context, fields, "", is_new_csrf=True)
    token, _, digest = auth.cookie(CSRF).partition("|")
    if token and context.providers.sealed_cookies.is_digest(token, digest):
        auth.csrf_token, auth.is_new_csrf = token, False
    else:
        auth.csrf_token = secrets.token_hex(CSRF_BYTES)
    return auth


async def _fields(request: web.Request) -> Mapping[str, Any]:
    data = await read_bytes(request)
    if not data:
        return {}
    try:
        match request.content_type:
            case "application/json":
                fields = parse_json(data)
                if not isinstance(fields, dict):
                    raise Malformed("invalid_json")
                return fields
            case _ if request.content_type == FORM:
                pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
                return dict(reversed(pairs))  # the first value of a repeated field counts, as in a query
    except ValueError:
        raise Malformed("request.malformed") from None
    raise Unsupported("unsupported_media_type", expected=FORM)


def is_navigation(request: web.Request) -> bool:
    """Return True if a user opens this address now: not a preview, a prefetch or an image."""
    headers = request.headers
    purpose = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return (
        request.method == hdrs.METH_GET
        and not any(word in purpose.lower() for word in ("prefetch", "preview", "prerender"))
        and headers.get("Sec-Fetch-Dest", "document") == "document"
    )
