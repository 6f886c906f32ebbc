"""The examples of docs/api.md and docs/realtime.md, run against a real server."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from domain.messages import WEB
from handlers.messages import Draft, list_messages, send_message
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from tests.api.conftest import Web
from tests.factories import MakeSwap, MakeUser, SignIn, jpeg
from tests.npm_packages import npm_folder

DOCS = Path(__file__).parents[3] / "docs"
SECONDS = 40
CHATS = 60
NPM = DOCS.parent / "tests" / "api" / "realtime" / "npm"
ADDRESS = "http://127.0.0.1:8080"


def example(page: str, language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    return str(found)


async def run(script: Path, text: str, program: str, *arguments: str, **env: str) -> str:
    """Run the script and return its output; fail with the output when the exit code is not 0."""
    await asyncio.to_thread(script.write_text, text)
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        str(script),
        env={**inherited, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(child.communicate(), SECONDS)
    assert child.returncode == 0, output.decode()
    return output.decode()


def node() -> str:
    found = shutil.which("node")
    return found or pytest.skip("node is not here")


async def test_rest_example_in_javascript_runs(
    web: Web, deps: Deps, make_user: MakeUser, sign_in: SignIn, tmp_path: Path
) -> None:
    ada, _ = await make_user("Ada"), await make_user("Ben")
    text = example("api.md", "js").replace(ADDRESS, web.url)
    output = await run(tmp_path / "example.mjs", text, node(), TOKEN=sign_in(ada))
    (swap,) = await list_swaps(deps, ada)
    assert swap.status == "cancelled"
    assert output.splitlines() == [f"{swap.id} cancelled []", "404 user.not_found"]


async def test_rest_example_in_python_runs(
    web: Web, deps: Deps, make_user: MakeUser, sign_in: SignIn, tmp_path: Path
) -> None:
    ada, _ = await make_user("Ada"), await make_user("Ben")
    photo = tmp_path / "photo.jpg"
    await asyncio.to_thread(photo.write_bytes, jpeg())
    text = example("api.md", "python").replace(ADDRESS, web.url)
    output = await run(tmp_path / "example.py", text, sys.executable, TOKEN=sign_in(ada), PHOTO=str(photo))
    assert output.splitlines()[0] == "200 cancelled"
    assert output.splitlines()[1].endswith(".jpg")


async def test_realtime_example_in_python_runs(
    web: Web, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, sign_in: SignIn, tmp_path: Path
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    text = example("realtime.md", "python").replace(ADDRESS, web.url)
    output = await run(tmp_path / "example.py", text, sys.executable, TOKEN=sign_in(ada), SWAP=swap.id)
    assert output.strip() == "{1: 'Tuesday at six?'}"
    assert [message.message for message in await list_messages(deps, ben, swap.id)] == ["Tuesday at six?"]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_realtime_example_in_javascript_asks_for_all_conversations_in_one(
    web: Web,
    deps: Deps,
    make_user: MakeUser,
    make_swap: MakeSwap,
    sign_in: SignIn,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    transport: str,
) -> None:
    ada = await make_user("Ada")
    swaps = []
    for number in range(CHATS):
        ben = await make_user(f"Ben {number}", skills_offered=("Chess",))
        swap = await make_swap(ben, ada, status="accepted")
        await send_message(deps, ben, Draft(swap.id, "Hello", WEB))
        swaps.append(swap)
    modules = npm_folder(request, NPM, what="Socket.IO's real client") / "node_modules"
    (tmp_path / "node_modules").symlink_to(modules)
    text = example("realtime.md", "js").replace(ADDRESS, web.url).replace("socket.io-client", "socket.io-client-4")
    text = text.replace("{ auth:", f'{{ transports: ["{transport}"], auth:')
    text = text.replace(
        "const chats =",
        'let syncs = 0\nsocket.onAnyOutgoing((event) => (syncs += event === "chat:sync"))\nconst chats =',
    )
    text = text.replace(
        "socket.close()",
        "console.log(syncs, [...chats.values()].map((chat) => chat.messages.size).join())\nprocess.exit()",
    )
    ids = ",".join(swap.id for swap in swaps)
    output = await run(tmp_path / "example.mjs", text, node(), TOKEN=sign_in(ada), SWAPS=ids)
    syncs, sizes = output.split()
    assert sizes == ",".join(["2"] + ["1"] * (CHATS - 1))
    assert int(syncs) < 10


def test_documentation_names_every_event() -> None:
    source = (DOCS.parent / "api" / "realtime" / "server.py").read_text()
    events = set(re.findall(r'"(\w+:\w+|resync_required)"', source))
    page = (DOCS / "realtime.md").read_text()
    assert events
    assert {event for event in events if f"`{event}`" not in page} == set()
