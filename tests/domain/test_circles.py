"""Transitions and search of circles: pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.circle_candidates import CircleCandidate, Neighbour, find_circle_candidates, fits, rank_circle_candidates
from domain.circle_views import view_of
from domain.circles import (
    ANSWER_WITHIN,
    MAX_REPLACEMENTS,
    REPLACE_WITHIN,
    Part,
    decline,
    end,
    fill,
    join,
    propose_circle,
    run_out,
    vacancy,
)
from domain.errors import Conflict, NotFound
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PROPOSED, Swap
from domain.users import User

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANA, LI, NOOR, OMAR = "a" * 24, "b" * 24, "c" * 24, "d" * 24
PARTS = (Part(ANA, "Guitar", "guitar"), Part(LI, "Python", "python"), Part(NOOR, "Chinese", "chinese"))


def someone(name: str, offered: str, wanted: str) -> Neighbour:
    return Neighbour(name, tuple(offered.split()), tuple(wanted.split()))


ME = someone("me", "guitar", "chinese")
LEARNER = someone("li", "python", "guitar")
TEACHER = someone("noor", "chinese", "python")


@pytest.fixture
def circle() -> Swap:
    return propose_circle(circle_id="e" * 24, parts=PARTS, at=NOON)


def joined(circle: Swap, *people: str) -> Swap:
    for person in people:
        circle = join(circle, by=person, version=circle.version, at=NOON)
    return circle


# ---- finding ------------------------------------------------------------------------------------------------------


def test_all_three_edges_run_from_a_teacher_to_a_learner() -> None:
    (candidate,) = find_circle_candidates(ME, [LEARNER], [TEACHER])
    assert candidate == CircleCandidate(("me", "li", "noor"), ("guitar", "python", "chinese"))
    people = {person.id: person for person in (ME, LEARNER, TEACHER)}
    for place, key in enumerate(candidate.keys):
        assert key in people[candidate.people[place]].offered
        assert key in people[candidate.people[(place + 1) % 3]].wanted


@pytest.mark.parametrize(
    ("learner", "teacher"),
    [
        (LEARNER, someone("noor", "chinese", "sewing")),  # the middle edge is missing
        (someone("li", "python", "sewing"), TEACHER),
        (LEARNER, someone("noor", "sewing", "python")),
        (someone("li", "sewing", "guitar"), someone("noor", "chinese python", "guitar")),  # the other way round
    ],
)
def test_a_missing_edge_is_no_circle(learner: Neighbour, teacher: Neighbour) -> None:
    candidates = find_circle_candidates(ME, [learner], [teacher])
    people = {person.id: person for person in (ME, learner, teacher)}
    for candidate in candidates:  # for any given users, every reported edge exists
        for place, key in enumerate(candidate.keys):
            assert key in people[candidate.people[place]].offered
            assert key in people[candidate.people[(place + 1) % 3]].wanted
    assert candidates == []


def test_pair_with_a_direct_swap_is_in_no_circle() -> None:
    for learner, teacher in (
        (someone("li", "python chinese", "guitar"), TEACHER),
        (LEARNER, someone("noor", "chinese", "python guitar")),
        (someone("li", "python", "guitar chinese"), TEACHER),
    ):
        assert find_circle_candidates(ME, [learner], [teacher]) == []


@pytest.mark.parametrize("pair", [("me", "li"), ("li", "noor"), ("me", "noor")])
def test_blocked_pair_anywhere_prevents_the_circle(pair: tuple[str, str]) -> None:
    assert find_circle_candidates(ME, [LEARNER], [TEACHER], blocked=frozenset([frozenset(pair)])) == []


def test_circle_has_three_distinct_members() -> None:
    both = someone("both", "chinese python", "guitar python")
    assert find_circle_candidates(ME, [both], [both]) == []
    assert find_circle_candidates(ME, [ME, LEARNER], [ME]) == []


def test_skill_learnt_in_a_circle_is_not_taught_in_it() -> None:
    learner = someone("li", "guitar", "guitar")
    assert find_circle_candidates(ME, [learner], [someone("noor", "chinese", "guitar sewing")]) == []


def test_rotations_of_a_circle_are_equal() -> None:
    everybody = [ME, LEARNER, TEACHER]
    candidates = [
        candidate for person in everybody for candidate in find_circle_candidates(person, everybody, everybody)
    ]
    assert len(candidates) == 3
    assert len({candidate.name for candidate in candidates}) == 1


def test_circles_are_ranked_by_their_worst_match_and_by_answer_rates() -> None:
    good, lopsided, silent = (
        CircleCandidate(("me", name, f"{name}2"), ("x", "y", "z")) for name in ("good", "lopsided", "silent")
    )
    values = {("me", "lopsided2"): 0.2}
    ranked = rank_circle_candidates(
        [silent, lopsided, good],
        lambda learner, teacher: values.get((learner, teacher), 0.8),
        lambda person: 0.5 if person.startswith("silent") else 0.9,
    )
    assert [candidate for _, candidate in ranked] == [good, lopsided, silent]


def test_the_first_circles_differ() -> None:
    chinese = [CircleCandidate(("me", f"li{n}", "yuki"), ("python", "guitar", "chinese")) for n in range(6)]
    other = CircleCandidate(("me", "omar", "fay"), ("python", "zither", "yodeling"))
    values = {("me", "fay"): 0.5}
    ranked = [
        candidate
        for _, candidate in rank_circle_candidates(
            [*chinese, other], lambda *pair: values.get(pair, 0.8), lambda person: 1
        )
    ]
    assert ranked[:2] == [chinese[0], other]
    assert set(ranked) == {*chinese, other}
    assert len(ranked) == 7


def test_replacement_matches_both_neighbours_without_a_direct_swap() -> None:
    teacher, learner = someone("ana", "guitar", "chinese"), someone("noor", "chinese", "python")
    assert fits(teacher, someone("omar", "python", "guitar"), learner)
    assert not fits(teacher, someone("omar", "python chinese", "guitar"), learner)
    assert not fits(teacher, teacher, learner)
    blocked = frozenset([frozenset(("omar", "noor"))])
    assert not fits(teacher, someone("omar", "python", "guitar"), learner, blocked=blocked)


# ---- joining and leaving ------------------------------------------------------------------------------------------


def test_last_acceptance_closes_the_circle(circle: Swap) -> None:
    assert [(leg.teacher, leg.learner, leg.skill) for leg in circle.legs] == [
        (ANA, LI, "Guitar"),
        (LI, NOOR, "Python"),
        (NOOR, ANA, "Chinese"),
    ]
    assert circle.due_at == NOON + ANSWER_WITHIN
    waiting = joined(circle, NOOR)
    assert (waiting.status, waiting.promises) == (PROPOSED, ())
    closed = joined(waiting, LI)
    assert (closed.status, closed.due_at) == (ACCEPTED, None)
    assert set(closed.promises) == {f"{LI}:guitar", f"{NOOR}:python", f"{ANA}:chinese"}
    assert joined(circle, LI, NOOR).status == ACCEPTED


def test_acceptance_of_an_older_version_is_refused(circle: Swap) -> None:
    assert joined(circle, ANA) is circle  # accepted already
    later = joined(circle, NOOR)
    assert join(later, by=LI, version=circle.version, at=NOON).status == ACCEPTED  # the same people, the same skills
    replaced = fill(decline(later, by=LI, at=NOON), Part(OMAR, "Python 3", "python"), at=NOON)
    with pytest.raises(Conflict, match=r"circle\.changed"):
        join(replaced, by=OMAR, version=circle.version, at=NOON)
    with pytest.raises(Conflict, match=r"circle\.changed"):
        join(replaced, by=OMAR, version=replaced.version + 1, at=NOON)
    with pytest.raises(Conflict, match=r"circle\.expired"):
        join(circle, by=LI, version=1, at=NOON + ANSWER_WITHIN)
    with pytest.raises(NotFound):
        join(circle, by=OMAR, version=1, at=NOON)


def test_decline_keeps_other_acceptances_and_the_place_is_filled(circle: Swap) -> None:
    left = decline(joined(circle, NOOR), by=LI, at=NOON)
    assert (left.status, left.participants, set(left.consents)) == (PROPOSED, (ANA, NOOR), {ANA, NOOR})
    assert vacancy(left) == ("python", "guitar")
    assert left.due_at == NOON + REPLACE_WITHIN
    assert left.can(LI) == ()
    replaced = fill(left, Part(OMAR, "Python 3", "python"), at=NOON)
    assert replaced.participants == (ANA, OMAR, NOOR)
    assert [(leg.teacher, leg.learner) for leg in replaced.legs] == [(ANA, OMAR), (OMAR, NOOR), (NOOR, ANA)]
    assert vacancy(replaced) is None
    assert joined(replaced, OMAR).status == ACCEPTED


def test_late_answer_gets_the_final_state(circle: Swap) -> None:
    closed = joined(circle, LI, NOOR)
    with pytest.raises(Conflict, match=r"circle\.closed"):
        decline(closed, by=NOOR, at=NOON)
    ended = end(closed, by=LI, at=NOON)
    assert (ended.status, ended.promises) == (CANCELLED, ())
    for move in (decline, end):
        with pytest.raises(Conflict, match=r"circle\.over"):
            move(ended, by=ANA, at=NOON)


def test_circle_without_interested_members_ends(circle: Swap) -> None:
    assert decline(circle, by=ANA, at=NOON).status == CANCELLED  # nobody else has joined
    once = decline(circle, by=LI, at=NOON)
    assert decline(once, by=NOOR, at=NOON).status == CANCELLED
    for _ in range(MAX_REPLACEMENTS):
        assert once.due_at == NOON + REPLACE_WITHIN
        once = decline(fill(once, Part(OMAR, "Python", "python"), at=NOON), by=OMAR, at=NOON + timedelta(hours=1))
    assert once.status == CANCELLED


def test_silent_member_is_removed_once_at_the_due_time(circle: Swap) -> None:
    with pytest.raises(Conflict):
        run_out(circle, at=NOON)
    due = NOON + ANSWER_WITHIN
    assert run_out(circle, at=due).status == EXPIRED  # two have not answered
    left = run_out(joined(circle, NOOR), at=due)
    assert (left.participants, left.due_at) == ((ANA, NOOR), due + REPLACE_WITHIN)
    assert run_out(left, at=due + REPLACE_WITHIN).status == EXPIRED
    silent = fill(left, Part(OMAR, "Python", "python"), at=due)
    assert run_out(silent, at=due + REPLACE_WITHIN).status == EXPIRED


# ---- seeing -------------------------------------------------------------------------------------------------------


def test_circle_before_closing_has_first_names_only(circle: Swap) -> None:
    people = {
        user_id: User(user_id, name, NOON, photo_url="https://pictures.example.org/face.jpg")
        for user_id, name in ((ANA, "Ana Alvarez"), (LI, "Li Wei"), (NOOR, "Noor"))
    }
    seen = view_of(circle, LI, people, NOON)
    assert seen is not None
    assert (seen.you_learn.name, seen.you_learn.skill) == ("Ana", "Guitar")
    assert (seen.you_teach.name, seen.you_teach.skill, seen.between) == ("Noor", "Python", "Chinese")
    assert seen.can == ("join", "leave")
    for secret in (ANA, NOOR, "Alvarez", "face.jpg"):
        assert secret not in str(seen)
    closed = view_of(joined(circle, LI, NOOR), LI, people, NOON)
    assert closed is not None
    assert (closed.you_learn.user_id, closed.you_teach.user_id) == (ANA, NOOR)
    out = view_of(decline(circle, by=LI, at=NOON), LI, people, NOON)
    assert out is not None
    assert (out.status, out.can, out.you_teach.name) == ("declined", (), "")
    assert view_of(circle, OMAR, people, NOON) is None
