"""Limit of sockets per client address."""

from __future__ import annotations

from contextlib import AsyncExitStack

import aiohttp
import orjson
import pytest

from api.app import REALTIME
from handlers.runtime.deps import Deps
from tests.api.conftest import COOKIE, open_web
from tests.api.realtime.test_server import Wire
from tests.factories import MakeUser, SignIn
from tests.waiting import eventually

PER_ADDRESS = 30  # a small limit, to keep the test short


async def test_sockets_are_limited_per_client_address(
    deps: Deps, make_user: MakeUser, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.sockets.MAX_SOCKETS_PER_ADDRESS", PER_ADDRESS)
    people = [await make_user() for _ in range(5)]
    async with open_web(deps, trusted_proxies=["127.0.0.1"]) as web, AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))

        async def connect(number: int, address: str) -> tuple[Wire, str]:
            headers = {"Cookie": f"{COOKIE}={sign_in(people[number % 5])}", "X-Forwarded-For": address}
            url = f"{web.url}/socket.io/?EIO=4&transport=websocket"
            wire = Wire(await stack.enter_async_context(session.ws_connect(url, headers=headers, autoping=False)))
            return wire, await wire.connect()

        wires = [await connect(number, "203.0.113.9") for number in range(PER_ADDRESS)]
        assert all(reply.startswith("40{") for _, reply in wires)
        _, refused = await connect(0, "203.0.113.9")
        assert refused.startswith("44")
        problem = orjson.loads(refused[2:])
        assert (problem["data"]["code"], problem["data"]["status"]) == ("socket.too_many", 429)
        _, welcome = await connect(0, "203.0.113.10")
        assert welcome.startswith("40{")
        await wires[0][0].socket.close()
        async with session.get(f"{web.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9"}) as answer:
            assert answer.status == 404
        realtime = web.server._app[REALTIME]
        await eventually(lambda: realtime.count_sockets() == PER_ADDRESS)
        _, welcome = await connect(1, "203.0.113.9")
        assert welcome.startswith("40{")
