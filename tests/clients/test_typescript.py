"""The TypeScript client in Node.js against the real service: types, refusals, repeated requests, and chats that stay
complete."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from api.app import openapi_document
from handlers.messages import list_messages
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from skillswap.loopback import free_port
from tests.api.conftest import Web
from tests.api.openapi.conftest import run_tool
from tests.clients.conftest import CLIENT
from tests.factories import SECRET, MakeSwap, MakeUser, SignIn
from tests.service import ROOT, running_service, start_service

STORY_SECONDS = 60.0


class Story:
    """A story that runs in Node.js; `told` reads its next line."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child

    @classmethod
    async def start(cls, built: Path, name: str, **given: Any) -> Story:
        pipe = asyncio.subprocess.PIPE
        script = str(built / "stories" / f"{name}.js")
        return cls(await asyncio.create_subprocess_exec("node", script, json.dumps(given), stdout=pipe, stderr=pipe))

    async def told(self) -> Any:
        """Return the next line; fail with what Node.js complained of if there is none."""
        assert self._child.stdout is not None
        assert self._child.stderr is not None
        try:
            line = await asyncio.wait_for(self._child.stdout.readline(), STORY_SECONDS)
        except TimeoutError:
            self._child.kill()
            raise
        assert line, (await self._child.stderr.read()).decode()
        return json.loads(line)

    async def end(self) -> None:
        assert await asyncio.wait_for(self._child.wait(), STORY_SECONDS) == 0


async def test_the_generated_types_are_those_of_the_present_document(npm: Path, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    present = await asyncio.to_thread(openapi_document)
    await asyncio.to_thread(document.write_text, json.dumps(present))
    status, said = await run_tool("sh", "-c", f"node generate.mjs {tmp_path} <{document}", cwd=npm)
    assert status == 0, said
    for name in ("schema.ts", "contract.ts"):
        # Not compared by pytest, whose difference of two such files takes minutes.
        is_present = (tmp_path / name).read_text() == (CLIENT / "src" / name).read_text()
        assert is_present, f"clients/typescript/src/{name} is not that of the present routes: make client"


def test_lock_files_pin_packages_by_hash_and_name_no_host() -> None:
    locks = [path for path in ROOT.rglob("package-lock.json") if not {"node_modules", ".pytest_cache"} & {*path.parts}]
    assert {CLIENT / "package-lock.json", ROOT / "examples" / "nextjs" / "package-lock.json"} <= {*locks}
    for lock in locks:
        for name, package in json.loads(lock.read_text())["packages"].items():
            is_ours = package.get("resolved", "").startswith("file:")
            assert not name or is_ours or ("resolved" not in package and package["integrity"]), f"{lock}: {name}"


async def test_two_clients_swap_and_talk_and_a_cut_connection_loses_nothing(
    built: Path, web: Web, deps: Deps, make_user: MakeUser, sign_in: SignIn
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    story = await Story.start(built, "swap", baseUrl=web.url, ada={"token": sign_in(ada)}, ben={"token": sign_in(ben)})
    told = await story.told()
    await story.end()
    (swap,) = await list_swaps(deps, ada)
    assert (told["swap"], told["swaps"], swap.status) == (swap.id, [swap.id], "accepted")
    assert (told["attempts"], told["keys"]) == (2, 1), "the lost answer was asked for again, with the same key"
    assert (told["conflict"], told["isAbsent"], told["foreign"]) == ("accepted", True, "swap.not_found")
    meanwhile = [f"meanwhile {number}" for number in range(1, 13)]
    said = ["Wednesday at six?", "Yes", *meanwhile]
    assert told["before"] == 2, "Ben was away while Ada wrote"
    assert [message.message for message in await list_messages(deps, ben, swap.id)] == said
    assert told["bens"] == told["adas"] == said


@pytest.mark.timeout(180)
async def test_ten_messages_written_while_the_service_is_killed_arrive_once_and_in_order(
    built: Path,
    deps: Deps,
    database_uri: str,
    make_user: MakeUser,
    make_swap: MakeSwap,
    sign_in: SignIn,
    tmp_path: Path,
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "NEXTAUTH_SECRET": SECRET}
    port, log = free_port(), tmp_path / "service.log"
    service = await start_service(env, role="api", port=port, log=log)
    try:
        story = await Story.start(
            built, "killed", baseUrl=service.url, ada={"token": sign_in(ada)}, ben={"token": sign_in(ben)}, swap=swap.id
        )
        assert await story.told() == "connected"
    finally:
        await service.kill()
    assert await story.told() == "written"
    async with running_service(env, role="api", port=port, log=log):
        told = await story.told()
        await story.end()
    said = ["before", *(str(number) for number in range(1, 11))]
    assert [message.message for message in await list_messages(deps, ben, swap.id)] == said
    assert told == {"adas": said, "bens": said}
