"""Fixtures: NextAuth's real client bundled for a browser, and its token code in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.npm_packages import npm_folder

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def npm(request: pytest.FixtureRequest) -> Path:
    """A folder with `node_modules` and our test scripts in JavaScript."""
    return npm_folder(request, Path(__file__).parent / "npm", what="NextAuth's real client")


@pytest.fixture(scope="session")
def bundle(npm: Path, request: pytest.FixtureRequest) -> str:
    """The front end bundled into one script, with the client of version 4, or of the package that a test names."""
    command = ["node_modules/.bin/esbuild", "front.jsx", "--bundle", "--jsx=automatic", "--log-level=error"]
    command += [f"--alias:next-auth/react={getattr(request, 'param', 'next-auth')}/react"]
    command += ["--define:process.env={}", '--define:process.env.NODE_ENV="production"']
    return subprocess.run(command, cwd=npm, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium is here, so NextAuth's real client cannot be tried (Debian: apt-get install chromium)")


class NodeTokens:
    """NextAuth's token code, running in a Node process."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["node", "tokens.cjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, action: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"ask": action, **arguments}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture(scope="session")
def node(npm: Path) -> Iterator[NodeTokens]:
    process = NodeTokens(npm)
    yield process
    process.close()
