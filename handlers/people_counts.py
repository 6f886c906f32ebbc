"""Counts of the users who teach or want a skill, as one viewer may know of them: the one place where they are counted.

All channels show these counts, so that a number means the same everywhere; see `domain.decks.PeopleCount`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from domain.decks import DECIDED_FOR, PeopleCount, decision_stands
from domain.users import User
from handlers.runtime.deps import Deps
from storage.match_decisions import ASKED
from storage.matches import MAX_DECIDED

TEACHING: Final = "offered_keys"
WANTING: Final = "wanted_keys"
Side = Literal["offered_keys", "wanted_keys"]

FEW: Final = 20
"""Users who could be asked, up to which it is examined whether they have room for a request."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Relations of a viewer to others: `hidden` as `hidden_from` returns them, `of` the class of each listed user with
    whom there is something, `people` those users."""

    hidden: frozenset[str]
    of: Mapping[str, str]
    people: Mapping[str, User]


async def hidden_from(deps: Deps, viewer_id: str) -> set[str]:
    """Return the users whom no search shows or counts for this viewer: themselves, and all with a block to or from
    them."""
    return {viewer_id, *await deps.store.blocks.users_barred_from(viewer_id)}


async def load_relations(deps: Deps, viewer: User) -> Relations:
    """Return what is between the viewer and others, from a few indexed and bounded queries."""
    since = deps.now() - DECIDED_FOR
    hidden, is_open, decided = await asyncio.gather(
        hidden_from(deps, viewer.id),
        deps.store.matches.open_with(viewer.id),
        deps.store.match_decisions.latest(viewer.id, since=since, limit=MAX_DECIDED),
    )
    people = await deps.store.users.find_many({*is_open, *decided} - hidden)
    listed = {user_id: user for user_id, user in people.items() if user.is_listed and user.can_match}
    relations: dict[str, str] = {}
    for user_id, user in listed.items():
        if user_id in is_open:
            relations[user_id] = is_open[user_id]
            continue
        kind, mark = decided[user_id]
        if mark is None or decision_stands(mark, viewer, user, deps.vocabulary.key_of):
            relations[user_id] = "asked_before" if kind == ASKED else "passed"
    return Relations(frozenset(hidden), relations, listed)


async def count_people(
    deps: Deps, viewer: User, keys: Sequence[str], *, side: Side = TEACHING, relations: Relations | None = None
) -> dict[str, PeopleCount]:
    """Return, for each key, the users who teach it or want it (`side`); `relations` where they are loaded already."""
    relations = relations or await load_relations(deps, viewer)
    totals = await asyncio.gather(*(deps.store.matches.count(side, key, besides=relations.hidden) for key in keys))
    counts: dict[str, PeopleCount] = {}
    for key, total in zip(keys, totals, strict=True):
        known = Counter(
            relation for user_id, relation in relations.of.items() if key in _keys(relations.people[user_id], side)
        )
        name = deps.vocabulary.name_of(key, viewer.locale)
        counts[key] = PeopleCount(name, total, can_ask=max(0, total - known.total()), **known)
    return await _without_busy(deps, counts, side, relations)


async def _without_busy(
    deps: Deps, counts: dict[str, PeopleCount], side: Side, relations: Relations
) -> dict[str, PeopleCount]:
    """Return the counts with those set apart who have no room for a request, where few could be asked."""
    few = [key for key, count in counts.items() if 0 < count.can_ask <= FEW]
    besides = {*relations.hidden, *relations.of}
    found = await asyncio.gather(*(deps.store.matches.some_ids(side, key, besides=besides, limit=FEW) for key in few))
    busy = await deps.store.matches.busy_among({user_id for ids in found for user_id in ids})
    for key, ids in zip(few, found, strict=True):
        count = counts[key]
        full = min(count.can_ask, len(busy.intersection(ids)))
        counts[key] = replace(count, can_ask=count.can_ask - full, busy=full)
    return counts


def _keys(user: User, side: Side) -> tuple[str, ...]:
    return user.offered_keys if side == TEACHING else user.wanted_keys
