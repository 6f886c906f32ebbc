"""The files of `deploy/` are valid for the programs that read them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from skillswap.settings import variables
from storage.mongodb.mongod import find_mongod
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_units_are_valid(tmp_path: Path) -> None:
    units = []
    for unit in UNITS:
        copy = tmp_path / unit.name
        text = unit.read_text().replace("/opt/skillswap/.venv/bin/skillswap", "/bin/true")
        copy.write_text(re.sub("^WorkingDirectory=.*\n", "", text, flags=re.MULTILINE))
        units.append(str(copy))
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_systemd_units_use_existing_settings_and_commands() -> None:
    for unit in UNITS:
        text = unit.read_text()
        named = re.findall(r"\b([A-Z][A-Z_]+)=", " ".join(re.findall("^Environment=(.*)$", text, flags=re.MULTILINE)))
        assert set(named) - {"PYTHONDONTWRITEBYTECODE"} <= set(variables())
        assert re.search(r"^ExecStart=/opt/skillswap/.venv/bin/skillswap (run|api|bot|worker)$", text, re.MULTILINE)


def test_mongod_configuration_is_valid() -> None:
    program = find_mongod()
    assert program is not None
    command = [str(program), "--config", str(DEPLOY / "mongodb" / "mongod.conf"), "--outputConfig"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == 0
    assert "replSetName: rs0" in shown.stdout
