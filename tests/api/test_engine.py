from __future__ import annotations

import asyncio

import pytest

from api.app import REALTIME
from tests.api.conftest import Client, Connect, Web
from tests.api.test_realtime import SECONDS, heard, open_wire, until
from tests.factories import MakeUser


async def test_each_socket_is_pinged_and_who_does_not_answer_is_cut_off(
    web: Web, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = web.server._app[REALTIME]._io.eio
    monkeypatch.setattr(engine, "ping_interval", 0.3)
    monkeypatch.setattr(engine, "ping_timeout", 0.5)
    answering, silent = await open_wire(client()), await open_wire(client())
    for wire in (answering, silent):
        await wire.connect()
    pings = 0
    async with asyncio.timeout(SECONDS):
        while len(engine.sockets) == 2:
            if await answering.socket.receive_str() == "2":
                pings += 1
                await answering.socket.send_str("3")
    assert pings > 1
    await silent.closed()


async def test_a_socket_moves_on_from_polling_to_a_websocket(web: Web, connect: Connect, make_user: MakeUser) -> None:
    tab = await connect(await make_user(), transports=["polling", "websocket"])
    await until(lambda: any(line.upgraded for line in web.server._app[REALTIME]._io.eio.sockets.values()))
    assert (await tab.call("chat:sync", {"swap_id": "0" * 24}))["error"]["code"] == "swap.not_found"
    await web.server._app[REALTIME]._io.emit("resync_required", {})
    assert await heard(tab) == [("resync_required", {})]
