"""Fixtures: the TypeScript client, installed and built, and the stories of the tests compiled with it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.conftest import web
from tests.api.openapi.conftest import run_tool
from tests.npm_packages import npm_folder
from tests.service import ROOT

__all__ = ["web"]

CLIENT = ROOT / "clients" / "typescript"
STORIES = Path(__file__).parent / "stories"
BUILD_SECONDS = 100


@pytest.fixture(scope="session")
def npm(request: pytest.FixtureRequest) -> Path:
    """The packages of the client."""
    return npm_folder(request, CLIENT, what="the TypeScript client")


@pytest.fixture(scope="session")
async def built(npm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the client and the stories, compiled strictly in one go."""
    folder = tmp_path_factory.mktemp("client")
    ignored = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(CLIENT, folder, dirs_exist_ok=True, ignore=ignored)
    shutil.copytree(STORIES, folder / "stories")
    (folder / "node_modules").symlink_to(npm / "node_modules")
    status, said = await run_tool("node_modules/.bin/tsc", "--project", "stories", cwd=folder)
    assert status == 0, said
    return folder


@pytest.fixture(scope="session")
def package(npm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client as a front end gets it by `npm install`: compiled by its own settings, without its source."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(CLIENT, folder / "source", ignore=shutil.ignore_patterns("node_modules", "dist"))
    (folder / "source" / "node_modules").symlink_to(npm / "node_modules")
    subprocess.run(["node_modules/.bin/tsc"], cwd=folder / "source", check=True, timeout=BUILD_SECONDS)
    built = folder / "skillswap-client"
    shutil.copytree(folder / "source" / "dist", built / "dist")
    shutil.copy(CLIENT / "package.json", built)
    return built
