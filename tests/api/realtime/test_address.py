"""The address of Socket.IO, fetched by something that is no Socket.IO client."""

from __future__ import annotations

import pytest

from tests.api.conftest import ALLOWED_ORIGIN, Client


@pytest.mark.parametrize("path", ["/api/socket", "/api/socket/", "/socket.io/", "/api/socket?t=1"])
async def test_a_socket_address_says_what_it_is_without_engine_parameters(client: Client, path: str) -> None:
    async with client().get(path, headers={"Origin": ALLOWED_ORIGIN}) as answer:
        said = await answer.json()
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert said == {"path": path.partition("?")[0].rstrip("/"), "engine_io": 4, "socket_io": 5}
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN
    for query in ("EIO=9&transport=polling", "transport=polling", "sid=nobody"):
        async with client().get(f"/api/socket/?{query}") as answer:
            assert answer.status == 400
