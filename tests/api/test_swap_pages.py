"""Bodies of `GET /api/swap` that are kept: each is what would be made anew, at every time, for every viewer."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from api.schemas.swaps import SwapDocument, swap_document
from api.swap_pages import ROOM_OF_ONE, SwapPages
from domain import outcomes, planning
from domain.declines import REASONS
from domain.errors import Problem
from domain.moments import next_moment
from domain.planning import Meeting
from domain.sessions import ANSWERS, Answer
from domain.swaps import ACCEPTED, Swap
from handlers.runtime.texts import Texts, load_texts
from tests.domain.event_swaps import ADA, AT, BEN, NOOR, answered, circle, closed_circle, countered, pair

HISTORIES = 10
TEXTS = load_texts()
TICK = timedelta(microseconds=1)


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Viewers of the documents that are made: a kept body needs none."""
    viewers: list[str] = []

    def make(swap: Swap, viewer_id: str, at: datetime, texts: Texts) -> SwapDocument:
        viewers.append(viewer_id)
        return swap_document(swap, viewer_id, at, texts)

    monkeypatch.setattr("api.swap_pages.swap_document", make)
    return viewers


def act(swap: Swap, at: datetime, rng: random.Random) -> Swap:
    """Return the swap after something that one of its users, or the sweep, may do; it raises what they may not."""
    by = rng.choice(swap.participants)
    session = rng.choice(swap.plan.sessions).id if swap.plan.sessions else ""
    slots = tuple(at + timedelta(hours=rng.randint(1, 60)) for _ in range(rng.randint(1, 3)))
    meeting = Meeting(slots, minutes=rng.choice([15, 60]), legs=(rng.randrange(2),) if rng.random() < 0.5 else ())
    match rng.choice(["offer", "offer", "agree", "agree", "agree", "move", "off", "confirm", "met", "answer", "answer",
                      "answer", "close", "done", "end", "lapse", "state", "arrange"]):  # fmt: skip
        case "offer":
            return planning.offer(swap, meeting, by=by, at=at)
        case "agree":
            offered = next((one for one in swap.plan.upcoming if one.slots), None)
            if offered is None:
                return swap
            return planning.agree(swap, offered.id, rng.choice(offered.slots), by=by, at=at)
        case "move":
            return planning.move(swap, session, meeting, by=by, at=at)
        case "off":
            return planning.call_off(swap, session, by=by, at=at)
        case "confirm":
            return planning.confirm(swap, session, by=by, at=at)
        case "met":
            return planning.note_met(swap, replace(meeting, slots=()), by=by, at=at)
        case "answer":
            said = rng.choice(ANSWERS)
            legs = swap.plan.find(session).legs if swap.plan.find(session) and said == "yes" else ()  # type: ignore[union-attr]
            return outcomes.answer(swap, session, Answer(by, said, at, legs=legs))
        case "close":
            return outcomes.close_session(swap, session, at=at)
        case "done":
            return outcomes.done(swap, by=by, at=at)
        case "end":
            return outcomes.end(swap, by=by, at=at) if rng.random() < 0.2 else swap
        case "lapse":
            return outcomes.lapse(swap, at=at)
        case "state":
            return outcomes.state(swap, "They were not there.", by=by, at=at)
    return planning.arrange(swap, by=by, at=at)


def lives(seed: int) -> Iterator[tuple[Swap, datetime]]:
    """Yield a swap or circle at each step of a random life, and the time."""
    rng = random.Random(seed)
    swap, at = rng.choice([answered(ACCEPTED), answered(ACCEPTED), closed_circle()]), AT
    for _ in range(40):
        at += timedelta(minutes=rng.choice([1, 20, 60, 24 * 60]))
        before = swap
        with suppress(Problem):
            swap = act(swap, at, rng)
        if swap is not before:
            yield swap, at


def others() -> Iterator[tuple[Swap, datetime]]:
    for swap in (pair(), countered(), circle(), answered("cancelled"), answered("expired"), answered("rejected")):
        yield swap, AT
    for reason in REASONS:
        yield replace(answered("rejected"), decline_reason=reason), AT


