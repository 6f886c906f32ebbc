"""Every mutant of the fault tests still finds the method it replaces, so that `make faults` can check itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.mutants import MUTANTS

ROOT = Path(__file__).parent.parent
APPLY = "import sys; from tests.faults.mutants import MUTANTS; MUTANTS[sys.argv[1]]()"


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_mutant_finds_what_it_replaces(name: str) -> None:
    # A process of its own: a mutant changes the classes of the process that applies it.
    applied = subprocess.run(
        [sys.executable, "-c", APPLY, name], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert applied.returncode == 0, applied.stderr
