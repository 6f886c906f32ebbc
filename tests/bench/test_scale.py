"""The model of decision 23: links that number their frames and say their last number lose nothing, and others do."""

from __future__ import annotations

import pytest

from tests.bench.scale import RELAYS, Link, Play, costs


@pytest.mark.parametrize("hubs", [1, RELAYS])
def test_numbered_links_lose_nothing_whatever_fails(hubs: int) -> None:
    play = Play(1000, hubs=hubs, seed=3)
    assert play.run() == ""
    assert play.resyncs > 0  # something did fail


def test_a_link_that_says_no_last_number_loses_the_last_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Play, "_beat", lambda self, now: None)
    monkeypatch.setattr(Play, "_lost", lambda self, process, now: None)
    assert "never arrived" in Play(1000, hubs=1, seed=3).run()


def test_a_full_queue_is_bounded_and_shows_as_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.scale.LINK_QUEUE", 10)
    link = Link()
    for seq in range(1, 30):
        link.send(1, 1, seq, is_dropped=False)
    assert (link.longest, link.numbered, len(link.queue)) == (10, 29, 10)
    assert Play(1000, hubs=1, seed=3).run() == ""


def test_many_processes_cost_the_database_less_when_paced() -> None:
    line = next(line for line in costs() if line.startswith("  1000, 100:"))
    at_once, paced = (float(part.split(" and ")[1].split()[0]) for part in line.split(":")[1].split("|"))
    assert paced < at_once / 4
