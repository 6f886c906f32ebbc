"""Clients that generators make of the document, checked strictly, call the nine routes of the contract."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from handlers.messages import list_messages
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap
from handlers.users import get_user
from tests.api.conftest import Client, Web
from tests.api.openapi.conftest import Pair, run_tool
from tests.factories import SignIn, jpeg

BIN = Path(sys.executable).parent


def story(web: Web, sign_in: SignIn, pair: Pair) -> dict[str, Any]:
    """Return what the client is given: the address, two tokens and a photo."""
    ada, ben = pair
    return {
        "base": web.url,
        "ada": {"id": ada.id, "token": sign_in(ada)},
        "ben": {"id": ben.id, "token": sign_in(ben)},
        "photo": base64.b64encode(jpeg()).decode(),
    }


async def check(told: dict[str, Any], deps: Deps, client: Client, pair: Pair) -> None:
    """Compare what the client told with what is stored."""
    ada, _ = pair
    ada = await get_user(deps, ada.id)
    assert (told["me"], told["location"], ada.location) == (ada.id, "Harbour", "Harbour")
    swap = await get_swap(deps, ada, told["swap"])
    assert (told["status"], swap.status, told["listed"]) == ("accepted", "accepted", [swap.id])
    messages = await list_messages(deps, ada, swap.id)
    stored = [[message.id, message.message, message.photo_url] for message in messages]
    assert told["chat"] == stored == [[told["sent"], "Look!", told["photo_url"]]]
    assert told["refused"] == "swap.not_found"
    async with client().get(told["photo_url"].removeprefix(deps.public_url)) as answer:
        assert (answer.status, answer.content_type) == (200, "image/jpeg")


async def test_a_typescript_client_calls_the_nine_routes(
    workshop: Path, served: Path, web: Web, deps: Deps, client: Client, sign_in: SignIn, pair: Pair
) -> None:
    for command in (("node", "generate.mjs"), ("node_modules/.bin/tsc", "--project", ".")):
        status, said = await run_tool(*command, cwd=workshop)
        assert status == 0, said
    given = json.dumps(story(web, sign_in, pair))
    environment = {**os.environ, "NODE_NO_WARNINGS": "1"}  # Node.js 18 calls its fetch experimental
    status, said = await run_tool("node", "run.mjs", given, cwd=workshop, env=environment)
    assert status == 0, said
    await check(json.loads(said), deps, client, pair)


async def test_a_python_client_calls_the_nine_routes(
    served: Path, tmp_path: Path, web: Web, deps: Deps, client: Client, sign_in: SignIn, pair: Pair
) -> None:
    shutil.copy(Path(__file__).parent / "python_client.py", tmp_path / "story.py")
    (tmp_path / "config.yaml").write_text("post_hooks: []\n")  # it would reformat its own files
    generate = ("generate", "--path", served.name, "--meta", "none", "--output-path", "skill_swap_client")
    checked = ("--strict", "--config-file=", "--cache-dir", ".mypy", "story.py", "skill_swap_client")
    for command in (
        (str(BIN / "openapi-python-client"), *generate, "--fail-on-warning", "--config", "config.yaml"),
        (str(BIN / "mypy"), *checked),
    ):
        status, said = await run_tool(*command, cwd=tmp_path)
        assert status == 0, said
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    given = json.dumps(story(web, sign_in, pair))
    status, said = await run_tool(sys.executable, "story.py", given, cwd=tmp_path, env=environment)
    assert status == 0, said
    await check(json.loads(said), deps, client, pair)
