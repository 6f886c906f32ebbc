"""False tokens, failing providers and forged callbacks sign in no user and leak nothing."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from domain.errors import Invalid, Unavailable
from handlers.auth import oauth_http
from handlers.auth.identities import Identity
from handlers.auth.oauth import OAuthClient, github_provider, oidc_provider, telegram_provider
from tests.handlers.auth.issuer import (
    CLIENT,
    SECRET,
    Claims,
    Issuer,
    running_issuer,
    sign_as_hmac,
    sign_with_secret,
    unsigned,
)

REDIRECT = "http://127.0.0.1:9/callback"
STRANGER = RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


@pytest.fixture
async def oauth(issuer: Issuer) -> AsyncIterator[OAuthClient]:
    at = issuer.address
    client = OAuthClient(
        [
            oidc_provider(at, CLIENT, SECRET),
            github_provider(CLIENT, SECRET, site=at, api=at),
            telegram_provider(CLIENT, SECRET, issuer=at),
        ]
    )
    yield client
    await client.close()


async def enter(oauth: OAuthClient, issuer: Issuer, provider: str = "oidc", **changed: str) -> Identity:
    address, kept = await oauth.begin(provider, redirect_uri=REDIRECT)
    query = issuer.visit(address) | changed
    return await oauth.finish(provider, redirect_uri=REDIRECT, query=query, secrets=kept)


def saying(**changed: Any) -> Callable[[Claims], Claims]:
    return lambda claims: {name: value for name, value in {**claims, **changed}.items() if value is not ...}


LIES: dict[str, tuple[Callable[[Claims], Claims], str]] = {
    "another issuer": (saying(iss="https://evil.example"), "issuer"),
    "no issuer": (saying(iss=...), "issuer"),
    "another audience": (saying(aud="client-2"), "audience"),
    "no audience": (saying(aud=...), "audience"),
    "an audience of others": (saying(aud=["client-2", "client-3"]), "audience"),
    "many audiences, another party": (saying(aud=[CLIENT, "client-2"], azp="client-2"), "party"),
    "many audiences, no party": (saying(aud=[CLIENT, "client-2"]), "party"),
    "another party": (saying(azp="client-2"), "party"),
    "another nonce": (saying(nonce="x" * 43), "nonce"),
    "no nonce": (saying(nonce=...), "nonce"),
    "a nonce that is no text": (saying(nonce=1), "nonce"),
    "expired": (saying(exp=int(time.time()) - 3600), "expiry"),
    "no expiry": (saying(exp=...), "expiry"),
    "an expiry that is no number": (saying(exp="2099"), "expiry"),
    "from the future": (saying(iat=int(time.time()) + 3600), "time"),
    "no time": (saying(iat=...), "time"),
    "no subject": (saying(sub=...), "subject"),
    "an empty subject": (saying(sub=""), "subject"),
    "a subject that is no text": (saying(sub=5), "subject"),
}


async def test_an_honest_provider_signs_in(oauth: OAuthClient, issuer: Issuer) -> None:
    identity = await enter(oauth, issuer)
    assert (identity.provider, identity.subject, identity.email) == ("oidc", "u1", "ada@example.org")
    issuer.claims = saying(aud=[CLIENT, "client-2"], azp=CLIENT)
    assert (await enter(oauth, issuer)).subject == "u1"


@pytest.mark.parametrize("lie", LIES)
async def test_token_with_a_false_claim_is_refused(
    oauth: OAuthClient, issuer: Issuer, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.claims, why = LIES[lie]
    with pytest.raises(Invalid, match=r"auth\.provider_failed"):
        await enter(oauth, issuer)
    assert f"refused: {why} of the id token" in re.sub(r"authorised ", "", caplog.text)


@pytest.mark.parametrize("way", ["public key as secret", "client secret", "none", "stranger", "garbage", "altered"])
async def test_token_not_signed_by_the_issuer_is_refused(
    oauth: OAuthClient, issuer: Issuer, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    honest = issuer.sign
    issuer.sign = {
        "public key as secret": sign_as_hmac(issuer),
        "client secret": sign_with_secret,
        "none": unsigned,
        "stranger": lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, STRANGER),
        "garbage": lambda claims: "a.b.c",
        "altered": lambda claims: honest(claims)[:-8] + "AAAAAAAA",
    }[way]
    with pytest.raises(Invalid, match=r"auth\.provider_failed"):
        await enter(oauth, issuer)
    assert "signature of the id token" in caplog.text


async def test_symmetric_key_in_the_key_set_is_ignored(oauth: OAuthClient, issuer: Issuer) -> None:
    secret = {"kty": "oct", "kid": "one", "k": "c2VjcmV0" * 8}
    issuer.keys = lambda: [secret]
    issuer.sign = sign_with_secret
    with pytest.raises(Invalid):
        await enter(oauth, issuer)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"state": "another"}, "state"),
        ({"state": ""}, "state"),
        ({"state": "\ud800"}, "state"),
        ({"iss": "https://evil.example"}, "issuer of the answer"),
        ({"error": "access_denied"}, "said no"),
        ({"code": ""}, "no code"),
        ({"code": "x" * 5000}, "no code"),
        ({"code": "made-up"}, "no id token"),
    ],
)
async def test_forged_callback_is_refused(
    oauth: OAuthClient, issuer: Issuer, changed: dict[str, str], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Invalid, match=r"auth\.provider_failed"):
        await enter(oauth, issuer, **changed)
    assert why in caplog.text


async def test_sign_in_without_the_stored_secrets_is_refused(oauth: OAuthClient, issuer: Issuer) -> None:
    address, _ = await oauth.begin("oidc", redirect_uri=REDIRECT)
    for query in (issuer.visit(address), {"code": "x"}, {"code": "x", "state": ""}):
        with pytest.raises(Invalid):
            await oauth.finish("oidc", redirect_uri=REDIRECT, query=query, secrets={})
    with pytest.raises(Invalid):
        await oauth.begin("unknown", redirect_uri=REDIRECT)


async def test_keys_are_cached_and_fetched_again_after_rotation(
    oauth: OAuthClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await enter(oauth, issuer)
    assert issuer.asked == {"discovery": 1, "keys": 1}
    issuer.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    issuer.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "two"}, claims, issuer.key)
    with pytest.raises(Invalid):  # not again within seconds, or anybody could make us ask
        await enter(oauth, issuer)
    monkeypatch.setattr("handlers.auth.id_tokens.KEYS_AGAIN_SECONDS", 0.0)
    assert (await enter(oauth, issuer)).subject == "u1"
    assert issuer.asked == {"discovery": 1, "keys": 2}


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://[broken"},
    ],
)
async def test_invalid_discovery_document_is_not_used(
    oauth: OAuthClient, issuer: Issuer, described: dict[str, Any]
) -> None:
    issuer.described = described
    with pytest.raises(Unavailable, match=r"auth\.provider_unavailable"):
        await oauth.begin("oidc", redirect_uri=REDIRECT)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda: web.Response(status=500), Unavailable),
        (lambda: web.Response(status=429), Unavailable),
        (lambda: web.Response(status=302, headers={"Location": "/keys"}), Invalid),
        (lambda: web.Response(text="no json"), Invalid),
        (lambda: web.json_response(["a list"]), Invalid),
        (lambda: web.json_response({"id_token": 5}), Invalid),
        (lambda: web.json_response({"id_token": "x" * 20_000}), Invalid),
        (lambda: web.Response(body=b'{"a":"' + b"x" * 1_000_000 + b'"}'), Invalid),
    ],
)
async def test_failing_token_endpoint_signs_in_no_user(
    oauth: OAuthClient, issuer: Issuer, answer: Callable[[], web.Response], problem: type[Exception]
) -> None:
    issuer.token_answer = answer()
    with pytest.raises(problem):
        await enter(oauth, issuer)


async def test_unresponsive_provider_times_out(
    oauth: OAuthClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_http, "TIMEOUT_SECONDS", 0.3)
    issuer.delay = 5.0
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await enter(oauth, issuer)
    assert time.monotonic() - started < 3


async def test_github_returns_the_verified_primary_address_only(oauth: OAuthClient, issuer: Issuer) -> None:
    issuer.user = {"id": 583, "login": "ada", "name": None, "avatar_url": "https://example.org/a.png"}
    issuer.emails = [
        {"email": "old@example.org", "primary": False, "verified": True},
        {"email": "Ada@Example.org", "primary": True, "verified": True},
    ]
    identity = await enter(oauth, issuer, "github")
    assert (identity.subject, identity.name, identity.email) == ("583", "ada", "ada@example.org")
    assert identity.is_email_verified
    issuer.emails = [{"email": "ada@example.org", "primary": True, "verified": False}]
    assert (await enter(oauth, issuer, "github")).email is None
    for user in ({}, {"id": "583"}, {"id": True}, {"id": -1}):
        issuer.user = user
        with pytest.raises(Invalid):
            await enter(oauth, issuer, "github")
    with pytest.raises(Invalid):
        await enter(oauth, issuer, "github", code="made-up")


async def test_telegrams_oidc_returns_the_telegram_account(oauth: OAuthClient, issuer: Issuer) -> None:
    issuer.claims = saying(id=777, name="Ada", email=...)
    assert (await enter(oauth, issuer, "telegram-oidc")).telegram_id == 777
    for number in (..., "777", 0, -5, 1.5, True, 2**60):
        issuer.claims = saying(id=number)
        with pytest.raises(Invalid):
            await enter(oauth, issuer, "telegram-oidc")


@pytest.mark.parametrize(
    "address",
    [
        "no-at.example.org",
        "a@b",
        'a"b@example.org',
        "a@b@example.org",
        "a@example.org,evil.example",
        "x" * 300,
        "ana@exa☃mple.org",
        "ana..b@example.org",
        "ana@-example.org",
        "ana <ana@example.org>",
        5,
        " @a.b",
    ],
)
async def test_invalid_address_is_left_out(oauth: OAuthClient, issuer: Issuer, address: Any) -> None:
    issuer.claims = saying(email=address)
    identity = await enter(oauth, issuer)
    assert (identity.email, identity.is_email_verified) == (None, False)


async def test_repr_contains_no_secret(oauth: OAuthClient) -> None:
    assert SECRET not in repr(oauth.providers)
