"""The leak scan finds secrets and personal data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.leak_scan import LeakScan

SECRET = "a-secret-of-this-test-only"


@pytest.mark.parametrize("target", ["lines", "bodies", "files"])
def test_secret_in_a_log_or_an_error_is_found(target: str, tmp_path: Path) -> None:
    scan = LeakScan()
    scan.secrets.add(SECRET)
    assert not scan.found()
    if target == "files":
        log = tmp_path / "service.log"
        log.write_text(f"12:00:00 INFO api  opened with {SECRET}\n")
        scan.files.append(log)
    else:
        getattr(scan, target).append(f"something {SECRET} something")
    assert len(scan.found()) == 1


def test_messages_and_mail_addresses_in_logs_are_found() -> None:
    scan = LeakScan()
    scan.texts.add("shall we meet at the library?")
    scan.lines += ["sent shall we meet at the library?", "mail for ada@people.example.org", "all is well"]
    assert len(scan.found()) == 2