def moments(swap: Swap, at: datetime) -> list[datetime]:
    """Return times at which the swap is looked at: now, and around whatever it names, and around its deadlines."""
    named = {at, swap.updated_at, swap.plan.completed_at, swap.plan.disputed_at}
    for one in swap.plan.upcoming:
        named |= {*one.slots, one.starts_at, one.ends_at, one.closes_at}
    known = [one for one in named if one is not None]
    since = {one + timedelta(hours=hours) for one in known for hours in (-24, 0, 24, 72, 336)}
    return sorted({one + step for one in since for step in (-TICK, timedelta(0), TICK)})


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_a_swap_looks_the_same_until_its_next_moment(seed: int) -> None:
    seen = list(others() if seed == 0 else lives(seed))
    for swap, now in seen:
        times = moments(swap, now)
        for viewer in (ADA, BEN, NOOR):
            shown = [swap_document(swap, viewer.id, at, TEXTS["en"]) for at in times]
            for first, at in enumerate(times):
                until = next_moment(swap, at)
                following = first + 1
                if following < len(times) and (until is None or times[following] < until):
                    assert shown[following] == shown[first], (at, times[following])


def test_a_kept_body_is_the_one_that_would_be_made(documents: list[str]) -> None:
    pages, texts = SwapPages(), TEXTS["en"]
    declined = replace(answered("rejected"), decline_reason=REASONS[0])
    page = (declined, answered(ACCEPTED), pair())
    hours = [0, 1, 1, 23, 24, 25, 24 * 13, 24 * 14, 24 * 15, 5]  # a moved clock may go back
    for viewer in (ADA, BEN, ADA):
        for hour in hours:
            at = AT + timedelta(hours=hour)
            for language in (texts, TEXTS["de"], texts):
                made = SwapPages().body(page, 2, viewer.id, at, language)
                assert pages.body(page, 2, viewer.id, at, language) == made
    changed = (pair().accept(by=BEN.id, at=AT),)
    assert pages.body(changed, 2, ADA.id, AT, texts) == SwapPages().body(changed, 2, ADA.id, AT, texts)
    documents.clear()
    assert pages.body(changed, 2, ADA.id, AT, texts) == pages.body(changed, 2, ADA.id, AT, texts)
    assert documents == []


def test_kept_bodies_are_bounded_and_the_one_asked_for_longest_ago_goes_first(documents: list[str]) -> None:
    texts: Texts = TEXTS["en"]
    page, size = (pair(),), 600
    pages = SwapPages(max_bytes=2 * (size + ROOM_OF_ONE))
    first = pages.body(page, 1, ADA.id, AT, texts)
    pages.body(page, 1, BEN.id, AT, texts)
    assert pages.body(page, 1, ADA.id, AT, texts) == first
    pages.body(page, 1, NOOR.id, AT, texts)
    assert pages.body(page, 1, ADA.id, AT, texts) == first
    assert documents == [ADA.id, BEN.id, NOOR.id]
    pages.body(page, 1, BEN.id, AT, texts)
    assert documents[3:] == [BEN.id]


def test_a_body_takes_a_fraction_of_its_text() -> None:
    pages, page, taken = SwapPages(), (pair(),) * 20, 0
    tracemalloc.start()
    for number in range(50):
        taken += len(pages.body(page, 20, f"{number:024x}", AT, TEXTS["en"]))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 0.2 * taken


def test_a_page_that_was_read_for_one_question_leaves_no_body(documents: list[str]) -> None:
    pages, texts = SwapPages(), TEXTS["en"]
    kept = (pair(),)
    body = pages.body(kept, 1, ADA.id, AT, texts)
    read = list(kept)
    assert pages.body(read, 1, ADA.id, AT, texts) == pages.body(read, 1, ADA.id, AT, texts) == body
    assert len(documents) == 3
    assert pages.body(kept, 1, ADA.id, AT, texts) == body
    assert len(documents) == 3


def test_bodies_of_those_without_a_swap_are_bounded_as_well() -> None:
    pages = SwapPages(max_bytes=3 * ROOM_OF_ONE)
    tracemalloc.start()
    for number in range(1000):
        pages.body((), 1, f"{number:024x}", AT, TEXTS["en"])
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 10 * ROOM_OF_ONE
