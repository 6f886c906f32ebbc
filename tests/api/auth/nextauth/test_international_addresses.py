"""Mail addresses with letters beyond a to z: those of the domain are taken at every door, others get a clear answer."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from handlers.auth.mailer import Mailer, mail_server
from handlers.auth.roles import find_person
from handlers.runtime.deps import Deps
from tests.api.auth.nextauth.conftest import Browser, Post, sign_in_by_mail
from tests.factories import MakeUser

KEPT = "ana@xn--mnchen-3ya.de"
SPELLINGS = ("ana@münchen.de", "ANA@MÜNCHEN.DE", " Ana@mu\u0308nchen.de", "ana@münchen\u3002de", KEPT)


async def test_every_spelling_of_an_address_signs_in_the_same_user(browsers: Any, post: Post, deps: Deps) -> None:
    users = [await sign_in_by_mail(browsers(), post, typed, KEPT) for typed in SPELLINGS[:3]]
    assert {(user["id"], user["email"]) for user in users} == {(users[0]["id"], KEPT)}
    assert {to for recipients in post.to for to in recipients} == {KEPT}, "what every mail server takes"
    for typed in SPELLINGS:
        assert (await find_person(deps, typed)).id == users[0]["id"]


@pytest.mark.parametrize("typed", SPELLINGS)
async def test_a_client_of_nextauth_may_send_any_spelling(browser: Browser, post: Post, web: Any, typed: str) -> None:
    result = await browser.call("signin/email", email=typed)
    assert result["url"] == f"{web.url}/api/auth/verify-request?provider=email&type=email"
    await browser.get(await post.link(KEPT))
    for said in (typed, KEPT):
        async with browser.session.put("/api/user", json={"email": said, "name": "Ana"}) as answer:
            assert (answer.status, (await answer.json())["email"]) == (200, KEPT)
    async with browser.session.put("/api/user", json={"email": "ana@munchen.de"}) as answer:
        assert answer.status == 422


async def test_an_address_is_added_to_who_is_signed_in_already(
    browser: Browser, post: Post, make_user: MakeUser, sign_in: Any
) -> None:
    tom = await make_user("Tom", telegram_id=True)
    browser.set_cookie("next-auth.session-token", sign_in(tom))
    user = await sign_in_by_mail(browser, post, SPELLINGS[0], KEPT)
    assert (user["id"], user["email"]) == (tom.id, KEPT)


@pytest.mark.parametrize("stored", ["Ana@München.de", "ana@münchen.de"])
async def test_who_was_stored_with_the_letters_signs_in(browser: Browser, post: Post, deps: Deps, stored: str) -> None:
    row = {"_id": ObjectId(), "name": "Ana", "email": stored}  # as a model of a front end writes it
    await deps.store.database.collection("users").insert_one(row)
    user = await sign_in_by_mail(browser, post, SPELLINGS[0], KEPT)
    assert user["id"] == str(row["_id"])


@pytest.mark.parametrize("typed", ["josé@example.org", "ана@пример.рф", "zoë@münchen.de"])
async def test_letters_before_the_at_sign_get_a_clear_answer(
    browser: Browser, post: Post, web: Any, typed: str
) -> None:
    await browser.get("/api/auth/signin")
    await browser.submit("/api/auth/signin/email", email=typed)
    while browser.location:
        await browser.get(browser.location, **{"Accept-Language": "en"})
    assert "Before the @, mail addresses here take the letters a to z" in browser.page
    result = await browser.call("signin/email", email=typed)
    assert result["url"] == f"{web.url}/api/auth/error?error=EmailSignin&reason=letters"
    assert post.to == []


@pytest.mark.parametrize(
    "typed", ["ana@☃.de", "ana@mün chen.de", "ana@münchen..de", "ana@-münchen.de", "ana@münchen.de."]
)
async def test_a_domain_that_cannot_exist_receives_no_mail(browser: Browser, post: Post, web: Any, typed: str) -> None:
    result = await browser.call("signin/email", email=typed)
    assert result["url"] == f"{web.url}/api/auth/error?error=EmailSignin"
    assert post.to == []


async def test_a_sender_with_letters_in_its_domain_needs_nothing_of_the_mail_server(post: Post) -> None:
    post.takes_letters = False
    mailer = Mailer(mail_server(post.address), "Tausch für alle <hallo@münchen.de>")  # type: ignore[attr-defined]
    await mailer.send("ana@example.org", "Hallo", text="Hallo", html="<p>Hallo</p>")
    assert post.mails[0]["From"] == "Tausch für alle <hallo@xn--mnchen-3ya.de>"
