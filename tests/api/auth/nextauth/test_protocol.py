"""`/api/auth/*` as NextAuth's client and forms expect it: CSRF, redirects, errors, cookies, pages."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import pytest

from domain.users import User
from handlers.auth.oauth import OAuthClient, github_provider, oidc_provider
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.deps import Deps
from tests.api.auth.nextauth.addresses import CONTAINED, OWN, REFUSED
from tests.api.auth.nextauth.conftest import Browser, Post
from tests.api.conftest import ALLOWED_ORIGIN, COOKIE, Web, open_web
from tests.factories import SECRET, MakeUser, SignIn, build_deps

BOT_TOKEN = "4200000001:" + "made-up-token-of-a-bot-for-tests-00"


def sign_in_browser(browser: Browser, sign_in: SignIn, user: User) -> None:
    browser.set_cookie(COOKIE, sign_in(user))


async def test_csrf_token_has_the_format_of_nextauth_and_is_stable(browser: Browser) -> None:
    first = json.loads(await browser.get("/api/auth/csrf"))["csrfToken"]
    assert json.loads(await browser.get("/api/auth/csrf"))["csrfToken"] == first
    token, digest = unquote(browser.cookies()["next-auth.csrf-token"]).split("|")
    assert token == first
    assert digest == hashlib.sha256(f"{token}{SECRET}".encode()).hexdigest()


async def test_post_without_csrf_token_is_redirected_to_the_form(browser: Browser, web: Web, post: Post) -> None:
    await browser.get("/api/auth/csrf")
    good = browser.json["csrfToken"]
    for token in ("", "0" * 64, good[:-1], good.upper() + "é"):
        fields = {"csrfToken": token, "email": "ada@example.org"}
        await browser.post("/api/auth/signin/email", fields)
        assert (browser.status, browser.location) == (302, f"{web.url}/api/auth/signin?csrf=true")
        await browser.post("/api/auth/signin/email", {**fields, "json": "true"})
        assert (browser.status, browser.json) == (200, {"url": f"{web.url}/api/auth/signin?csrf=true"})
        await browser.post("/api/auth/signout", fields)
        assert browser.location == f"{web.url}/api/auth/signout?csrf=true"
        async with browser.session.post("/api/auth/session", json={"csrfToken": token}) as answer:
            assert (answer.status, await answer.json()) == (400, {})
    assert post.mails == []


async def test_a_forged_csrf_cookie_is_replaced(browser: Browser) -> None:
    browser.set_cookie("next-auth.csrf-token", quote("a" * 64 + "|" + "b" * 64, safe=""))
    await browser.get("/api/auth/csrf")
    assert browser.json["csrfToken"] != "a" * 64
    assert "next-auth.csrf-token" in browser.headers["Set-Cookie"]


async def test_cross_origin_sign_in_and_sign_out_are_refused(
    browser: Browser, make_user: MakeUser, sign_in: SignIn
) -> None:
    token = json.loads(await browser.get("/api/auth/csrf"))["csrfToken"]
    for path in ("signin/email", "signout", "session", "callback/email"):
        for origin in ("https://evil.example", "null"):
            headers = {"Origin": origin}
            async with browser.session.post(
                f"/api/auth/{path}", data={"csrfToken": token}, headers=headers, allow_redirects=False
            ) as answer:
                assert answer.status == 403, path


async def test_callback_url_never_leads_to_another_origin(browser: Browser, web: Web) -> None:
    """There is no open redirect by query, form or cookie."""
    host = web.url.removeprefix("http://")
    allowed = {web.url, ALLOWED_ORIGIN}

    def origin_of(address: str) -> str:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc}".lower()

    assert len(REFUSED) + len(CONTAINED) >= 60
    for pattern in (*REFUSED, *CONTAINED, *OWN):
        wanted = pattern.replace("{origin}", web.url).replace("{host}", host)
        result = await browser.call("signout", callbackUrl=wanted)
        assert origin_of(result["url"]) in allowed, wanted
        assert "\\" not in result["url"]
        if pattern in REFUSED:
            assert result["url"] == web.url, wanted
        elif pattern in CONTAINED:
            assert result["url"].startswith(f"{web.url}/"), wanted
        elif pattern in OWN:
            assert (
                result["url"]
                .lower()
                .rstrip("/")
                .startswith(wanted.lower().rstrip("/") if wanted[0] != "/" else web.url)
            )
        await browser.get(f"/api/auth/signin?{urlencode({'callbackUrl': wanted})}")
        remembered = unquote(browser.cookies().get("next-auth.callback-url", ""))
        assert remembered == "" or origin_of(remembered) in allowed, wanted
        browser.session.cookie_jar.clear()
        browser.set_cookie("next-auth.callback-url", quote(wanted, safe=""))
        result = await browser.call("signout")
        assert origin_of(result["url"]) in allowed, wanted


async def test_session_is_renewed_updated_and_ended(
    browser: Browser, web: Web, deps: Deps, make_user: MakeUser, sign_in: SignIn
) -> None:
    ada = await make_user("Ada", email="ada@example.org")
    sign_in_browser(browser, sign_in, ada)
    token = json.loads(await browser.get("/api/auth/csrf"))["csrfToken"]
    async with browser.session.post("/api/auth/session", json={"csrfToken": token, "data": {"name": "Eve"}}) as answer:
        assert answer.status == 200
        assert (await answer.json())["user"]["name"] == "Ada"
        assert COOKIE in answer.cookies
    result = await browser.call("signout", callbackUrl=f"{web.url}/bye")
    assert result == {"url": f"{web.url}/bye"}
    assert COOKIE not in browser.cookies()
    assert await browser.user() is None


async def test_sign_out_revokes_the_token(browser: Browser, post: Post) -> None:
    await browser.call("signin/email", email="ada@example.org")
    await browser.get(await post.link("ada@example.org"))
    stolen = browser.cookies()[COOKIE]
    async with browser.session.get("/api/user", headers={"Authorization": f"Bearer {stolen}"}) as answer:
        assert answer.status == 200
    await browser.call("signout")
    async with browser.session.get("/api/user", headers={"Authorization": f"Bearer {stolen}"}) as answer:
        assert answer.status == 401


async def test_error_pages_have_texts_and_never_echo_input(browser: Browser, web: Web) -> None:
    for code in (
        "OAuthSignin",
        "OAuthCallback",
        "OAuthAccountNotLinked",
        "EmailSignin",
        "CredentialsSignin",
        "Callback",
    ):
        await browser.get(f"/api/auth/error?error={code}")
        assert browser.location == f"{web.url}/api/auth/signin?error={code}"
        assert 'role="alert"' in await browser.get(browser.location)
    for code, status in (
        ("Configuration", 500),
        ("AccessDenied", 403),
        ("Verification", 403),
        ("Default", 200),
        ("", 200),
    ):
        assert "<h1>" in await browser.get(f"/api/auth/error?error={code}")
        assert browser.status == status
    bad = quote('"><script>alert(1)</script>')
    for path in (
        "error?error=",
        "signin?error=",
        "signin?callbackUrl=",
        "verify-request?provider=",
        "signout?callbackUrl=",
    ):
        assert "<script>alert" not in await browser.get(f"/api/auth/{path}{bad}")
        assert "script-src 'self'" in browser.headers["Content-Security-Policy"]


async def test_client_log_reports_are_accepted_and_discarded(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    await browser.post("/api/auth/_log", {"code": "CLIENT_FETCH_ERROR", "level": "error", "message": "canary-5177"})
    assert (browser.status, browser.page) == (200, "")
    assert "canary-5177" not in caplog.text


async def test_auth_bodies_are_bounded_forms_or_json(browser: Browser) -> None:
    for data, kind, status in (
        (b"x" * 65_537, "application/x-www-form-urlencoded", 413),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        ("&".join(f"a{n}=1" for n in range(100)).encode(), "application/x-www-form-urlencoded", 400),
        (b"csrfToken=1", "text/plain", 415),
    ):
        async with browser.session.post("/api/auth/signout", data=data, headers={"Content-Type": kind}) as answer:
            assert answer.status == status, (data[:20], kind)


async def test_cookies_carry_their_prefixes_over_https(deps: Deps, port: int) -> None:
    secure = await build_deps(deps.store.database, public_url="https://skills.example.org")
    async with open_web(secure, port=port) as web:
        browser = Browser(web.url)
        await browser.get("/api/auth/signin?callbackUrl=/x")
        cookies = browser.headers.getall("Set-Cookie")
        await browser.session.close()
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {"__Host-next-auth.csrf-token", "__Secure-next-auth.callback-url"}
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


async def test_only_configured_providers_are_offered(browser: Browser, deps: Deps, port: int, web: Web) -> None:
    await browser.get("/api/auth/providers")
    assert browser.json == {
        "email": {
            "id": "email",
            "name": "Email",
            "type": "email",
            "signinUrl": f"{web.url}/api/auth/signin/email",
            "callbackUrl": f"{web.url}/api/auth/callback/email",
        }
    }
    for path in ("callback/google", "callback/nothing", "callback/telegram"):
        await browser.get(f"/api/auth/{path}")
        assert browser.status == 404
    oauth = OAuthClient([github_provider("id", "secret"), oidc_provider("http://127.0.0.1:9", "id", "secret")])
    many = Providers(SealedCookies([SECRET]), oauth=oauth, bot_token=BOT_TOKEN)
    async with open_web(deps, providers=many) as other:
        full = Browser(other.url)
        kinds = {name: found["type"] for name, found in json.loads(await full.get("/api/auth/providers")).items()}
        assert kinds == {"email": "email", "github": "oauth", "oidc": "oauth", "telegram": "credentials"}
        page = await full.get("/api/auth/signin")
        assert "Sign in with GitHub" in page
        assert page.count("<script") == 1  # that of the frame
        await full.session.close()
    await oauth.close()


async def test_unreachable_provider_is_reported_and_state_is_bound_to_its_provider(deps: Deps, port: int) -> None:
    oauth = OAuthClient([github_provider("id", "secret"), oidc_provider("http://127.0.0.1:9", "id", "secret")])
    async with open_web(deps, port=port, providers=Providers(SealedCookies([SECRET]), oauth=oauth)) as web:
        browser = Browser(web.url)
        result = await browser.call("signin/oidc")
        assert result["url"] == f"{web.url}/api/auth/error?error=OAuthSignin"
        result = await browser.call("signin/github?login_hint=ada&client_id=evil", callbackUrl="/x")
        assert result["url"].startswith("https://github.com/login/oauth/authorize?")
        assert result["url"].endswith("&login_hint=ada")
        state = result["url"].partition("state=")[2].partition("&")[0]
        sealed = browser.cookies()["next-auth.state"]
        assert state not in sealed
        bad = f"{web.url}/api/auth/error?error=OAuthCallback"
        await browser.get(f"/api/auth/callback/oidc?state={state}&code=x")
        assert browser.location == bad
        await browser.get(f"/api/auth/callback/github?state={state}&code=x")  # the state cookie is used up
        assert browser.location == bad
        for value in (sealed[:-4] + "AAAA", "x", "", "a.b.c.d.e", sealed):
            browser.set_cookie("next-auth.state", value)
            await browser.get("/api/auth/callback/github?state=other&code=x")
            assert browser.location == bad
            assert await browser.user() is None
        await browser.session.close()
    await oauth.close()


def widget(**changes: str) -> dict[str, str]:
    fields = {"id": "7700123", "first_name": "Tom", "auth_date": str(int(time.time())), **changes}
    text = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return {
        **fields,
        "hash": hmac.new(hashlib.sha256(BOT_TOKEN.encode()).digest(), text.encode(), "sha256").hexdigest(),
    }


async def test_telegram_widget_signs_in_once_after_confirmation(deps: Deps, port: int) -> None:
    async with open_web(deps, port=port, providers=Providers(SealedCookies([SECRET]), bot_token=BOT_TOKEN)) as web:
        browser, replay = Browser(web.url), Browser(web.url)
        signed = widget()
        await browser.get(f"/api/auth/callback/telegram?{urlencode(signed)}")
        assert (browser.status, await browser.user()) == (200, None)
        await browser.submit("/api/auth/callback/telegram")
        assert browser.location == web.url
        user = await browser.user()
        assert user is not None
        assert user["name"] == "Tom"
        for fields in (signed, {**widget(), "hash": "0" * 64}, {**widget(), "id": "1"}, widget(auth_date="1"), {}):
            result = await replay.call("callback/telegram", **fields)
            assert (replay.status, result) == (401, {"url": f"{web.url}/api/auth/error?error=CredentialsSignin"})
        await browser.session.close()
        await replay.session.close()


def init_data(**changes: str) -> str:
    user = {"id": 7700456, "first_name": "Mia", "language_code": "es"}
    fields = {"user": json.dumps(user), "auth_date": str(int(time.time())), "query_id": "AAE", **changes}
    text = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", BOT_TOKEN.encode(), "sha256")
    return urlencode({**fields, "hash": hmac.new(key, text.encode(), "sha256").hexdigest()})


async def test_mini_app_init_data_signs_in_once(deps: Deps, port: int) -> None:
    """The request is the one that `signIn("telegram", { initData, redirect: false })` sends."""
    async with open_web(deps, port=port, providers=Providers(SealedCookies([SECRET]), bot_token=BOT_TOKEN)) as web:
        app, other = Browser(web.url), Browser(web.url)
        text = init_data()
        assert await app.call("callback/telegram", initData=text, callbackUrl="/") == {"url": f"{web.url}/"}
        user = await app.user()
        assert user is not None
        assert user["name"] == "Mia"
        for bad in (text, init_data(auth_date="1"), init_data().replace("Mia", "Eve"), "x", "&" * 500):
            assert "CredentialsSignin" in (await other.call("callback/telegram", initData=bad))["url"]
            assert other.status == 401
            assert await other.user() is None
        await app.session.close()
        await other.session.close()


async def test_sealed_value_is_valid_in_its_own_cookie_until_it_expires(deps: Deps) -> None:
    from datetime import timedelta

    cookies, now = SealedCookies([SECRET]), deps.now()
    sealed = cookies.seal("state", {"a": 1}, now=now, lives=timedelta(minutes=15))
    found: Any = cookies.unseal("state", sealed, now=now)
    assert found["a"] == 1
    assert cookies.unseal("nonce", sealed, now=now) is None
    assert cookies.unseal("state", sealed, now=now + timedelta(minutes=15)) is None
    assert SealedCookies(["another secret of thirty-two bytes"]).unseal("state", sealed, now=now) is None
    assert SealedCookies(["a newer secret of thirty-two bytes", SECRET]).unseal("state", sealed, now=now) == found
    for index in range(0, len(sealed), 7):
        altered = sealed[:index] + ("A" if sealed[index] != "A" else "B") + sealed[index + 1 :]
        assert cookies.unseal("state", altered, now=now) is None
