"""Sessions are listed and ended, at once and in every process; their sockets with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
import socketio

from domain.errors import NotFound, Unauthenticated
from domain.users import User
from handlers.auth.authentication import authenticate
from handlers.auth.sessions import agent_family, end_session, issue_session, list_sessions, open_session
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from storage.mongodb.database import Database
from tests.api.conftest import COOKIE, Web
from tests.factories import MakeUser, build_deps
from tests.waiting import eventually

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def browser(web: Web, token: str, **headers: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        web.url, headers={"Cookie": f"{COOKIE}={token}", **headers}, cookie_jar=aiohttp.DummyCookieJar()
    )


@pytest.fixture
async def other_process(database: Database) -> AsyncIterator[Deps]:
    """The operations as another process has them, fed by a change stream of its own."""
    deps = await build_deps(database)
    feed = ChangeFeed(deps)
    feed.start()
    await eventually(lambda: feed.is_live)
    yield deps
    await feed.stop()


async def test_each_session_is_listed_once_with_its_provider(web: Web, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    here = await open_session(web.deps, ada, provider="email", user_agent=FIREFOX)
    await open_session(web.deps, ada, provider="google")
    await open_session(web.deps, ben, provider="email")
    async with browser(web, here) as session, session.get("/api/sessions") as answer:
        shown = await answer.json()
    assert sorted((row["door"], row["agent"], row["is_current"]) for row in shown) == [
        ("email", "Firefox, Linux", True),
        ("google", "", False),
    ]


async def test_ended_session_is_refused_in_every_process_and_others_stay(
    web: Web, other_process: Deps, make_user: MakeUser
) -> None:
    ada = await make_user()
    here, there = [await open_session(web.deps, ada, provider="email") for _ in range(2)]
    assert (await authenticate(other_process, there)).id == ada.id
    doomed = web.deps.session_tokens.read(there, now=web.deps.now())
    assert doomed is not None
    async with browser(web, here) as session, session.delete(f"/api/sessions/{doomed.session_id}") as answer:
        assert answer.status == 200
        assert len(await answer.json()) == 1
    async with browser(web, there) as session, session.get("/api/user") as answer:
        assert answer.status == 401

    async def is_over_elsewhere() -> bool:
        try:
            await authenticate(other_process, there)
        except Unauthenticated:
            return True
        return False

    await eventually(is_over_elsewhere, within=5)
    assert (await authenticate(other_process, here)).id == ada.id


async def test_process_started_later_knows_ended_sessions(deps: Deps, database: Database, make_user: MakeUser) -> None:
    ada = await make_user()
    token = await open_session(deps, ada, provider="email")
    await end_session(deps, ada, (await list_sessions(deps, ada))[0].id)
    for is_fed in (False, True):
        later = await build_deps(database)
        feed = ChangeFeed(later)
        if is_fed:
            feed.start()
            await eventually(lambda feed=feed: feed.is_live)
        with pytest.raises(Unauthenticated):
            await authenticate(later, token)
        await feed.stop()


async def test_session_check_reads_no_database(other_process: Deps, database: Database, make_user: MakeUser) -> None:
    ada = await make_user()
    token = await open_session(other_process, ada, provider="email")
    await authenticate(other_process, token)
    await database.command({"profile": 2})
    try:
        for _ in range(20):
            await authenticate(other_process, token)
    finally:
        await database.command({"profile": 0})
    seen = await database.collection("system.profile").count_documents(
        {"ns": {"$in": [f"{database.name}.web_sessions", f"{database.name}.users"]}}
    )
    await database.collection("system.profile").drop()
    assert seen == 0


async def test_the_sockets_of_an_ended_session_close_within_seconds(web: Web, make_user: MakeUser) -> None:
    ada = await make_user()
    here, there = [await open_session(web.deps, ada, provider="email") for _ in range(2)]
    sockets = [socketio.AsyncClient(reconnection=False) for _ in range(2)]
    for socket, token in zip(sockets, (here, there), strict=True):
        await socket.connect(web.url, auth={"token": token}, transports=["websocket"])
    doomed = web.deps.session_tokens.read(there, now=web.deps.now())
    assert doomed is not None
    async with browser(web, here) as session:
        async with session.delete(f"/api/sessions/{doomed.session_id}"):
            await eventually(lambda: not sockets[1].connected, within=5)
        assert sockets[0].connected
        async with session.delete("/api/sessions"):
            await eventually(lambda: not sockets[0].connected, within=5)
    await asyncio.gather(*(socket.disconnect() for socket in sockets))


async def test_sign_out_everywhere_revokes_front_end_tokens_too(web: Web, make_user: MakeUser) -> None:
    ada = await make_user()
    here = await open_session(web.deps, ada, provider="email")
    made_elsewhere = issue_session(web.deps, ada)
    async with browser(web, here) as session, session.delete("/api/sessions") as answer:
        assert answer.status == 200
        assert f"{COOKIE}=" in str(answer.headers.getall("Set-Cookie"))
    for token in (here, made_elsewhere):
        with pytest.raises(Unauthenticated):
            await authenticate(web.deps, token)
    assert await list_sessions(web.deps, ada) == []


async def test_ending_another_users_session_is_refused(web: Web, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    token = await open_session(web.deps, ada, provider="email")
    theirs = (await list_sessions(web.deps, ada))[0].id
    answers = []
    async with browser(web, await open_session(web.deps, ben, provider="email")) as session:
        for session_id in (theirs, "0" * 24):
            async with session.delete(f"/api/sessions/{session_id}") as answer:
                body = await answer.json()
                answers.append((answer.status, {**body, "request_id": ""}))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert (await authenticate(web.deps, token)).id == ada.id
    with pytest.raises(NotFound):
        await end_session(web.deps, ben, theirs)


async def test_cross_site_request_cannot_end_a_session(web: Web, make_user: MakeUser) -> None:
    ada = await make_user()
    token = await open_session(web.deps, ada, provider="email")
    async with browser(web, token, Origin="https://evil.example") as session:
        async with session.delete("/api/sessions") as answer:
            assert answer.status == 403
    assert (await authenticate(web.deps, token)).id == ada.id


async def test_renewed_session_keeps_its_id_while_it_is_used(web: Web, database: Database, make_user: MakeUser) -> None:
    ada = await make_user()
    token = await open_session(web.deps, ada, provider="email")
    async with browser(web, token) as session, session.get("/api/auth/session") as answer:
        renewed = answer.cookies[COOKIE].value
    assert renewed != token
    assert len(await list_sessions(web.deps, ada)) == 1
    later = replace(web.deps, now=lambda: web.deps.now() + timedelta(hours=2))
    await authenticate(later, renewed)
    row = await database.collection("web_sessions").find_one({})
    assert row is not None
    assert row["expires_at"] >= later.now() + timedelta(days=30) - timedelta(minutes=1)
    await end_session(web.deps, ada, str(row["_id"]))
    with pytest.raises(Unauthenticated):
        await authenticate(web.deps, renewed)


async def test_sessions_are_erased_with_their_user(web: Web, database: Database, make_user: MakeUser) -> None:
    ada: User = await make_user()
    token = await open_session(web.deps, ada, provider="email", user_agent=FIREFOX)
    await delete_account(web.deps, ada)
    assert await database.collection("web_sessions").count_documents({}) == 0
    with pytest.raises(Unauthenticated):
        await authenticate(web.deps, token)


def test_user_agent_is_shortened_to_two_words() -> None:
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"
    assert agent_family(FIREFOX) == "Firefox, Linux"
    assert agent_family(safari) == "Safari, iPhone"
    assert agent_family(edge) == "Edge, Windows"
    assert agent_family("curl/8 <script>") == ""
