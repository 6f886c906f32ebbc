"""Signing in with another service: OAuth 2 authorization code flow with `state`, PKCE (S256), and OpenID Connect with
`nonce`.

`begin` returns the address for the browser and three secrets that the channel keeps in a sealed cookie of that browser;
`finish` takes the callback and returns the identity. It accepts only a callback that this browser asked for (`state`),
that is exchanged with our secret and verifier (PKCE), and that the issuer has signed for us
(`handlers.auth.id_tokens`).
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from domain.errors import Invalid
from domain.mail_addresses import parse_address
from handlers.auth.id_tokens import Issuers, Refused, is_same
from handlers.auth.identities import Identity, is_telegram_id
from handlers.auth.oauth_http import OAuthHttp
from handlers.runtime.deps import utc_now

log = logging.getLogger(__name__)

GOOGLE_ISSUER: Final = "https://accounts.google.com"
TELEGRAM_ISSUER: Final = "https://oauth.telegram.org"
SECRET_BYTES: Final = 32
MAX_CODE_LENGTH: Final = 4096


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """A configured provider. With an `issuer` it is OpenID Connect; without one it is GitHub's OAuth 2.

    `authorize_url`, `token_url` and `api_url` replace what an issuer publishes by discovery.
    """

    id: str
    name: str
    client_id: str
    client_secret: str
    scope: str
    issuer: str | None = None
    authorize_url: str = ""
    token_url: str = ""
    api_url: str = ""
    has_telegram_id: bool = False

    def __repr__(self) -> str:
        return f"OAuthProvider({self.id!r})"  # never the secret


def oidc_provider(
    issuer: str, client_id: str, client_secret: str, *, id: str = "oidc", name: str = "OpenID Connect"
) -> OAuthProvider:
    """Return a provider for any OpenID Connect issuer; its address is compared character by character."""
    return OAuthProvider(id, name, client_id, client_secret, "openid email profile", issuer=issuer)


def google_provider(client_id: str, client_secret: str) -> OAuthProvider:
    return oidc_provider(GOOGLE_ISSUER, client_id, client_secret, id="google", name="Google")


def telegram_provider(client_id: str, client_secret: str, *, issuer: str = TELEGRAM_ISSUER) -> OAuthProvider:
    """Return the provider for Telegram's own sign-in. The client id is the bot's id, the secret is BotFather's."""
    return OAuthProvider(
        "telegram-oidc", "Telegram", client_id, client_secret, "openid profile", issuer=issuer, has_telegram_id=True
    )


def github_provider(
    client_id: str, client_secret: str, *, site: str = "https://github.com", api: str = "https://api.github.com"
) -> OAuthProvider:
    return OAuthProvider(
        "github",
        "GitHub",
        client_id,
        client_secret,
        "read:user user:email",
        authorize_url=f"{site}/login/oauth/authorize",
        token_url=f"{site}/login/oauth/access_token",
        api_url=api,
    )


