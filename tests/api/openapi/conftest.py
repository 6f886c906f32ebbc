"""Fixtures: the document as the service serves it, linters and generators of clients, and two people for a story."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from domain.users import User
from tests.api.conftest import Client
from tests.factories import MakeUser
from tests.npm_packages import npm_folder

TOOL_SECONDS = 100.0

Pair = tuple[User, User]


async def run_tool(*command: str, cwd: Path, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a program; return its exit status and all that it printed."""
    child = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        out, _ = await asyncio.wait_for(child.communicate(), TOOL_SECONDS)
    except TimeoutError:
        child.kill()
        raise
    assert child.returncode is not None
    return child.returncode, out.decode()


@pytest.fixture(scope="session")
def npm(request: pytest.FixtureRequest) -> Path:
    """The linters and the generator for TypeScript, installed."""
    return npm_folder(request, Path(__file__).parent / "npm", what="linters and generators for OpenAPI")


@pytest.fixture
def workshop(npm: Path, tmp_path: Path) -> Path:
    """A folder of this test with the installed packages and our scripts."""
    (tmp_path / "node_modules").symlink_to(npm / "node_modules")
    for path in (Path(__file__).parent / "npm").iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture
async def served(client: Client, tmp_path: Path) -> Path:
    """A file with the document, as the service serves it."""
    async with client().get("/openapi.json") as answer:
        assert answer.status == 200
        (tmp_path / "openapi.json").write_bytes(await answer.read())
    return tmp_path / "openapi.json"


@pytest.fixture
async def pair(make_user: MakeUser) -> Pair:
    """Ada, who teaches Python, and Ben, who teaches the guitar."""
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",))
    return ada, await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
