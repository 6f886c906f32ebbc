"""Sign-in by a mailed link, through a real SMTP server and a browser without JavaScript."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Invalid
from handlers.auth.mailer import Mailer, mail_server
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.auth.sign_in_mail import normalise_address
from handlers.runtime.deps import Deps
from tests.api.auth.nextauth.conftest import Browser, Post, links_in
from tests.api.conftest import open_web
from tests.factories import SECRET, MakeUser

ADA = "ada@example.org"


async def ask(browser: Browser, email: str = ADA, **fields: str) -> None:
    await browser.get("/api/auth/signin")
    await browser.submit("/api/auth/signin/email", email=email, **fields)


async def test_link_opened_in_the_requesting_browser_signs_in_directly(
    browser: Browser, post: Post, web: Any, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", email=ADA)
    await browser.get("/api/auth/signin?callbackUrl=%2Fswaps%3Fopen%3D1")
    await browser.submit("/api/auth/signin/email", email="  ADA@Example.org ")
    assert (browser.status, browser.location) == (302, f"{web.url}/api/auth/verify-request?provider=email&type=email")
    assert "Check your mail" in await browser.get(browser.location)
    await browser.get(await post.link(ADA))
    assert (browser.status, browser.location) == (302, f"{web.url}/swaps?open=1")
    user = await browser.user()
    assert user is not None
    assert user["id"] == ada.id


async def test_link_opened_in_another_browser_requires_confirmation(
    browser: Browser, browsers: Any, post: Post, web: Any
) -> None:
    await ask(browser)
    link = await post.link(ADA)
    phone = browsers()
    for headers in ({}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "Scanner"}):
        assert ADA in await phone.get(link, **headers)
        assert phone.status == 200
    async with phone.session.head(link.removeprefix(web.url)) as answer:
        assert answer.status == 200
    await browser.get(link, **{"Sec-Purpose": "prefetch;prerender"})
    assert (browser.status, await browser.user()) == (200, None)
    await phone.get(link)
    await phone.submit("/api/auth/callback/email")
    assert (phone.status, phone.location) == (302, web.url)
    user = await phone.user()
    assert user is not None
    assert user["email"] == ADA
    await browser.get(link)
    assert browser.location == f"{web.url}/api/auth/error?error=Verification"


async def test_link_is_valid_once_for_its_address_within_an_hour(
    browser: Browser, browsers: Any, post: Post, deps: Deps, web: Any
) -> None:
    bad = f"{web.url}/api/auth/error?error=Verification"
    await ask(browser)
    link = await post.link(ADA)
    other = link.replace("ada%40", "eve%40")
    for address in (other, link.replace("token=", "token=0"), link.partition("&token")[0]):
        await browsers().get(address)
        await browser.get(address)
        assert browser.location == bad, address
    await browser.get(link)
    assert browser.location == web.url
    again = browsers()
    await again.get(link)
    assert again.location == bad
    assert "has done its work" in await browser.get(bad)
    assert browser.status == 403
    late = browsers()
    await ask(late, "late@example.org")
    tokens = deps.store.database.collection("verification_tokens")
    await tokens.update_one(
        {"identifier": "late@example.org"}, {"$set": {"expires": deps.now() - timedelta(seconds=1)}}
    )
    await late.get(await post.link("late@example.org"))
    assert late.location == bad


async def test_a_used_link_leads_on_the_user_whom_it_signed_in(
    browser: Browser, post: Post, web: Any, make_user: MakeUser
) -> None:
    await browser.get("/api/auth/signin?callbackUrl=%2Fswaps")
    await browser.submit("/api/auth/signin/email", email=ADA)
    first = await post.link(ADA)
    await browser.get(first)
    await browser.get(first)
    assert (browser.status, browser.location) == (302, f"{web.url}/swaps")
    await ask(browser, "ben@example.org")
    await browser.get(await post.link("ben@example.org"))
    await browser.get(first)
    assert browser.location == f"{web.url}/api/auth/error?error=Verification"


async def test_only_a_digest_of_the_token_is_stored(browser: Browser, post: Post, deps: Deps) -> None:
    await ask(browser)
    token = (await post.link(ADA)).partition("token=")[2].partition("&")[0]
    assert len(token) == 64
    docs = await deps.store.database.collection("verification_tokens").find({}).to_list(None)
    assert [set(doc) for doc in docs] == [{"_id", "identifier", "token", "expires"}]
    assert docs[0]["token"] == SealedCookies([SECRET]).digest(token)
    assert token not in str(docs)


async def test_known_and_unknown_addresses_get_the_same_answer(browsers: Any, post: Post, make_user: MakeUser) -> None:
    await make_user(email=ADA)
    await make_user(email="gone@example.org", status="banned")
    answers = []
    for email in (ADA, "stranger@example.org", "gone@example.org"):
        browser = browsers()
        result = await browser.call("signin/email", email=email, callbackUrl="/")
        answers.append((browser.status, result, sorted(browser.cookies())))
    assert answers[0] == answers[1] == answers[2]
    assert sorted(to[0] for to in post.to) == sorted([ADA, "stranger@example.org", "gone@example.org"])


async def test_sign_in_mail_is_well_formed_and_escapes_the_callback_url(browser: Browser, post: Post, web: Any) -> None:
    await browser.call("signin/email", email=ADA, callbackUrl='/?a="><img src=x>&b=<script>')
    (mail,) = post.mails
    assert mail["To"] == ADA
    assert mail["From"] == "Skill Swap <hello@skills.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert mail["Message-ID"]
    html = mail.get_body(("html",))
    assert html is not None
    for bad in ("<img", "<script"):
        assert bad not in html.get_content()
    assert len(set(links_in(mail))) == 1
    assert links_in(mail)[0].startswith(f"{web.url}/api/auth/callback/email?")


ADDRESSES = [
    '"ada@evil.example"@example.org',
    "ada@example.org\r\nBcc: eve@example.org",
    "ada@example.org, eve@example.net",
    "ada,eve@example.net@example.org",
    "<b>ada</b>@example.org",
    "Ada <ada@example.org>",
    "ada@example",
    "ada@",
    "@example.org",
    "",
    "ada",
    "a" * 65 + "@example.org",
    "ada@" + "a." * 130 + "org",
    "ada eve@example.org",
    "ada@exa mple.org",
    "ada\x00@example.org",
    "ada@-example.org",
    "ada@[127.0.0.1]",
    "ada(comment)@example.org",
    "ada;eve@example.org",
    "аda@example.org",  # the first letter is Cyrillic
    "ada\uff20evil.example@example.org",
    "x" * 5000,
]


async def test_malformed_address_receives_no_mail(browser: Browser, post: Post, web: Any) -> None:
    for email in ADDRESSES:
        result = await browser.call("signin/email", email=email)
        url = result["url"].removesuffix("&reason=letters")
        assert url == f"{web.url}/api/auth/error?error=EmailSignin", email
    assert post.to == []


def test_address_is_normalised_to_one_form() -> None:
    assert normalise_address(" Ada@EXAMPLE.org\n") == ADA
    assert normalise_address("\uff41da\uff20example.org") == ADA
    assert normalise_address("ada@example.org,example.net") == ADA
    assert normalise_address("ada+swap@mail.example.org") == "ada+swap@mail.example.org"
    for text in ADDRESSES:
        with pytest.raises(Invalid):
            normalise_address(text)


async def test_sign_in_mail_is_rate_limited_per_mailbox_and_client_address(browsers: Any, post: Post, web: Any) -> None:
    browser = browsers()
    for _ in range(3):
        assert "verify-request" in (await browser.call("signin/email", email=ADA))["url"]
    result = await browser.call("signin/email", email=ADA)
    assert (browser.status, result) == (429, {"url": f"{web.url}/api/auth/error?error=EmailSignin"})
    assert int(browser.headers["Retry-After"]) > 60
    await ask(browser)
    assert "a lot of mail" in await browser.get(browser.location)
    load = browsers()
    load.session.headers["X-Forwarded-For"] = "203.0.113.9"
    statuses = []
    for number in range(22):
        await load.call("signin/email", email=f"person{number}@example.org")
        statuses.append(load.status)
    assert statuses == [200] * 20 + [429] * 2
    assert len(post.to) == 3 + 20


async def test_refused_mail_leaves_no_token_in_the_database(
    browser: Browser, post: Post, deps: Deps, web: Any, caplog: pytest.LogCaptureFixture
) -> None:
    post.refuses = True
    result = await browser.call("signin/email", email=ADA)
    assert result == {"url": f"{web.url}/api/auth/error?error=EmailSignin"}
    assert await deps.store.database.collection("verification_tokens").count_documents({}) == 0
    assert "the mail server refused a mail" in caplog.text
    assert ADA not in caplog.text
    await browser.get(result["url"])
    assert browser.location == f"{web.url}/api/auth/signin?error=EmailSignin"
    assert "No mail could be sent" in await browser.get(browser.location)


def test_mail_server_url_sets_port_encryption_and_credentials() -> None:
    submission = mail_server("smtp://skill%40swap:pa%3Ass@mail.example.org")
    assert (submission.host, submission.port, submission.is_tls) == ("mail.example.org", 587, False)
    assert (submission.user, submission.password, submission.must_encrypt) == ("skill@swap", "pa:ss", True)
    assert "pa:ss" not in repr(submission)
    sealed = mail_server("smtps://mail.example.org")
    assert (sealed.port, sealed.is_tls, sealed.user) == (465, True, None)


async def test_telegram_user_adds_an_address_only_in_the_requesting_browser(
    browsers: Any, post: Post, make_user: MakeUser, sign_in: Any, deps: Deps
) -> None:
    tom = await make_user("Tom", telegram_id=True)
    requesting, elsewhere = browsers(), browsers()
    requesting.set_cookie("next-auth.session-token", sign_in(tom))
    await ask(requesting, "stranger@example.org")
    await elsewhere.get(await post.link("stranger@example.org"))
    await elsewhere.submit("/api/auth/callback/email")
    stranger = await elsewhere.user()
    assert stranger is not None
    assert stranger["id"] != tom.id
    await ask(requesting, "tom@example.org")
    await requesting.get(await post.link("tom@example.org"))
    assert (await deps.store.users.find(tom.id)).email == "tom@example.org"  # type: ignore[union-attr]
    user = await requesting.user()
    assert user is not None
    assert user["id"] == tom.id


async def test_banned_user_is_denied_access(browser: Browser, post: Post, web: Any, make_user: MakeUser) -> None:
    await make_user(email=ADA, status="banned")
    await ask(browser)
    await browser.get(await post.link(ADA))
    assert browser.location == f"{web.url}/api/auth/error?error=AccessDenied"
    assert await browser.user() is None


async def test_the_page_says_where_the_link_is_without_a_mail_server(deps: Deps, port: int) -> None:
    async with open_web(deps, port=port, providers=Providers(SealedCookies([SECRET]), Mailer())) as web:
        browser = Browser(web.url)
        await ask(browser)
        assert "the sign-in link is in the log of the service" in await browser.get(browser.location)
        await browser.session.close()


async def test_link_is_logged_without_a_mail_server(caplog: pytest.LogCaptureFixture, deps: Deps) -> None:
    from handlers.auth.sign_in_mail import check_link, send_link

    providers = Providers(SealedCookies([SECRET]), Mailer())
    with caplog.at_level(logging.WARNING):
        await send_link(deps, providers, ADA, callback_url=deps.public_url, client="")
    link = caplog.text.partition("link: ")[2].split()[0]
    token = link.partition("token=")[2].partition("&")[0]
    assert await check_link(deps, providers, ADA, token)


async def test_the_mail_is_in_the_language_that_the_browser_asks_for(browser: Browser, post: Post, deps: Deps) -> None:
    browser.session.headers["Accept-Language"] = "es-ES, en;q=0.5"
    await ask(browser)
    link = await post.link(ADA)
    (mail,) = post.mails
    assert mail["Subject"].startswith("Entra en Skill Swap (")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Sirve una sola vez, durante una hora." in plain.get_content()
    assert '<html lang="es">' in html.get_content()
    await browser.get(link)
    newcomer = await deps.store.users.find_by_email(ADA)
    assert newcomer is not None
    assert newcomer.locale == "es"


async def test_language_of_a_known_user_wins_over_the_browser(
    browser: Browser, post: Post, make_user: MakeUser
) -> None:
    await make_user("Ada", email=ADA, locale="de")
    browser.session.headers["Accept-Language"] = "es"
    await ask(browser)
    await post.link(ADA)
    assert post.mails[0]["Subject"].startswith("Bei Skill Swap anmelden (")


async def test_the_sign_in_pages_are_in_the_language_that_the_browser_asks_for(browser: Browser) -> None:
    browser.session.headers["Accept-Language"] = "fr"
    assert "M’envoyer un lien de connexion" in await browser.get("/api/auth/signin")
    assert "resté ouvert trop longtemps" in await browser.get("/api/auth/signin?csrf=true")
    await ask(browser)
    page = await browser.get(browser.location)
    assert "Regarde tes courriels" in page
    assert '<html lang="fr">' in page
