"""Tokens are exchanged in both directions with the real `next-auth/jwt`, whole and in chunks."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import quote

from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Response

from api.auth.session_cookies import CHUNK_LENGTH, set_session
from api.http.context import context_of
from handlers.auth.session_tokens import SessionTokens
from handlers.auth.sessions import issue_session
from handlers.runtime.deps import Deps, utc_now
from tests.api.auth.nextauth.real import NodeTokens
from tests.api.conftest import COOKIE, Client, Web
from tests.factories import SECRET, MakeUser

OTHER_SECRET = "another secret, of 32 bytes and more, that nobody shares"


async def test_nextauth_accepts_our_tokens(node: NodeTokens, deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada Ångström 🎸", email="ada@example.org")
    token = issue_session(deps, ada)
    claims = node.ask("decode", token=token, secret=SECRET)
    assert (claims["sub"], claims["name"], claims["email"]) == (ada.id, ada.name, ada.email)
    assert claims["exp"] - claims["iat"] == 30 * 24 * 3600
    assert node.ask("request", cookies={COOKIE: token}, headers={}, secret=SECRET) == claims
    bearer = {"authorization": f"Bearer {quote(token, safe='')}"}
    assert node.ask("request", cookies={}, headers=bearer, secret=SECRET) == claims
    assert "refused" in node.ask("decode", token=token, secret=OTHER_SECRET)
    assert "refused" in node.ask("decode", token=token[:-2], secret=SECRET)


async def test_tokens_of_nextauth_are_accepted(node: NodeTokens, client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    token = node.ask("encode", token={"sub": ada.id, "name": "Ada"}, secret=SECRET)
    big = node.ask("encode", token={"sub": ada.id, "roles": "x" * 3900}, secret=SECRET)
    assert len(big) > CHUNK_LENGTH
    chunks = [big[start : start + CHUNK_LENGTH] for start in range(0, len(big), CHUNK_LENGTH)]
    for headers in (
        {"Cookie": f"{COOKIE}={token}"},
        {"Cookie": f"__Secure-{COOKIE}={token}"},
        {"Cookie": "; ".join(f"{COOKIE}.{index}={chunk}" for index, chunk in enumerate(chunks))},
        {"Cookie": "; ".join(f"{COOKIE}.{index}={chunk}" for index, chunk in reversed([*enumerate(chunks)]))},
        {"Authorization": f"Bearer {quote(token, safe='')}"},
    ):
        async with client().get("/api/user", headers=headers) as answer:
            assert answer.status == 200, headers
            assert (await answer.json())["_id"] == ada.id
    missing = {"Cookie": f"{COOKIE}.0={chunks[0]}"}
    async with client().get("/api/user", headers=missing) as answer:
        assert answer.status == 401


async def test_invalid_tokens_of_nextauth_are_refused(node: NodeTokens, client: Client, make_user: MakeUser) -> None:
    ada = await make_user()
    refused = {
        "another secret": node.ask("encode", token={"sub": ada.id}, secret=OTHER_SECRET),
        "expired": node.ask("encode", token={"sub": ada.id}, secret=SECRET, maxAge=-20),
        "nobody": node.ask("encode", token={"sub": "65f0c0ffee0000000000ada1"}, secret=SECRET),
        "no subject": node.ask("encode", token={"name": "Ada"}, secret=SECRET),
    }
    for name, token in refused.items():
        async with client().get("/api/user", headers={"Cookie": f"{COOKIE}={token}"}) as answer:
            assert answer.status == 401, name
    within = node.ask("encode", token={"sub": ada.id}, secret=SECRET, maxAge=-5)
    async with client().get("/api/user", headers={"Cookie": f"{COOKIE}={within}"}) as answer:
        assert answer.status == 200, "clocks may differ by 15 seconds, as to NextAuth"


async def test_expiry_is_read_as_nextauth_reads_it(node: NodeTokens) -> None:
    now = utc_now()
    for seconds, is_good in ((-5, True), (-40, False)):
        made = now - timedelta(days=30) + timedelta(seconds=seconds)
        token = SessionTokens([SECRET]).issue("a" * 24, name=None, email=None, picture=None, now=made)
        decoded = node.ask("decode", token=token, secret=SECRET)
        assert ("refused" not in decoded) is is_good
        assert (SessionTokens([SECRET]).read(token, now=now) is not None) is is_good
    assert abs(time.time() - now.timestamp()) < 5


async def test_long_token_is_sent_in_chunks_readable_by_nextauth(
    node: NodeTokens, web: Web, client: Client, make_user: MakeUser, deps: Deps
) -> None:
    """Our tokens fit into one cookie today; a chunked cookie replaces a single one, and the reverse."""
    long = deps.session_tokens.issue("a" * 24, name="x" * 4000, email=None, picture=None, now=deps.now())
    request = make_mocked_request("GET", "/", headers={"Cookie": f"{COOKIE}=old"}, app=web.server._app)
    response = Response()
    set_session(context_of(request), request, response, long)
    cookies = {name: morsel.value for name, morsel in response.cookies.items() if morsel["max-age"] not in (0, "0")}
    assert set(cookies) == {f"{COOKIE}.0", f"{COOKIE}.1"}
    assert str(response.cookies[COOKIE]["max-age"]) == "0"
    assert all(len(f"{name}={value}") < 4096 for name, value in cookies.items())
    claims = node.ask("request", cookies=cookies, headers={}, secret=SECRET)
    assert claims["name"] == "x" * 4000
    ada = await make_user()
    big = node.ask("encode", token={"sub": ada.id, "roles": "x" * 3900}, secret=SECRET)
    headers = {"Cookie": f"{COOKIE}.0={big[:CHUNK_LENGTH]}; {COOKIE}.1={big[CHUNK_LENGTH:]}"}
    async with client().get("/api/auth/session", headers=headers) as answer:
        assert (await answer.json())["user"]["id"] == ada.id
    renewed = answer.cookies
    assert len(renewed[COOKIE].value) < CHUNK_LENGTH
    assert {renewed[f"{COOKIE}.0"]["max-age"], renewed[f"{COOKIE}.1"]["max-age"]} == {"0"}
