"""Sign-in with a certified OpenID Connect provider in a process of its own, which itself checks PKCE."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from yarl import URL

from domain.errors import Invalid
from handlers.auth.identities import sign_in
from handlers.auth.oauth import OAuthClient, oidc_provider
from handlers.runtime.deps import Deps
from skillswap.loopback import free_port
from tests.npm_packages import npm_folder

START_SECONDS = 20
REDIRECT = "http://127.0.0.1:9/api/auth/callback/oidc"
CLIENT, SECRET = "skill-swap", "a secret: with / and +"
MAX_STEPS = 12


@pytest.fixture(scope="session")
def provider_folder(request: pytest.FixtureRequest) -> Path:
    """The provider and its packages."""
    return npm_folder(request, Path(__file__).parent / "npm", what="a certified provider")


@pytest.fixture(scope="session")
async def issuer(provider_folder: Path) -> AsyncIterator[str]:
    """The address of the running provider."""
    port = free_port()
    child = await asyncio.create_subprocess_exec(
        "node",
        "provider.js",
        str(port),
        CLIENT,
        SECRET,
        REDIRECT,
        cwd=provider_folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert child.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        while (line := await child.stdout.readline()) and line.strip() != b"ready":
            continue
    yield f"http://127.0.0.1:{port}"
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    await child.wait()


@pytest.fixture
async def oauth(issuer: str) -> AsyncIterator[OAuthClient]:
    client = OAuthClient([oidc_provider(issuer, CLIENT, SECRET)])
    yield client
    await client.close()


async def walk(address: str, login: str) -> dict[str, str]:
    """Sign in and agree on the provider's pages as a browser does; return the callback parameters."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        form: dict[str, str] | None = None
        for _ in range(MAX_STEPS):
            method = "POST" if form else "GET"
            async with browser.request(method, address, data=form, allow_redirects=False) as answer:
                if answer.status in (302, 303):
                    address, form = str(answer.headers["Location"]), None
                    if address.startswith(REDIRECT):
                        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
                    address = address if "://" in address else str(answer.url.join(URL(address)))
                    continue
                page = await answer.text()
            found = re.search(r'<form[^>]*action="([^"]+)"', page)
            prompt = re.search(r'name="prompt" value="(\w+)"', page)
            assert found is not None, page[:500]
            assert prompt is not None, page[:500]
            address, form = found[1], {"prompt": prompt[1], "login": login, "password": "x"}
    raise AssertionError("the provider never sent the browser back")


async def test_a_certified_provider_signs_in(oauth: OAuthClient, deps: Deps) -> None:
    address, kept = await oauth.begin("oidc", redirect_uri=REDIRECT)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert kept["code_verifier"] not in address
    query = await walk(address, "ada")
    identity = await oauth.finish("oidc", redirect_uri=REDIRECT, query=query, secrets=kept)
    assert (identity.subject, identity.email, identity.is_email_verified) == ("ada", "ada@example.org", True)
    assert (identity.name, identity.locale) == ("ada of the provider", "es")
    person = await sign_in(deps, identity)
    assert (person.name, person.locale, person.email) == ("ada of the provider", "es", "ada@example.org")
    with pytest.raises(Invalid):  # the code is used up
        await oauth.finish("oidc", redirect_uri=REDIRECT, query=query, secrets=kept)


@pytest.mark.parametrize("name", ["state", "nonce", "code_verifier"])
async def test_sign_in_started_in_another_browser_is_refused(
    oauth: OAuthClient, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    address, kept = await oauth.begin("oidc", redirect_uri=REDIRECT)
    query = await walk(address, "ben")
    with pytest.raises(Invalid, match=r"auth\.provider_failed"):
        await oauth.finish(
            "oidc", redirect_uri=REDIRECT, query=query, secrets={**kept, name: secrets.token_urlsafe(32)}
        )
    # the provider itself refuses a wrong verifier, and then there is no token to look at
    assert {"state": "state", "nonce": "nonce", "code_verifier": "no id token"}[name] in caplog.text
    for value in (*kept.values(), query["code"], SECRET):
        assert value not in caplog.text


async def test_other_redirect_uri_or_secret_is_refused(oauth: OAuthClient, issuer: str) -> None:
    address, kept = await oauth.begin("oidc", redirect_uri=REDIRECT)
    query = await walk(address, "cleo")
    with pytest.raises(Invalid):
        await oauth.finish("oidc", redirect_uri=f"{REDIRECT}/other", query=query, secrets=kept)
    thief = OAuthClient([oidc_provider(issuer, CLIENT, "another secret")])
    address, kept = await thief.begin("oidc", redirect_uri=REDIRECT)
    query = await walk(address, "cleo")
    with pytest.raises(Invalid):
        await thief.finish("oidc", redirect_uri=REDIRECT, query=query, secrets=kept)
    await thief.close()
