"""The real npm packages, installed once from their lock file into pytest's cache; the tests skip without npm or
network."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NPM = Path(__file__).parent / "npm"
INSTALL_SECONDS = 100
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def npm(request: pytest.FixtureRequest) -> Path:
    """A folder with `node_modules` and our test scripts in JavaScript."""
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("npm is not here, so NextAuth's real client cannot be tried (Debian: apt-get install npm)")
    cache: pytest.Cache = request.config.cache  # type: ignore[assignment]
    lock = (NPM / "package-lock.json").read_bytes()
    folder = Path(cache.mkdir(f"nextauth-{hashlib.sha256(lock).hexdigest()[:12]}"))
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several pytest workers may install at the same time
        for source in NPM.iterdir():
            shutil.copy(source, folder)
        if not (folder / "installed").exists():
            _install(folder)
            (folder / "installed").touch()
    return folder


def _install(folder: Path) -> None:
    # Install neither peer packages (Next.js is 300 MB, and the client does not use it) nor run install scripts.
    command = ["npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install NextAuth in time: is there a network?")
    if done.returncode:
        pytest.skip(f"npm could not install NextAuth: {done.stderr.strip().splitlines()[-1:]}")


@pytest.fixture(scope="session")
def bundle(npm: Path) -> str:
    """The front end bundled into one script."""
    command = ["node_modules/.bin/esbuild", "front.jsx", "--bundle", "--jsx=automatic", "--log-level=error"]
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
