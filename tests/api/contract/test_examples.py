"""The examples of docs/api.md and docs/realtime.md, run against a real server."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from handlers.messages import list_messages
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from tests.api.conftest import Web
from tests.factories import MakeSwap, MakeUser, SignIn, jpeg

DOCS = Path(__file__).parents[3] / "docs"
SECONDS = 40
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


async def test_realtime_example_in_javascript_parses(tmp_path: Path) -> None:
    """Running the example requires the npm package of the client; checking its syntax does not."""
    await run(tmp_path / "example.mjs", example("realtime.md", "js"), node(), "--check")


def test_documentation_names_every_event() -> None:
    source = (DOCS.parent / "api" / "realtime" / "server.py").read_text()
    events = set(re.findall(r'"(\w+:\w+|resync_required)"', source))
    page = (DOCS / "realtime.md").read_text()
    assert events
    assert {event for event in events if f"`{event}`" not in page} == set()
