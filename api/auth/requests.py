"""What NextAuth's requests share: form or JSON fields, the CSRF cookie, `callbackUrl`, `{url}` or a redirect."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote

import orjson
from aiohttp import hdrs, web

from api.auth.redirects import safe_address
from api.http.bodies import read_bytes, reply
from api.http.context import ApiContext, context_of
from api.http.errors import Malformed, Unsupported

MAX_FIELDS: Final = 60
CSRF_BYTES: Final = 32
STATE_LIVES: Final = timedelta(minutes=15)  # NextAuth's own, for what a provider is to bring back
REQUEST_LIVES: Final = timedelta(hours=1)

CSRF, CALLBACK_URL, STATE, MAIL_REQUEST = "csrf-token", "callback-url", "state", "mail-request"

FORM: Final = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class AuthRequest:
    """One request to `/api/auth/*`. `fields` are of the body; query parameters that come twice count once."""

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
        return bool(self.fields.get("json") in ("true", True))

    @property
    def is_verified(self) -> bool:
        """Did the page that sent this read our CSRF token? Only a page of ours could."""
        said = self.text("csrfToken")
        return not self.is_new_csrf and secrets.compare_digest(
            said.encode(errors="surrogatepass"), self.csrf_token.encode(errors="surrogatepass")
        )

    @property
    def callback_url(self) -> str:
        """Where to go in the end, always allowed: from the body, the query, or the cookie that remembers it."""
        wanted = self.text("callbackUrl") or self.request.query.get("callbackUrl")
        return safe_address(self.context, wanted or self.cookie(CALLBACK_URL))

    @property
    def client(self) -> str:
        """The place that asks, see `api.http.client_address`; "" for this machine itself."""
        return self.context.client_addresses.of(self.request)

    def text(self, name: str) -> str:
        """A field of the body; "" where there is none, or no text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def cookie_name(self, name: str) -> str:
        prefix = "" if not self.context.is_secure else "__Host-" if name == CSRF else "__Secure-"
        return f"{prefix}next-auth.{name}"

    def cookie(self, name: str) -> str:
        return unquote(self.request.cookies.get(self.cookie_name(name), ""))

    def set_cookie(self, response: web.StreamResponse, name: str, value: str, lives: timedelta | None = None) -> None:
        response.set_cookie(
            self.cookie_name(name),
            quote(value, safe=""),
            max_age=int(lives.total_seconds()) if lives else None,
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

    def seal(self, response: web.StreamResponse, name: str, claims: dict[str, Any], lives: timedelta) -> None:
        """Keep something in this browser that it can neither read nor make."""
        now = self.context.deps.now()
        self.set_cookie(response, name, self.context.providers.seals.seal(name, claims, now=now, lives=lives), lives)

    def unseal(self, name: str) -> dict[str, Any] | None:
        return self.context.providers.seals.unseal(name, self.cookie(name), now=self.context.deps.now())

    def keep_cookies(self, response: web.StreamResponse) -> None:
        """The CSRF token, and where to go in the end, as NextAuth remembers them."""
        if self.is_new_csrf:
            digest = self.context.providers.seals.digest(self.csrf_token)
            self.set_cookie(response, CSRF, f"{self.csrf_token}|{digest}")
        if self.callback_url != self.cookie(CALLBACK_URL) and self.asks_for_address:
            self.set_cookie(response, CALLBACK_URL, self.callback_url)

    @property
    def asks_for_address(self) -> bool:
        return bool(self.text("callbackUrl") or self.request.query.get("callbackUrl"))

    def go(self, url: str, *, status: int = 200) -> web.Response:
        """On to an absolute address: as `{url}` for NextAuth's client, as a redirect for a plain form or link."""
        if self.wants_json:
            response = reply({"url": url}, status=status)
        else:
            response = web.Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})
        self.keep_cookies(response)
        return response

    def fail(self, error: str, *, status: int = 200) -> web.Response:
        """On to the error page, which words this code of NextAuth's."""
        return self.go(f"{self.base}/error?error={error}", status=status)


async def read_auth(request: web.Request) -> AuthRequest:
    """Raises Unsupported, TooLarge, TooLate, Malformed for a body that is neither a form nor a JSON object."""
    context = context_of(request)
    fields = await _fields(request) if request.method == "POST" else {}
    found = AuthRequest(request, context, fields, "", is_new_csrf=True)
    token, _, digest = found.cookie(CSRF).partition("|")
    if token and context.providers.seals.is_digest(token, digest):
        found.csrf_token, found.is_new_csrf = token, False
    else:
        found.csrf_token = secrets.token_hex(CSRF_BYTES)
    return found


async def _fields(request: web.Request) -> Mapping[str, Any]:
    data = await read_bytes(request)
    if not data:
        return {}
    try:
        match request.content_type:
            case "application/json":
                said = orjson.loads(data)
                if not isinstance(said, dict):
                    raise Malformed("invalid_json")
                return said
            case _ if request.content_type == FORM:
                pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
                return dict(reversed(pairs))  # the first of two counts, as in a query
    except orjson.JSONDecodeError:
        raise Malformed("invalid_json") from None
    except ValueError:
        raise Malformed("request.malformed") from None
    raise Unsupported("unsupported_media_type", expected=FORM)


def is_navigation(request: web.Request) -> bool:
    """Does a person open this address now? A preview, a prefetch or the address of a picture is none."""
    headers = request.headers
    purpose = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return (
        request.method == hdrs.METH_GET
        and not any(word in purpose.lower() for word in ("prefetch", "preview", "prerender"))
        and headers.get("Sec-Fetch-Dest", "document") == "document"
    )
