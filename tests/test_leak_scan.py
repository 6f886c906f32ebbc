"""The search for secrets finds what it is there for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.leak_scan import Canaries

SECRET = "a-secret-of-this-test-only"


@pytest.mark.parametrize("place", ["lines", "bodies", "files"])
def test_a_secret_in_a_log_or_an_error_is_found(place: str, tmp_path: Path) -> None:
    canaries = Canaries()
    canaries.secrets.add(SECRET)
    assert not canaries.found()
    if place == "files":
        log = tmp_path / "service.log"
        log.write_text(f"12:00:00 INFO api  opened with {SECRET}\n")
        canaries.files.append(log)
    else:
        getattr(canaries, place).append(f"something {SECRET} something")
    assert len(canaries.found()) == 1


def test_what_people_say_and_their_addresses_are_found_in_logs() -> None:
    canaries = Canaries()
    canaries.words.add("shall we meet at the library?")
    canaries.lines += ["sent shall we meet at the library?", "mail for ada@people.example.org", "all is well"]
    assert len(canaries.found()) == 2
