"""Real generations of Socket.IO's JavaScript client, as front ends of the contract use them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Client, Web
from tests.factories import MakeSwap, MakeUser, SignIn
from tests.npm_packages import npm_folder

NODE_SECONDS = 30.0


@pytest.fixture(scope="session")
def npm(request: pytest.FixtureRequest) -> Path:
    """The script of a front end, with the clients installed."""
    return npm_folder(request, Path(__file__).parent / "npm", what="Socket.IO's real client")


async def run(folder: Path, **given: Any) -> Any:
    """Run the script in a Node.js of its own; return what it was told."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec("node", "client.cjs", cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        out, err = await asyncio.wait_for(child.communicate(json.dumps(given).encode()), NODE_SECONDS)
    except TimeoutError:
        child.kill()
        raise
    assert out, err.decode()
    return json.loads(out)


@pytest.mark.parametrize("using", ["socket.io-client-3", "socket.io-client-4"])
async def test_a_javascript_client_sends_the_contracts_names_and_is_told_what_fails(
    npm: Path, using: str, web: Web, client: Client, sign_in: SignIn, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    message = {"swap_id": swap.id, "from_user_id": ada.id, "to_user_id": ben.id, "message": "Hello", "temp_id": 1}
    wrong = {**message, "from_user_id": ben.id, "client_id": "c2"}
    said = await run(npm, url=web.url, using=using, token=sign_in(ada), message=message, wrong=wrong)
    assert said["woken"] == {"path": "/api/socket", "engine_io": 4, "socket_io": 5}
    assert (said["acknowledged"]["ok"], said["acknowledged"]["message"]["to_user_id"]) == (True, ben.id)
    failed = said["failed"]
    assert (failed["event"], failed["swap_id"], failed["client_id"]) == ("chat:new", swap.id, "c2")
    assert (failed["error"]["code"], failed["error"]["errors"][0]["field"]) == ("read_only_field", "from_user_id")
    assert said["refused"]["data"]["code"] == "socket.no_namespace"
    assert said["refused"]["message"] == said["refused"]["data"]["detail"]
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        assert [(one["from_user_id"], one["message"]) for one in await answer.json()] == [(ada.id, "Hello")]