class OAuthClient:
    """The client of all configured providers. It is bound to the event loop that uses it; `close` it at the end."""

    def __init__(self, providers: Sequence[OAuthProvider]) -> None:
        self.providers = {provider.id: provider for provider in providers}
        self._http = OAuthHttp()
        self._issuers = Issuers(self._http)

    async def close(self) -> None:
        await self._http.close()

    async def begin(self, provider_id: str, *, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """Return the address for the browser, and the secrets for `finish`: keep them where only that browser can
        return them.

        Raises Invalid for a provider that is not configured, Unavailable when its issuer does not answer.
        """
        provider = self._provider(provider_id)
        kept = {name: secrets.token_urlsafe(SECRET_BYTES) for name in ("state", "code_verifier")}
        params = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": provider.scope,
            "state": kept["state"],
            "code_challenge": _challenge(kept["code_verifier"]),
            "code_challenge_method": "S256",
        }
        address = provider.authorize_url
        if provider.issuer is not None:
            kept["nonce"] = params["nonce"] = secrets.token_urlsafe(SECRET_BYTES)
            address = (await self._issuers.find(provider.issuer)).authorize_url
        return f"{address}{'&' if '?' in address else '?'}{urlencode(params)}", kept

    async def finish(
        self,
        provider_id: str,
        *,
        redirect_uri: str,
        query: Mapping[str, str],
        secrets: Mapping[str, str],
        now: datetime | None = None,
    ) -> Identity:
        """Return the identity. `query` is the callback's query, `secrets` are those of `begin` for this browser.

        Raises Invalid `auth.provider_failed` when a check fails, Unavailable when the provider does not answer.
        """
        provider = self._provider(provider_id)
        try:
            code = _code(provider, query, secrets)
            if provider.issuer is None:
                return await self._from_github(provider, redirect_uri, code, secrets)
            return await self._from_issuer(provider, provider.issuer, redirect_uri, code, secrets, now or utc_now())
        except Refused as refusal:
            log.warning("signing in with %s refused: %s", provider.id, refusal)
            raise Invalid("auth.provider_failed") from None

    def _provider(self, provider_id: str) -> OAuthProvider:
        provider = self.providers.get(provider_id)
        if provider is None:
            raise Invalid("auth.provider_failed")
        return provider

    async def _from_issuer(
        self,
        provider: OAuthProvider,
        issuer: str,
        redirect_uri: str,
        code: str,
        kept: Mapping[str, str],
        now: datetime,
    ) -> Identity:
        found = await self._issuers.find(issuer)
        answer = await self._http.post_form(
            found.token_url,
            _exchange(redirect_uri, code, kept),
            client=(provider.client_id, provider.client_secret),
            in_body=not found.takes_basic,
        )
        claims = await self._issuers.read_id_token(
            found,
            _text(answer.get("id_token")) or "",
            client_id=provider.client_id,
            nonce=kept.get("nonce", ""),
            now=now,
        )
        token = _text(answer.get("access_token"))
        if "email" not in claims and token and found.userinfo_url and not provider.has_telegram_id:
            more = await self._http.get(found.userinfo_url, token=token)
            if isinstance(more, dict) and more.get("sub") == claims["sub"]:
                claims = more | claims
        return _identity(provider, claims)

    async def _from_github(
        self, provider: OAuthProvider, redirect_uri: str, code: str, kept: Mapping[str, str]
    ) -> Identity:
        answer = await self._http.post_form(
            provider.token_url,
            _exchange(redirect_uri, code, kept),
            client=(provider.client_id, provider.client_secret),
            in_body=True,
        )
        token = _text(answer.get("access_token"))
        if not token:
            raise Refused("no access token")
        user = await self._http.get(f"{provider.api_url}/user", token=token)
        number = user.get("id") if isinstance(user, dict) else None
        if type(number) is not int or number <= 0:
            raise Refused("no user")
        emails = await self._http.get(f"{provider.api_url}/user/emails", token=token)
        email = _verified_primary(emails)
        return Identity(
            provider.id,
            str(number),
            name=_text(user.get("name")) or _text(user.get("login")),
            email=email,
            is_email_verified=email is not None,
            picture=_picture(user.get("avatar_url")),
        )


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _code(provider: OAuthProvider, query: Mapping[str, str], kept: Mapping[str, str]) -> str:
    """Return the code of the callback, if it answers this browser's request."""
    state = kept.get("state", "")
    if not state or not is_same(query.get("state", ""), state):
        raise Refused("state")
    if "iss" in query and provider.issuer is not None and query["iss"] != provider.issuer:
        raise Refused("issuer of the answer")  # RFC 9207: a mix-up with another issuer's answer
    if "error" in query:
        raise Refused("the service or the person said no")
    code = query.get("code", "")
    if not 0 < len(code) <= MAX_CODE_LENGTH:
        raise Refused("no code")
    return code


def _exchange(redirect_uri: str, code: str, kept: Mapping[str, str]) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": kept.get("code_verifier", ""),
    }


def _identity(provider: OAuthProvider, claims: Mapping[str, Any]) -> Identity:
    telegram_id: int | None = None
    if provider.has_telegram_id:
        said = claims.get("id")
        if not is_telegram_id(said):
            raise Refused("no Telegram id")
        telegram_id = said
    email = _address(claims.get("email"))
    return Identity(
        provider.id,
        claims["sub"],
        name=_text(claims.get("name")) or _text(claims.get("preferred_username")),
        email=email,
        is_email_verified=email is not None and claims.get("email_verified") in (True, "true"),
        picture=_picture(claims.get("picture")),
        telegram_id=telegram_id,
        locale=_text(claims.get("locale")),
    )


def _verified_primary(emails: Any) -> str | None:
    for row in emails if isinstance(emails, list) else ():
        if isinstance(row, dict) and row.get("primary") is True and row.get("verified") is True:
            return _address(row.get("email"))
    return None


def _address(value: Any) -> str | None:
    return parse_address(value) if isinstance(value, str) else None


def _picture(value: Any) -> str | None:
    return value if isinstance(value, str) and value.startswith("https://") else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
