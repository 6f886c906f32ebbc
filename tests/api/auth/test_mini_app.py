"""The sign-in of a Mini App: Telegram's init data for a token that pages, REST and sockets take; and its page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import socketio

from bot.sandbox import Sandbox
from domain.links import SKILL, SWAP, USER, write_link
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.deps import Deps
from tests.api.conftest import Web, open_web
from tests.factories import MakeSwap, MakeUser

PATH = "/api/auth/mini-app"
OTHER_TOKEN = "7000000002:another-bot"


@pytest.fixture
def telegram() -> Sandbox:
    return Sandbox()


@pytest.fixture
async def web(deps: Deps, telegram: Sandbox) -> AsyncIterator[Web]:
    providers = Providers(SealedCookies(["a secret of this test"]), bot_token=telegram.token)
    async with open_web(deps, providers=providers, sandbox_page="http://127.0.0.1:8081/sandbox") as running:
        yield running


@pytest.fixture
async def app(web: Web) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that keeps no cookies."""
    async with aiohttp.ClientSession(web.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


async def exchange(app: aiohttp.ClientSession, data: str) -> tuple[int, Any]:
    async with app.post(PATH, json={"init_data": data}) as answer:
        assert "Set-Cookie" not in answer.headers
        return answer.status, await answer.json()


def bearer(session: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['token']}"}


async def test_pages_forms_and_rest_take_the_token_of_a_mini_app(
    app: aiohttp.ClientSession, telegram: Sandbox, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", telegram_id=7001)
    telegram.add_person("Ada", person_id=7001)
    status, session = await exchange(app, telegram.init_data(7001))
    assert (status, session["user_id"]) == (200, ada.id)
    async with app.get("/me/edit", headers=bearer(session)) as page:
        assert (page.status, page.url.path) == (200, "/me/edit")
        assert 'value="Ada"' in await page.text()
    form = {"name": "Ada L.", "teaches": "Guitar", "learns": "Python", "locale": "en"}
    async with app.post("/me/edit", data=form, headers=bearer(session), allow_redirects=False) as answer:
        assert answer.status == 303
    async with app.get("/api/user", headers=bearer(session)) as answer:
        assert (await answer.json())["name"] == "Ada L."


async def test_a_socket_takes_the_token_of_a_mini_app(
    web: Web, app: aiohttp.ClientSession, telegram: Sandbox, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada", telegram_id=7001), await make_user("Ben")
    telegram.add_person("Ada", person_id=7001)
    _, session = await exchange(app, telegram.init_data(7001))
    socket = socketio.AsyncClient(reconnection=False)
    await socket.connect(web.url, transports=["websocket"], auth={"token": session["token"]})
    swap = await make_swap(ben, ada)
    answer = await socket.call("chat:sync", {"swap_id": swap.id})
    assert answer["ok"]
    await socket.disconnect()


async def test_init_data_signs_in_once(app: aiohttp.ClientSession, telegram: Sandbox) -> None:
    telegram.add_person("Ada", person_id=7001)
    data = telegram.init_data(7001)
    assert (await exchange(app, data))[0] == 200
    status, problem = await exchange(app, data)
    assert (status, problem["code"]) == (401, "auth.init_data_refused")


@pytest.mark.parametrize("data", ["nonsense", "hash=0", ""])
async def test_what_telegram_has_not_signed_is_refused(app: aiohttp.ClientSession, data: str) -> None:
    assert (await exchange(app, data))[0] == (401 if data else 422)


async def test_init_data_of_another_bot_is_refused(app: aiohttp.ClientSession) -> None:
    other = Sandbox(token=OTHER_TOKEN)
    other.add_person("Ada", person_id=7001)
    assert (await exchange(app, other.init_data(7001)))[0] == 401


async def test_the_signature_of_the_sandbox_is_taken_at_an_address_of_this_machine_alone(
    deps: Deps, telegram: Sandbox
) -> None:
    telegram.add_person("Ada", person_id=7001)
    async with open_web(deps, sandbox_token=telegram.token) as web, aiohttp.ClientSession(web.url) as app:
        for host, status in (("skills.example.org", 404), (web.url.partition("//")[2], 200)):
            body = {"init_data": telegram.init_data(7001)}
            async with app.post(PATH, json=body, headers={"Host": host}) as answer:
                assert answer.status == status, host


async def test_only_the_page_of_the_mini_app_may_stand_in_a_frame_of_telegram_or_the_sandbox(
    app: aiohttp.ClientSession,
) -> None:
    async def frames(path: str) -> str:
        async with app.get(path) as answer:
            return answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]

    assert await frames("/app") == "https://web.telegram.org http://127.0.0.1:8081 http://localhost:8081"
    for path in ("/", "/api/auth/signin", "/docs", "/healthz"):
        assert await frames(path) == "'none'", path


async def test_without_the_sandbox_telegram_alone_may_show_the_mini_app(deps: Deps) -> None:
    async with open_web(deps) as web, aiohttp.ClientSession(web.url) as session, session.get("/app") as answer:
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors https://web.telegram.org")
        assert "Open this in Telegram" in await answer.text()


async def test_a_deep_link_leads_to_the_page_of_what_it_names(
    app: aiohttp.ClientSession, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben)
    expected = {
        write_link(USER, ben.id): f"/people/{ben.id}",
        write_link(SWAP, swap.id): f"/swaps/{swap.id}",
        write_link(SKILL, "bread baking"): "/discover?q=Bread%20baking",
        "nothing-we-know": "/",
    }
    for payload, address in expected.items():
        async with app.get(f"/app/{payload}", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, address)
