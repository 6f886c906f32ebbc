"""npm packages of a test folder, installed once from their lock file into pytest's cache; a test skips without Node.js,
npm or a network."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

INSTALL_SECONDS = 100
OLDEST_NODE = 18
"""Of Debian 12. What the lock files name runs on it."""
# Peer packages are left out (Next.js alone is 300 MB, and one folder needs it), install scripts do not run.
INSTALL = ("npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund")


def npm_folder(
    request: pytest.FixtureRequest, source: Path, *, what: str, beside: Mapping[str, Path] | None = None
) -> Path:
    """Return a folder with the files of `source` and the `node_modules` of its lock file.

    `what` names in the reason of a skip what cannot be tried. `beside` are folders that the lock file names, by their
    path from the folder.
    """
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip(f"npm is not here, so {what} cannot be tried (Debian: apt-get install npm)")
    skip_on_old_node(OLDEST_NODE, what=what)
    lock = (source / "package-lock.json").read_bytes()
    cache: pytest.Cache = request.config.cache  # type: ignore[assignment]
    name = f"npm-{hashlib.sha256(lock).hexdigest()[:12]}"
    # Some levels down, so that a path to what is beside it ends in the same place.
    place = Path(cache.mkdir(name))
    folder = place / "folder" / "of" / "packages" if beside else place
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several pytest workers may install at the same time
        for path in filter(Path.is_file, source.iterdir()):
            shutil.copy(path, folder)
        for path, beside_it in (beside or {}).items():
            shutil.copytree(beside_it, (folder / path).resolve(), dirs_exist_ok=True)
        if not (folder / "installed").exists():
            _install(folder, what)
            (folder / "installed").touch()
    return folder


def skip_on_old_node(oldest: int, *, what: str) -> None:
    """Skip the test if Node.js is older than this version."""
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()[1:]
    if not version or int(version.partition(".")[0]) < oldest:
        pytest.skip(f"Node.js {version} is too old, so {what} cannot be tried: it needs {oldest} or later")


def _install(folder: Path, what: str) -> None:
    try:
        done = subprocess.run(INSTALL, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {what} in time: is there a network?")
    if done.returncode:
        pytest.skip(f"npm could not install {what}: {done.stderr.strip().splitlines()[-1:]}")
