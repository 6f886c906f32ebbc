"""The last lines of a run name what was skipped and why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = """
import pathlib
import pytest
from tests.npm_packages import npm_folder

@pytest.mark.parametrize("number", range(3))
def test_in_javascript(request, number):
    npm_folder(request, pathlib.Path("{npm}"), what="NextAuth's real client")

@pytest.mark.skipif(True, reason="no Chromium on this machine")
def test_in_a_browser():
    pass

def test_that_runs():
    pass
"""
NODE = """#!/bin/sh
echo v12.22.9
"""


def run(folder: Path, *workers: str, path: Path) -> list[str]:
    """Run the tests above with these programs on the path; return the lines that pytest printed."""
    npm = ROOT / "tests/api/auth/nextauth/npm"
    (folder / "test_some.py").write_text(TESTS.format(npm=npm))
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.skip_summary", *workers, "test_some.py"],
        cwd=folder,
        env={**os.environ, "PATH": str(path), "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_last_lines_of_a_run_name_what_was_skipped_and_why(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    *_, numbers, browser, javascript = run(tmp_path, *workers, path=tmp_path / "empty")
    assert "1 passed, 4 skipped" in numbers
    assert browser == "SKIPPED 1 test: no Chromium on this machine"
    assert javascript.startswith("SKIPPED 3 tests: npm is not here, so NextAuth's real client cannot be tried")


def test_a_node_that_is_too_old_is_named_and_not_tried(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("node", "npm"):
        (programs / name).write_text(NODE)
        (programs / name).chmod(0o755)
    last = run(tmp_path, path=programs)[-2:]
    assert any(
        line.startswith("SKIPPED 3 tests: Node.js 12.22.9 is too old, so NextAuth's real client") for line in last
    )
