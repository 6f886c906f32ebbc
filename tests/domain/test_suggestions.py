"""Suggested times: when both are free on their own clocks, soon, and spread over days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.availability import local_time
from domain.suggestions import A_DAY_HAS, DAYS, local_starts, suggest_days, suggest_times
from domain.timetable import MAX_SLOTS, SUGGEST_FROM, SUGGEST_UNTIL
from domain.users import User

MADRID, NEW_YORK, KATHMANDU = "Europe/Madrid", "America/New_York", "Asia/Kathmandu"
BEFORE_SPRING = datetime(2027, 3, 24, 9, tzinfo=UTC)
"""A Wednesday four days before the clocks of Madrid change; those of New York have changed."""


def person(name: str, availability: str = "", timezone: str | None = None) -> User:
    return User(id=name * 24, name=name, created_at=BEFORE_SPRING, availability=availability, timezone=timezone)


def on_clock(times: tuple[datetime, ...], zone: str) -> list[tuple[int, int]]:
    return [(local.hour, local.minute) for local in (local_time(at, zone) for at in times)]


def test_both_are_free_on_their_own_clocks_across_a_change_to_summer_time() -> None:
    ana, li = person("a", "weekday evenings", MADRID), person("b", "weekday afternoons", NEW_YORK)
    times = suggest_times(ana, li, at=BEFORE_SPRING)
    assert len(times) == MAX_SLOTS
    changed = datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert times[0] < changed < times[-1]
    for at in times:
        assert 18 <= local_time(at, MADRID).hour < 22
        assert 12 <= local_time(at, NEW_YORK).hour < 18
    # Five hours lie between the two until Madrid's clocks change, six afterwards: the same evening hour is another
    # time in UTC, and both are still free at it.
    assert {local_time(at, MADRID).utcoffset() for at in times} == {timedelta(hours=1), timedelta(hours=2)}
    assert on_clock(times, MADRID) == [(18, 0)] * MAX_SLOTS


def test_times_lie_in_the_span_on_different_days_at_whole_hours() -> None:
    at = datetime(2027, 5, 4, 10, 17, 23, tzinfo=UTC)
    times = suggest_times(person("a", "weekday mornings", MADRID), person("b", "weekday mornings", MADRID), at=at)
    assert all(at + SUGGEST_FROM <= time <= at + SUGGEST_UNTIL for time in times)
    assert len({local_time(time, MADRID).date() for time in times}) == MAX_SLOTS
    assert {(time.minute, time.second) for time in times} == {(0, 0)}


def test_whole_hours_are_those_of_a_clock_that_is_off_by_45_minutes() -> None:
    times = suggest_times(person("a", "weekday mornings", KATHMANDU), person("b"), at=BEFORE_SPRING)
    assert {minute for _, minute in on_clock(times, KATHMANDU)} == {0}
    assert {time.minute for time in times} == {15}


def test_evenings_are_suggested_when_one_has_named_no_time() -> None:
    times = suggest_times(person("a", "", MADRID), person("b", "", MADRID), at=BEFORE_SPRING)
    assert on_clock(times, MADRID) == [(18, 0)] * MAX_SLOTS
    one = suggest_times(person("a", "weekend mornings", MADRID), person("b", "", MADRID), at=BEFORE_SPRING)
    assert on_clock(one, MADRID) == [(18, 0)] * MAX_SLOTS  # no hour in which both would be free


def test_nobody_is_woken_for_a_suggestion_where_an_hour_of_the_day_is_there_for_both() -> None:
    times = suggest_times(person("a", "", NEW_YORK), person("b", "", MADRID), at=BEFORE_SPRING)
    assert len(times) == MAX_SLOTS
    for zone in (NEW_YORK, MADRID):
        assert all(8 <= hour < 22 for hour, _ in on_clock(times, zone))


def test_what_is_planned_already_is_left_out() -> None:
    ana, li = person("a", "weekday evenings", MADRID), person("b", "weekday evenings", MADRID)
    first = suggest_times(ana, li, at=BEFORE_SPRING)[0]
    busy = [(first - timedelta(minutes=30), first + timedelta(minutes=30))]
    times = suggest_times(ana, li, at=BEFORE_SPRING, busy=busy)
    assert first not in times
    assert all(start + timedelta(hours=1) <= busy[0][0] or start >= busy[0][1] for start in times)


def test_without_any_zone_times_are_those_of_utc() -> None:
    times = suggest_times(person("a"), person("b"), at=BEFORE_SPRING)
    assert {time.hour for time in times} == {18}


@pytest.mark.parametrize(("day", "count"), [((2027, 3, 28), 46), ((2027, 10, 31), 48), ((2027, 6, 1), 48)])
def test_the_hour_that_is_lost_in_spring_is_no_start(day: tuple[int, int, int], count: int) -> None:
    starts = list(local_starts(datetime(*day, tzinfo=UTC).date(), MADRID))
    assert len(starts) == len(set(starts)) == count
    hours = {start.astimezone(ZoneInfo(MADRID)).hour for start in starts}
    assert (2 in hours) is (day != (2027, 3, 28))


def test_a_calendar_has_the_first_days_with_times_and_some_hours_of_each() -> None:
    ana, li = person("a", "weekday evenings", MADRID), person("b", "weekday evenings, weekend evenings", MADRID)
    busy = [(datetime(2027, 3, 25, 12, tzinfo=UTC), datetime(2027, 3, 25, 23, tzinfo=UTC))]
    times = suggest_days(ana, li, at=BEFORE_SPRING, busy=busy)
    days = [local_time(time, MADRID).date() for time in times]
    assert list(times) == sorted(times)
    assert date(2027, 3, 25) not in days  # all of it is taken
    assert {day.weekday() for day in days} <= set(range(5))
    assert max(days.count(day) for day in days) <= A_DAY_HAS
    assert len(set(days)) <= DAYS
    assert all(local_time(time, MADRID).minute == 0 for time in times)
