"""An OpenID Connect issuer and a GitHub on loopback that send false claims on request, as no honest provider can."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "client-1", "the client's secret"
Claims = dict[str, Any]


class Issuer:
    """Issuer whose `claims` changes the token's claims and `sign` its signature; the fields are the endpoints'
    responses."""

    def __init__(self) -> None:
        self.address = ""
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.claims: Callable[[Claims], Claims] = lambda claims: claims
        self.sign: Callable[[Claims], str] = lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        self.described: dict[str, Any] = {}
        self.keys: Callable[[], list[dict[str, Any]]] = lambda: [dict(self.key.as_dict(private=False))]
        self.token_answer: web.Response | None = None
        self.delay = 0.0
        self.emails: list[dict[str, Any]] = []
        self.user: dict[str, Any] = {}
        self.asked: dict[str, int] = {}
        self._codes: dict[str, tuple[str, str]] = {}

    def visit(self, address: str) -> dict[str, str]:
        """Return the callback parameters of a user who agrees at this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_hex(8)
        self._codes[code] = (asked["code_challenge"], asked.get("nonce", ""))
        return {"code": code, "state": asked["state"]}

    def public_pem(self) -> bytes:
        return self.key.as_pem(private=False)

    async def _describe(self, request: web.Request) -> web.Response:
        self._count("discovery")
        at = self.address
        described = {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
        }
        return web.json_response({**described, **self.described})

    async def _keys(self, request: web.Request) -> web.Response:
        self._count("keys")
        return web.json_response({"keys": self.keys()})

    async def _token(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.delay)
        if self.token_answer is not None:
            return self.token_answer
        form = await request.post()
        challenge, nonce = self._codes.pop(str(form["code"]), ("", ""))
        hashed = urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=").decode()
        if not challenge or hashed != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": "u1", "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= {"email": "ada@example.org", "email_verified": True}
        return web.json_response({"access_token": "an-access-token", "id_token": self.sign(self.claims(claims))})

    async def _user(self, request: web.Request) -> web.Response:
        return self._for_token(request, self.user)

    async def _emails(self, request: web.Request) -> web.Response:
        return self._for_token(request, self.emails)

    def _for_token(self, request: web.Request, what: Any) -> web.Response:
        is_known = request.headers.get("Authorization") == "Bearer an-access-token"
        return web.json_response(what) if is_known else web.json_response({}, status=401)

    def _count(self, what: str) -> None:
        self.asked[what] = self.asked.get(what, 0) + 1


def sign_as_hmac(issuer: Issuer) -> Callable[[Claims], str]:
    """The classic confusion: the public key, which is known to all, as the secret of HS256."""

    def sign(claims: Claims) -> str:
        text = _parts({"alg": "HS256", "kid": "one"}, claims)
        return f"{text}.{_b64(hmac.digest(issuer.public_pem(), text.encode(), 'sha256'))}"

    return sign


def sign_with_secret(claims: Claims) -> str:
    """HS256 by the client's secret: allowed by the standard, but it is no issuer's signature."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.encode() * 3), algorithms=["HS256"])


def unsigned(claims: Claims) -> str:
    return _parts({"alg": "none"}, claims) + "."


def _parts(header: dict[str, Any], claims: Claims) -> str:
    return ".".join(_b64(orjson.dumps(part)) for part in (header, claims))


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", issuer._describe),
            web.get("/keys", issuer._keys),
            web.post("/token", issuer._token),
            web.post("/login/oauth/access_token", issuer._token),
            web.get("/user", issuer._user),
            web.get("/user/emails", issuer._emails),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    issuer.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield issuer
    await runner.cleanup()
