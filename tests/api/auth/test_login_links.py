from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from handlers.auth.login_links import issue_login_link
from handlers.auth.session_tokens import SessionTokens
from handlers.runtime.deps import Deps, utc_now
from handlers.users import delete_account
from tests.api.conftest import ALLOWED_ORIGIN, COOKIE, Client, Web
from tests.factories import SECRET, MakeUser, SignIn

LINK = "/api/auth/callback/telegram-link"


async def test_session_is_read_from_cookie_chunks_or_header(
    client: Client, make_user: MakeUser, sign_in: SignIn
) -> None:
    token = sign_in(await make_user())
    half = len(token) // 2
    for headers in (
        {"Cookie": f"a=b; {COOKIE}={token}"},
        {"Cookie": f"__Secure-{COOKIE}={token}"},
        {"Cookie": f"{COOKIE}.1={token[half:]}; {COOKIE}.0={token[:half]}"},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"bearer {quote(token, safe='')}"},
    ):
        async with client().get("/api/user", headers=headers) as answer:
            assert answer.status == 200, list(headers)


async def test_authorization_header_is_ignored_beside_a_cookie(
    client: Client, make_user: MakeUser, sign_in: SignIn
) -> None:
    headers = {"Cookie": f"{COOKIE}=garbage", "Authorization": f"Bearer {sign_in(await make_user())}"}
    async with client().get("/api/user", headers=headers) as answer:
        assert answer.status == 401


async def test_invalid_session_token_is_unauthenticated(
    client: Client, deps: Deps, make_user: MakeUser, sign_in: SignIn
) -> None:
    ada, leaving, banned = await make_user(), await make_user(), await make_user(status="banned")
    good = sign_in(ada)
    header, _, iv, text, tag = good.split(".")

    def issued(**changes: object) -> str:
        claims = {"name": None, "email": None, "picture": None, "now": utc_now(), **changes}
        return SessionTokens([str(claims.pop("secret", SECRET))]).issue(ada.id, **claims)

    left_token = sign_in(leaving)
    await delete_account(deps, leaving)
    cases = {
        "no token": "",
        "another secret": issued(secret="another secret, just as long as the first one"),
        "expired": issued(now=utc_now() - timedelta(days=30, seconds=16)),
        "a signed token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "three segments": ".".join((header, iv, text)),
        "an altered text": ".".join((header, "", iv, ("A" if text[0] != "A" else "B") + text[1:], tag)),
        "a longer header": ".".join((header + "A", "", iv, text, tag)),
        "a deleted user": left_token,
        "a banned user": sign_in(banned),
        "far too long": "x" * 12_000,
    }
    for name, token in cases.items():
        async with client().get("/api/user", headers={"Cookie": f"{COOKIE}={token}"}) as answer:
            problem = await answer.json()
        assert (answer.status, problem["code"]) == (401, "unauthenticated"), name
    for header_value in ("Bearer %E0%A4%A", "Bearer", "Basic eDp5", "Bearer " + "x" * 12_000):
        async with client().get("/api/user", headers={"Authorization": header_value}) as answer:
            assert answer.status == 401, header_value[:20]
    async with client().get("/api/user", headers={"Cookie": f"{COOKIE}={good}"}) as answer:
        assert answer.status == 200


