"""OpenID Connect issuers: discovery documents, keys, and the verification of id tokens."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from domain.errors import Unavailable
from domain.hosts import is_loopback
from handlers.auth.oauth_http import OAuthHttp

DISCOVERY_SECONDS: Final = 3600.0
KEYS_SECONDS: Final = 3600.0
KEYS_AGAIN_SECONDS: Final = 30.0
"""Least time between two fetches of an issuer's keys because of an unknown key id."""
TOLERANCE_SECONDS: Final = 60
MAX_TOKEN_LENGTH: Final = 16_384
MAX_KEYS: Final = 50
# Asymmetric algorithms only: with HS256 allowed, everybody who knows the public key could sign.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
PUBLIC_KINDS: Final = ("RSA", "EC", "OKP")


class Refused(Exception):
    """A sign-in that does not verify; the text names the check and contains no values."""


@dataclass(slots=True)
class Issuer:
    """An issuer's discovery document and keys."""

    issuer: str
    authorize_url: str
    token_url: str
    userinfo_url: str | None
    keys_url: str
    takes_basic: bool
    fetched: float
    keys: list[dict[str, Any]] = field(default_factory=list)
    keys_fetched: float = float("-inf")


class Issuers:
    """A cache of issuers: documents and keys are kept for an hour; keys are fetched again for an unknown key id."""

    def __init__(self, http: OAuthHttp) -> None:
        self._http = http
        self._known: dict[str, Issuer] = {}

    async def find(self, issuer: str) -> Issuer:
        """Return an issuer. Raises Unavailable when it does not answer with a valid discovery document."""
        known = self._known.get(issuer)
        if known is not None and time.monotonic() - known.fetched < DISCOVERY_SECONDS:
            return known
        said = await self._http.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(said, dict) or said.get("issuer") != issuer:
            raise Unavailable("auth.provider_unavailable")
        methods = said.get("token_endpoint_auth_methods_supported")
        found = Issuer(
            issuer,
            _endpoint(said, "authorization_endpoint", issuer),
            _endpoint(said, "token_endpoint", issuer),
            _endpoint(said, "userinfo_endpoint", issuer) if "userinfo_endpoint" in said else None,
            _endpoint(said, "jwks_uri", issuer),
            takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
            fetched=time.monotonic(),
        )
        self._known[issuer] = found
        return found

    async def read_id_token(
        self, issuer: Issuer, token: str, *, client_id: str, nonce: str, now: datetime
    ) -> dict[str, Any]:
        """Return the claims of an id token. Raises Refused unless it is signed by this issuer, for this client and
        sign-in, and not expired."""
        if not 0 < len(token) <= MAX_TOKEN_LENGTH:
            raise Refused("no id token")
        claims = await self._verified(issuer, token)
        _check(claims, issuer.issuer, client_id, nonce, int(now.timestamp()))
        return claims

    async def _verified(self, issuer: Issuer, token: str) -> dict[str, Any]:
        age = time.monotonic() - issuer.keys_fetched
        if age > KEYS_SECONDS:
            await self._fetch_keys(issuer)
            age = 0.0
        claims = _open(token, issuer.keys)
        if claims is None and age > KEYS_AGAIN_SECONDS:  # the issuer may have rotated its keys
            await self._fetch_keys(issuer)
            claims = _open(token, issuer.keys)
        if claims is None:
            raise Refused("signature of the id token")
        return claims

    async def _fetch_keys(self, issuer: Issuer) -> None:
        said = await self._http.get(issuer.keys_url)
        keys = said.get("keys") if isinstance(said, dict) else None
        if not isinstance(keys, list):
            raise Unavailable("auth.provider_unavailable")
        issuer.keys = [key for key in keys[:MAX_KEYS] if isinstance(key, dict) and _is_for_signing(key)]
        issuer.keys_fetched = time.monotonic()


def _is_for_signing(key: Mapping[str, Any]) -> bool:
    return key.get("kty") in PUBLIC_KINDS and key.get("use", "sig") == "sig"


def _open(token: str, keys: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not keys:
        return None
    from joserfc import jwt  # loaded late to keep start-up fast
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        key_set = KeySet.import_key_set({"keys": keys})
        claims = jwt.decode(token, key_set, algorithms=ALGORITHMS).claims
    except (
        JoseError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
    ):  # whatever a forged token makes the parser raise
        return None
    return claims if isinstance(claims, dict) else None


def _check(claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str, now: int) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    said_nonce = claims.get("nonce")
    subject = claims.get("sub")
    if claims.get("iss") != issuer:
        raise Refused("issuer of the id token")
    if client_id not in audiences:
        raise Refused("audience of the id token")
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise Refused("authorised party of the id token")
    if not _is_time(claims.get("exp")) or claims["exp"] <= now - TOLERANCE_SECONDS:
        raise Refused("expiry of the id token")
    if not _is_time(claims.get("iat")) or claims["iat"] > now + TOLERANCE_SECONDS:
        raise Refused("time of the id token")
    if not nonce or not isinstance(said_nonce, str) or not is_same(said_nonce, nonce):
        raise Refused("nonce of the id token")
    if not isinstance(subject, str) or not subject:
        raise Refused("subject of the id token")


def is_same(one: str, other: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode(errors="surrogatepass"))


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _endpoint(said: Mapping[str, Any], name: str, issuer: str) -> str:
    """Return an endpoint of a discovery document: https unless the issuer itself is not."""
    value = said.get(name)
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    is_local = parts is not None and all(is_loopback(one.hostname or "") for one in (parts, urlsplit(issuer)))
    if not isinstance(value, str) or parts is None or not (parts.scheme == "https" or is_local):
        raise Unavailable("auth.provider_unavailable")
    return value
