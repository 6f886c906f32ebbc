"""A failure whose text UTF-8 cannot encode is reported like any other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = """
def test_with_half_an_emoji():
    print("printed \\ud83e")
    raise AssertionError("seen: \\ud83e")

def test_after_it():
    pass
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_half_an_emoji_in_a_failure_ends_no_run(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.report_encoding", *workers, "test_some.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert "1 failed, 1 passed" in done.stdout
    assert "seen: ?" in done.stdout
    assert "printed ?" in done.stdout
