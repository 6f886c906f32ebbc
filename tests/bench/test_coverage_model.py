"""Packing into disjoint groups: groups are valid and disjoint, and close to the optimum by brute force."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.coverage_model import Community, Group, Wish, serve_at_once

KEYS = st.frozensets(st.sampled_from("abcdef"), min_size=1, max_size=2)
WISHES = st.lists(st.builds(Wish, KEYS, KEYS), max_size=9)


def teaches(wishes: list[Wish], one: int, other: int) -> bool:
    return one != other and bool(wishes[one].offers & wishes[other].wants)


def swaps(wishes: list[Wish], one: int, other: int) -> bool:
    return teaches(wishes, one, other) and teaches(wishes, other, one)


def groups_of(wishes: list[Wish]) -> set[Group]:
    """Return every pair and every circle by brute force."""
    people = range(len(wishes))
    pairs = {(a, b) for a in people for b in people if a < b and swaps(wishes, a, b)}
    circles = {
        (a, b, c)
        for a in people
        for b in people
        for c in people
        if a < b and a < c and teaches(wishes, a, b) and teaches(wishes, b, c) and teaches(wishes, c, a)
        if not (swaps(wishes, a, b) or swaps(wishes, b, c) or swaps(wishes, a, c))
    }
    return pairs | circles


def most(groups: list[Group], taken: frozenset[int] = frozenset()) -> int:
    """Return the most people that disjoint groups can serve, by brute force."""
    if not groups:
        return 0
    first, *rest = groups
    without = most(rest, taken)
    if taken & set(first):
        return without
    return max(without, len(first) + most(rest, taken | set(first)))


@given(WISHES)
def test_groups_exist_and_are_disjoint(wishes: list[Wish]) -> None:
    community = Community(wishes)
    assert set(community.pairs()) | set(community.circles()) == groups_of(wishes)
    served = serve_at_once(community)
    members = [member for group in served for member in group]
    assert len(members) == len(set(members))
    turned = {group[turn:] + group[:turn] for group in groups_of(wishes) for turn in range(len(group))}
    assert set(served) <= turned


@pytest.mark.parametrize("seed", range(30))
def test_result_is_within_a_tenth_of_the_optimum(seed: int) -> None:
    chance = random.Random(seed)
    keys = "abcdefghijkl"
    wishes = []
    for _ in range(14):
        both = chance.sample(keys, 3)
        wishes.append(Wish(frozenset(both[:1]), frozenset(both[1:])))
    groups = sorted(groups_of(wishes))
    served = sum(map(len, serve_at_once(Community(wishes))))
    assert served >= 0.9 * most(groups)


def test_same_seed_gives_the_same_groups() -> None:
    chance = random.Random(1)
    wishes = [Wish(frozenset(chance.sample("abcdefgh", 2)), frozenset(chance.sample("abcdefgh", 2))) for _ in range(60)]
    assert serve_at_once(Community(wishes), seed=3) == serve_at_once(Community(wishes), seed=3)


def test_result_without_circles_has_pairs_only() -> None:
    ring = [Wish(frozenset(offers), frozenset(wants)) for offers, wants in ("ac", "ba", "cb")]
    assert serve_at_once(Community(ring), with_circles=False) == []
    assert [set(group) for group in serve_at_once(Community(ring))] == [{0, 1, 2}]
