"""Match scores of two users, with their reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from domain import matches
from domain.availability import free_half_hours, is_zone, minutes_ahead_of_utc, minutes_together
from domain.decks import FIRST_CARDS, chance_of_answer, decision_mark, decision_stands, ordered
from domain.geo import Coordinates, coarse, distance_km
from domain.matches import Match, harmonic_mean
from domain.ranking import HALVED_IN, RANK_STEPS
from domain.users import User
from domain.week import free_hours

ONLINE = frozenset(("online", "en linea"))
directional_utility = partial(matches.directional_utility, online=ONLINE)
match_between = partial(matches.match_between, online=ONLINE)

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
LONG_AGO = AT - timedelta(days=300)
MADRID, NEAR_MADRID, LIMA = Coordinates(40.4, -3.7), Coordinates(40.5, -3.7), Coordinates(-12.0, -77.0)


def person(number: int = 1, **fields: Any) -> User:
    given: dict[str, Any] = {"skills_offered": ("Chess",), "skills_wanted": ("Go",), "created_at": LONG_AGO, **fields}
    return User(id=f"{number:024x}", name=f"P{number}", active_at=AT, **given)


def partner(number: int = 2, **fields: Any) -> User:
    return person(number, **{"skills_offered": ("Go",), "skills_wanted": ("Chess",), **fields})


def keys(factors: Any) -> list[str]:
    return [factor.key for factor in factors]


def test_unwanted_skill_has_no_value() -> None:
    assert directional_utility(person(), partner(skills_offered=("Piano",)), at=AT) == 0
    assert 0 < directional_utility(person(), partner(), at=AT) < 1
    one_sided = match_between(person(), partner(skills_wanted=("Piano",)), at=AT)
    assert not one_sided.is_two_sided
    assert one_sided.score > 0


def test_better_match_scores_higher() -> None:
    me = person(availability="weekday evenings", coordinates=MADRID)
    plain = directional_utility(me, partner(), at=AT)
    assert directional_utility(me, partner(availability="weekday evenings"), at=AT) > plain
    assert directional_utility(me, partner(availability="weekend mornings"), at=AT) < plain
    assert directional_utility(me, partner(coordinates=MADRID), at=AT) > plain
    assert directional_utility(me, partner(coordinates=LIMA), at=AT) < plain
    assert directional_utility(me, partner(locale="es"), at=AT) < plain
    second = replace(me, skills_wanted=("Piano", "Go"), wanted_keys=("piano", "go"))
    assert directional_utility(second, partner(), at=AT) < plain


def test_online_location_is_close_to_all() -> None:
    here, online = person(location="Madrid"), partner(location="En línea")
    assert "same_place" in keys(match_between(here, online, at=AT).reasons)
    assert "same_place" not in keys(matches.match_between(here, online, at=AT, online=frozenset()).reasons)
    assert "same_place" not in keys(match_between(here, partner(location="Lima"), at=AT).reasons)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lavapiés", "Lavapiés, Madrid"),
        ("lavapies", "Lavapiés (Madrid)"),
        ("Lavapiés Madrid", "Lavapiés, Madrid"),
        ("Madrid", "Madrid, Spain"),
        ("Łódź", "lodz"),
        ("St. John's", "St Johns, Canada"),
        ("北京，中国", "北京"),
    ],
)
def test_the_same_place_counts_however_it_is_typed(one: str, other: str) -> None:
    here = person(location=one)
    assert "same_place" in keys(match_between(here, partner(location=other), at=AT).reasons)
    assert "same_place" in keys(match_between(partner(location=other), here, at=AT).reasons)
    unknown = directional_utility(here, partner(), at=AT)
    assert directional_utility(here, partner(location=other), at=AT) > unknown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Madrid", "Lavapiés, Madrid"),
        ("Valencia, Spain", "Valencia, Venezuela"),
        ("Spain", "Madrid, Spain"),
        ("San", "San Francisco"),
        ("Madrid", ""),
        ("online", ""),
        (", ,", "()"),
    ],
)
def test_other_places_do_not_count_as_the_same(one: str, other: str) -> None:
    for here, there in ((one, other), (other, one)):
        assert "same_place" not in keys(match_between(person(location=here), partner(location=there), at=AT).reasons)


def test_slots_of_one_name_in_far_zones_are_no_common_time() -> None:
    here = person(availability="weekday mornings, weekday evenings", timezone="Europe/Madrid")
    there = partner(availability="weekday mornings, weekday evenings", timezone="America/Los_Angeles")
    match = match_between(here, there, at=AT)
    assert match.shared_slots == ()  # an evening there is a morning here
    assert match.reasons[0].params == {"n": 15, "amount": "much"}
    near = replace(there, timezone="Europe/London")
    assert match_between(here, near, at=AT).shared_slots == ("weekday mornings", "weekday evenings")


def test_score_depends_on_the_weaker_direction() -> None:
    assert harmonic_mean(1.0, 0.1) < harmonic_mean(0.4, 0.4)
    assert harmonic_mean(1.0, 0.0) == harmonic_mean() == 0
    assert harmonic_mean(0.5, 0.5, 0.5) == pytest.approx(0.5)
    me, other = person(), partner()
    back, forth = directional_utility(me, other, at=AT), directional_utility(other, me, at=AT)
    assert match_between(me, other, at=AT).score == pytest.approx(harmonic_mean(back, forth), abs=1e-4)


def test_hours_are_compared_across_time_zones() -> None:
    evenings = {"availability": "weekday evenings"}
    here = person(timezone="Europe/Madrid", **evenings)
    assert minutes_together(here, partner(timezone="Europe/Madrid", **evenings), at=AT) == 5 * 4 * 60
    assert minutes_together(here, partner(**evenings), at=AT) == 5 * 4 * 60
    assert minutes_together(here, partner(timezone="Europe/London", **evenings), at=AT) == 5 * 3 * 60
    # six in the evening in Madrid is noon in Lima, ten is four
    afternoons = partner(timezone="America/Lima", availability="weekday afternoons")
    assert minutes_together(here, afternoons, at=AT) == 5 * 4 * 60
    assert minutes_together(here, partner(timezone="America/Lima", **evenings), at=AT) == 0
    assert minutes_together(here, partner(availability="Mondays, perhaps"), at=AT) is None
    # Sunday evening in California is Monday in Tokyo
    assert free_half_hours(free_hours((), ("weekend evenings",)), minutes_ahead=-480).bit_count() == 16


@pytest.mark.parametrize("zone", ["Nowhere/Atlantis", "Europe", "/etc/passwd", "Europe/"])
def test_unknown_time_zone_counts_as_near(zone: str) -> None:
    assert not is_zone(zone)
    one, other = person(timezone=zone, availability="weekday evenings"), partner(availability="weekday evenings")
    assert minutes_together(one, replace(other, timezone="Asia/Tokyo"), at=AT) == 5 * 4 * 60


def test_utc_is_a_time_zone() -> None:
    assert is_zone("UTC")
    assert minutes_ahead_of_utc("UTC", AT.toordinal()) == 0


def test_daylight_saving_time_is_applied() -> None:
    winter, summer = AT.toordinal(), datetime(2026, 7, 1, tzinfo=UTC).toordinal()
    assert [minutes_ahead_of_utc("Europe/Madrid", day) for day in (winter, summer)] == [60, 120]


def test_coordinates_are_rounded_when_stored_and_shown() -> None:
    assert coarse(40.41683, -3.70379) == MADRID
    assert distance_km(MADRID, MADRID) == 0
    assert distance_km(MADRID, NEAR_MADRID) == 10
    assert distance_km(MADRID, LIMA) in range(9300, 9700, 10)
    assert distance_km(MADRID, None) is None
    assert str(coarse(-0.01, 0.01)) == str(Coordinates(0.0, 0.0))


def test_reasons_are_the_strongest_three_and_caveats_are_honest() -> None:
    me = person(availability="weekday evenings", coordinates=MADRID)
    match = match_between(
        me, partner(availability="weekday evenings", coordinates=MADRID, answered=9, ignored=1), at=AT
    )
    assert keys(match.reasons) == ["common_time", "very_near", "answers"]
    assert match.reasons[0].params == {"n": 20, "amount": "much"}
    assert keys(match.caveats) == []
    far = partner(availability="weekend mornings", coordinates=LIMA, locale="es")
    match = match_between(me, replace(far, active_at=AT - timedelta(days=90)), at=AT)
    assert keys(match.caveats) == ["no_common_time", "far", "away", "other_language"]
    assert match.shared_slots == ()
    assert keys(match_between(me, partner(), at=AT).caveats) == ["their_times_unknown"]
    assert keys(match_between(person(), partner(), at=AT).caveats) == ["your_times_unknown"]


def test_responsive_and_active_users_rank_first() -> None:
    usual = chance_of_answer(partner(), at=AT)
    assert chance_of_answer(partner(answered=5), at=AT) > usual > chance_of_answer(partner(ignored=5), at=AT)
    away = replace(partner(), active_at=AT - timedelta(days=60))
    assert chance_of_answer(away, at=AT) == pytest.approx(usual / 2)


def test_rank_orders_users_by_likelihood_of_an_answer() -> None:
    usual = partner().rank
    assert partner(answered=5).rank > usual > partner(ignored=5).rank
    assert replace(partner(answered=5), active_at=AT - timedelta(days=365)).rank < usual
    assert replace(partner(), active_at=AT + HALVED_IN).rank == usual + RANK_STEPS
    new = partner(created_at=AT)
    assert partner(answered=5).rank > new.rank > usual  # new is better than silent, and no better than proved


def in_order(viewer: User, people: list[User], at: datetime = AT, **shown: int) -> list[str]:
    found = [match_between(viewer, user, at=at) for user in people]
    counts = {user.id: shown.get(user.name, 0) for user in people}
    return [match.user.name for match in ordered(viewer, found, at=at, shown=counts, category_of=lambda key: None)]


def test_order_depends_on_the_day_and_the_viewer() -> None:
    people = [partner(number) for number in range(2, 40)]
    order = in_order(person(), people)
    assert in_order(person(), people[::-1]) == order
    assert in_order(person(), people, AT + timedelta(hours=3)) == order
    assert in_order(person(), people, AT + timedelta(days=1)) != order
    assert in_order(person(99), people) != order


def test_new_users_rank_higher_and_frequently_shown_ones_lower() -> None:
    people = [partner(number) for number in range(2, 8)]
    assert in_order(person(), [*people, partner(8, created_at=AT)])[0] == "P8"
    assert in_order(person(), people, P3=30)[-1] == "P3"


def test_the_first_cards_differ() -> None:
    me = person(skills_wanted=("Go", "Piano", "Sewing"))
    people = [partner(number, answered=20) for number in range(2, 30)]
    people += [partner(30, skills_offered=("Piano",)), partner(31, skills_offered=("Sewing",))]
    assert {"P30", "P31"} <= set(in_order(me, people)[: FIRST_CARDS // 2])
    assert len(set(in_order(me, people))) == len(people)


def test_decision_depends_on_the_shared_skills() -> None:
    me, other = person(), partner()
    mark = decision_mark(me, other)
    assert decision_mark(me, partner(skills_offered=("Go", "Piano"))) == mark
    assert decision_mark(person(skills_wanted=("Go", "Piano")), partner(skills_offered=("Go", "Piano"))) != mark
    assert decision_mark(person(skills_offered=("Judo",)), other) != mark


def test_a_decision_follows_its_skills_where_they_are_merged() -> None:
    me, other = person(skills_wanted=("Go", "Weiqi")), partner()

    def merged(key: str) -> str:
        return {"go": "weiqi"}.get(key, key)

    mark = decision_mark(me, other)
    assert decision_stands(mark, me, other, str)
    renamed = partner(skills_offered=("Weiqi",))
    assert not decision_stands(mark, me, renamed, str)
    assert decision_stands(mark, me, renamed, merged)
    assert decision_stands(mark, me, other, merged)  # before the profiles have followed
    assert not decision_stands(mark, me, partner(skills_offered=("Weiqi", "Piano")), str)
    many = tuple(f"A skill with quite a long name {number}" for number in range(20))
    me, other = person(skills_wanted=many), partner(skills_offered=many)
    assert decision_stands(decision_mark(me, other), me, other, str)
    assert not decision_stands(decision_mark(me, other), me, renamed, str)


def test_match_is_deterministic() -> None:
    assert isinstance(match_between(person(), partner(), at=AT), Match)
    assert match_between(person(), partner(), at=AT) == match_between(person(), partner(), at=AT)


def test_teacher_of_the_wanted_level_ranks_first() -> None:
    me = person(wanted_levels={"go": "advanced"})
    levels = ("expert", "advanced", None, "intermediate", "beginner")
    teachers = [partner(offered_levels={"go": level} if level else {}) for level in levels]
    worth = [directional_utility(me, teacher, at=AT) for teacher in teachers]
    assert worth == sorted(set(worth), reverse=True)
    expert, _, unsaid, _, beginner = (match_between(me, teacher, at=AT) for teacher in teachers)
    assert [factor.params for factor in expert.reasons if factor.key == "level"] == [{"skill": "Go", "level": "expert"}]
    assert "level" not in keys(unsaid.reasons)
    assert "low_level" in keys(beginner.caveats)
    easy = person(wanted_levels={"go": "beginner"})
    assert directional_utility(easy, teachers[0], at=AT) == directional_utility(easy, teachers[1], at=AT)
    top = person(wanted_levels={"go": "expert"})
    assert directional_utility(top, teachers[0], at=AT) == directional_utility(me, teachers[0], at=AT)


def test_decision_about_a_skill_of_symbols_is_kept() -> None:
    me, other = person(skills_wanted=(">",)), partner(skills_offered=(">",))
    assert decision_stands(decision_mark(me, other), me, other, str)
    assert not decision_stands(decision_mark(me, other), me, partner(skills_offered=("<",)), str)
