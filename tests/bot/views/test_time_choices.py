"""The times on a keyboard: read back from its data, within Telegram's limit, and three ticks at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views.screens import Screen, button
from bot.views.session_planning import Planning, days_screen, hours_screen, length_screen, pick_screen
from bot.views.time_choices import MAX_TIMES, TimeChoice, choice_of, decoded
from domain.swaps import propose
from domain.timetable import MAX_SLOTS
from domain.users import User
from handlers.runtime.texts import load_texts

AT = datetime(2027, 3, 20, 9, tzinfo=UTC)
TIMES = [AT + timedelta(days=days) for days in range(1, 9)]
ADA = User(id="a" * 24, name="Ada", created_at=AT, timezone="Europe/Madrid")


@given(
    times=st.sets(st.integers(1, 60_000_000), max_size=MAX_TIMES),
    ticks=st.integers(0, 15),
    minutes=st.integers(15, 240),
)
def test_a_choice_is_read_back_from_the_data_of_a_button(times: set[int], ticks: int, minutes: int) -> None:
    all_times = tuple(datetime.fromtimestamp(60 * time, UTC) for time in sorted(times))
    ticked = frozenset(time for number, time in enumerate(all_times) if ticks >> number & 1)
    choice = TimeChoice(all_times, ticked, minutes)
    assert decoded(choice.encoded()) == choice


@given(st.text(max_size=40))
def test_other_data_is_refused_without_an_error(text: str) -> None:
    choice = decoded(text)
    assert choice is None or decoded(choice.encoded()) == choice


def test_a_new_time_takes_the_place_of_one_without_a_tick() -> None:
    choice = choice_of(TIMES[:MAX_TIMES]).toggled(TIMES[0])
    after = choice.with_time(TIMES[7])
    assert after.times == (TIMES[0], TIMES[2], TIMES[3], TIMES[7])
    assert after.ticked == {TIMES[0], TIMES[7]}
    assert after.after(TIMES[2]).times == (TIMES[3], TIMES[7])


@pytest.mark.parametrize("target", ["a", "l2", "20"])
def test_all_buttons_fit_into_telegrams_64_bytes_and_offer_three_times_at_most(target: str) -> None:
    swap = propose(
        swap_id="f" * 24, from_id=ADA.id, to_id="b" * 24, offered_skill="x", wanted_skill="y", message="", at=AT
    )
    planning = Planning(load_texts()["en"], swap, target, ADA, "Ben", AT)
    choice = choice_of(TIMES[:MAX_TIMES])
    for time in TIMES[:MAX_SLOTS]:
        choice = choice.toggled(time)
    day = AT.date() + timedelta(days=3)
    screens: list[Screen] = [
        pick_screen(planning, choice),
        days_screen(planning, choice, AT.date()),
        hours_screen(planning, choice, day),
        length_screen(planning, choice),
    ]
    data = [str(key.callback_data) for screen in screens for row in screen.rows for key in row]
    assert len(data) > 50
    assert max(len(one.encode()) for one in data) <= 64
    ticked = [decoded(one.split(":")[4]) for one in data if one.startswith(f"sp:{swap.id}:{target}:p:")]
    assert all(one is not None and len(one.ticked) <= MAX_SLOTS for one in ticked)
    with pytest.raises(ValueError, match="at most 64"):
        button("x", "y" * 65)
