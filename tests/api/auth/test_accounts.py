"""Linked accounts over REST: listing, unlinking, and merging two users from two browsers."""

from __future__ import annotations

from handlers.auth.identities import Identity, sign_in
from handlers.auth.sessions import open_session
from tests.api.conftest import COOKIE, Client, Web
from tests.factories import MakeUser
from tests.handlers.auth.test_sessions import browser


async def test_accounts_are_listed_and_unlinked(web: Web, client: Client, make_user: MakeUser) -> None:
    ada = await make_user(email="ada@example.org", telegram_id=7_391_846_205)
    await sign_in(web.deps, Identity("google", "1"), linking=ada)
    async with client(ada).get("/api/accounts") as answer:
        shown = await answer.json()
    assert [(row["provider"], row["email"]) for row in shown] == [
        ("telegram", None),
        ("email", "ada@example.org"),
        ("google", None),
    ]
    assert "7391846205" not in str(shown)
    for row, left in zip(shown[:2], (2, 1), strict=True):
        async with client(ada).delete(f"/api/accounts/{row['_id']}") as answer:
            assert (answer.status, len(await answer.json())) == (200, left)
    async with client(ada).delete(f"/api/accounts/{shown[2]['_id']}") as answer:
        assert (answer.status, (await answer.json())["code"]) == (409, "account.last_one")


async def test_account_of_another_user_is_reported_as_absent(web: Web, client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user(email="ada@example.org"), await make_user(email="ben@example.org", telegram_id=92)
    await sign_in(web.deps, Identity("google", "2"), linking=ada)
    row = await web.deps.store.accounts.find("google", "2")
    assert row is not None
    answers = []
    for account_id in (row.id, "0" * 24):
        async with client(ben).delete(f"/api/accounts/{account_id}") as answer:
            answers.append((answer.status, {**await answer.json(), "request_id": ""}))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


async def test_two_users_merge_from_two_browsers(web: Web, client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", email="ada@example.org")
    other = await make_user("Ada of Telegram", telegram_id=93, is_public=False)
    async with client(ada).post("/api/accounts/merge") as answer:
        assert answer.status == 201
        code = (await answer.json())["code"]
    token = await open_session(web.deps, other, provider="telegram-link")
    async with browser(web, token) as session:
        async with session.post("/api/accounts/merge/preview", json={"code": code}) as answer:
            assert await answer.json() == {"name": "Ada", "photo_url": None}
        async with session.post("/api/accounts/merge/accept", json={"code": code}) as answer:
            assert answer.status == 200
            assert (await answer.json())["_id"] == ada.id
            new = answer.cookies[COOKIE].value
        async with session.get("/api/user") as answer:
            assert answer.status == 401
    async with browser(web, new) as session, session.get("/api/user") as answer:
        assert ((await answer.json())["_id"], (await answer.json())["telegram_linked"]) == (ada.id, True)


async def test_malformed_merge_code_is_refused(client: Client, make_user: MakeUser) -> None:
    ada = await make_user()
    for body, status in (({"code": "K7QF-2M9X"}, 422), ({"code": ""}, 422), ({"code": {"$ne": ""}}, 422), ({}, 422)):
        async with client(ada).post("/api/accounts/merge/accept", json=body) as answer:
            assert answer.status == status