async def test_expiry_allows_the_clock_tolerance_of_nextauth(client: Client, make_user: MakeUser) -> None:
    ada = await make_user()
    late = SessionTokens([SECRET]).issue(
        ada.id, name=None, email=None, picture=None, now=utc_now() - timedelta(days=30, seconds=10)
    )
    async with client().get("/api/user", headers={"Cookie": f"{COOKIE}={late}"}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": ALLOWED_ORIGIN, "Sec-Fetch-Site": "cross-site"}, 200),
        ({"Origin": "http://skills.example.org"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://skills.example.org.evil.example"}, 403),
        ({"Origin": "https://sub.app.example.org"}, 403),
        ({"Origin": "file://skills.example.org"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_cross_origin_write_with_a_cookie_is_refused(
    client: Client, make_user: MakeUser, headers: dict[str, str], status: int
) -> None:
    ada = await make_user(location="Harbour")
    session = client(ada)
    async with session.put("/api/user", json={"location": "Elsewhere"}, headers=headers) as answer:
        assert answer.status == status
        assert status == 200 or (await answer.json())["code"] == "auth.cross_site"
    async with session.get("/api/user") as answer:
        assert (await answer.json())["location"] == ("Elsewhere" if status == 200 else "Harbour")


async def test_origin_equal_to_the_host_is_accepted(client: Client, web: Web, make_user: MakeUser) -> None:
    async with client(await make_user()).put("/api/user", json={}, headers={"Origin": web.url}) as answer:
        assert answer.status == 200


async def test_bearer_token_is_accepted_from_any_origin(client: Client, make_user: MakeUser, sign_in: SignIn) -> None:
    headers = {"Authorization": f"Bearer {sign_in(await make_user())}", "Origin": "https://elsewhere.example"}
    async with client().put("/api/user", json={}, headers=headers) as answer:
        assert answer.status == 200
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_opening_a_login_link_does_not_consume_it(client: Client, deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    path = (await issue_login_link(deps, ada)).removeprefix(deps.public_url)
    token = path.partition("=")[2]
    for _ in range(2):
        async with client().get(path) as answer:
            text = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert token in text
        assert "Set-Cookie" not in answer.headers
    async with client().post(LINK, data={"token": token}, allow_redirects=False) as answer:
        cookie = answer.cookies[COOKIE]
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/", "2592000")
    async with client().get("/api/user", headers={"Cookie": f"{COOKIE}={cookie.value}"}) as answer:
        assert (await answer.json())["_id"] == ada.id
    async with client().post(LINK, data={"token": token}, allow_redirects=False) as answer:
        assert (answer.status, "Set-Cookie" in answer.headers) == (410, False)
    async with client().get(path) as answer:
        assert answer.status == 410
    signed_in = {"Cookie": f"{COOKIE}={cookie.value}"}
    async with client().get(path, headers=signed_in, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")
    async with client().post(LINK, data={"token": token}, headers=signed_in, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_login_link_is_redeemed_from_our_own_page_only(client: Client, deps: Deps, make_user: MakeUser) -> None:
    token = (await issue_login_link(deps, await make_user())).partition("=")[2]
    async with client().post(LINK, data={"token": token}, headers={"Origin": "https://evil.example"}) as answer:
        assert answer.status == 403
    async with client().post(LINK, json={"token": token}) as answer:
        assert answer.status == 415
    for data in ({"token": ""}, {}, {"token": "made-up"}):
        async with client().post(LINK, data=data) as answer:
            assert answer.status in (410, 415)
    async with client().get(LINK) as answer:
        assert answer.status == 400
    async with client().get(LINK + '?token="><script>alert(1)</script>') as answer:
        assert "<script>alert" not in await answer.text()


async def test_malformed_login_form_is_answered_as_an_expired_link(client: Client) -> None:
    form = "application/x-www-form-urlencoded"
    for kind, data in ((f"{form}; charset=no-such", b"token=x"), (form, b"token=\xff"), (form, b"\x00&&==token")):
        async with client().post(LINK, data=data, headers={"Content-Type": kind}) as answer:
            assert answer.status == 410


async def test_session_response_has_the_shape_of_nextauth(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", email="ada@example.org")
    async with client(ada).get("/api/auth/session", headers={"Content-Type": "application/json"}) as answer:
        body = await answer.json()
    assert body["user"] == {"name": "Ada", "email": "ada@example.org", "image": None, "id": ada.id}
    assert body["expires"].endswith("Z")
    assert answer.cookies[COOKIE].value
    async with client().get("/api/auth/session", headers={"Cookie": f"{COOKIE}=garbage"}) as answer:
        assert await answer.json() == {}
    assert answer.cookies[COOKIE]["max-age"] == "0"
    async with client().get("/api/auth/session") as answer:
        assert await answer.json() == {}


async def test_sign_out_expires_every_chunk_of_the_cookie(client: Client) -> None:
    async with client().get("/api/auth/csrf") as answer:
        token = (await answer.json())["csrfToken"]
        csrf = answer.cookies["next-auth.csrf-token"].value
    odd = f"{COOKIE}(odd)=d; {COOKIE}[]=e"
    headers = {"Cookie": f"{COOKIE}.0=a; {COOKIE}.1=b; other=c; {odd}; next-auth.csrf-token={csrf}"}
    form = {"csrfToken": token, "json": "true"}
    async with client().post("/api/auth/signout", headers=headers, data=form) as answer:
        assert answer.status == 200
        assert {name: morsel["max-age"] for name, morsel in answer.cookies.items()} == {
            f"{COOKIE}.0": "0",
            f"{COOKIE}.1": "0",
        }
    headers["Origin"] = "https://evil.example"
    async with client().post("/api/auth/signout", headers=headers, data=form) as answer:
        assert answer.status == 403
