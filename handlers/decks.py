"""Decks: candidates from the index, without those decided about, in the order of the day."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, replace

from domain.decks import (
    DECIDED_FOR,
    FIRST_CARDS,
    KINDS,
    SWAPS,
    DeckAdvice,
    PeopleCount,
    SkillCount,
    belongs,
    decision_stands,
    ordered,
    viewer_mark,
)
from domain.matches import Candidate, Match, explained, weigh
from domain.users import User
from handlers.people_counts import TEACHING, WANTING, Relations, count_people, load_relations
from handlers.runtime.deps import Deps
from storage.matches import Found

CANDIDATES = 20
"""Users compared at once, at least; those behind them in the index follow when these are used up. The index is ordered
by chance of an answer: the ten best of these have 93 % of the weight of the ten best of a thousand (`make
bench-matching`), and each user costs the store as much as the one before."""
RESERVE = 10
"""Users compared beyond the size of the page, at least."""
MAX_DECK = 1000
SPARE = 4
"""Users of a known order read beyond the size of the page and those who were decided about: some are gone, some are
asked by many."""
MAX_BUSY = 200
"""Users without room for another request who are passed over."""
GROWTH, MAX_AT_ONCE = 4, 1000
"""Growth of each further query over the one before, and the largest query."""
MAX_TRIES = 5
MAX_ADVICE = 3
IS_OPEN = ("partners", "asked", "asking")


@dataclass(frozen=True, slots=True)
class Deck:
    """State of a viewer's deck: the ids in the order of the day so far, and the users to leave out.

    `key_of` follows merged skills; `best` holds the first candidates if they were read in the same query.
    """

    viewer: User
    kind: str
    day: str
    mark: str
    known: list[str]
    decided: dict[str, str | None]
    barred: set[str]
    key_of: Callable[[str], str]
    best: Found | None = None

    def is_open(self, user: User) -> bool:
        """Return whether nothing is decided about this user, nothing is open with them, and neither blocks the
        other."""
        if user.id in self.barred or not user.is_listed:  # another program may have changed a status alone
            return False
        if user.id not in self.decided:
            return True
        mark = self.decided[user.id]
        return mark is not None and not decision_stands(mark, self.viewer, user, self.key_of)


async def deck_of(
    deps: Deps, viewer: User, kind: str = SWAPS, *, after: str | None = None, size: int = 1
) -> list[Match]:
    """Return up to `size` users who follow the user `after` in the viewer's deck of today.

    An `after` that is not in the deck, as on another day, means the beginning.
    """
    now, online = deps.now(), deps.online_places
    left: list[User] = []
    fresh: list[Candidate] = []
    for attempt in range(MAX_TRIES):
        deck = await open_deck(deps, viewer, kind, size, again=attempt > 0)
        start = deck.known.index(after) + 1 if after in deck.known else 0
        left = await _of_order(deps, deck, deck.known[start:], size)
        if len(left) >= size or len(deck.known) >= MAX_DECK:
            break
        found, shown = await newcomers(deps, deck, size - len(left))
        if not found:
            break
        weighed = [weigh(viewer, user, at=now, online=online) for user in found]
        more = ordered(viewer, weighed, at=now, shown=shown, category_of=deps.vocabulary.category_of)
        if await _keep(deps, deck, [candidate.user.id for candidate in more]):
            fresh = more
            break
    candidates = [weigh(viewer, user, at=now, online=online) for user in left[:size]] + fresh
    return [explained(viewer, candidate, at=now) for candidate in candidates[:size]]


async def open_deck(deps: Deps, viewer: User, kind: str, size: int, *, again: bool = False) -> Deck:
    """Return the state of a deck.

    The first request of a day finds no order: its candidates are read at once, and the order only with `again`, when
    another request turns out to have drawn one meanwhile.
    """
    now = deps.now()
    day, mark = now.date().isoformat(), viewer_mark(viewer)
    store, since = deps.store.matches, now - DECIDED_FOR
    best = None
    if again or (viewer.active_at is not None and viewer.active_at.date() >= now.date()):
        found = await store.standing(viewer.id, kind, day=day, mark=mark, since=since)
    else:
        found, best = await store.opening(viewer, kind, day=day, since=since, limit=_compared(size))
    return Deck(viewer, kind, day, mark, found.order, found.decided, found.barred, deps.vocabulary.key_of, best)


async def _of_order(deps: Deps, deck: Deck, ids: list[str], size: int) -> list[User]:
    """Return the first users of a known order who still exist, match, and have room for a request."""
    left: list[User] = []
    ids = [person for person in ids if person not in deck.barred]
    spare = SPARE
    while ids and len(left) < size:
        some = ids[: _reading(deck, ids, size - len(left) + spare)]
        ids = ids[len(some) :]
        spare *= GROWTH  # many are gone at once: a whole order is read in a few steps
        found = await deps.store.matches.people(some, day=deck.day)
        people = {user.id: user for user in found.people}
        left += [
            people[person]
            for person in some
            if person in people
            and person not in found.busy
            and deck.is_open(people[person])
            and belongs(deck.viewer, people[person], deck.kind)
        ]
    return left


def _reading(deck: Deck, ids: list[str], count: int) -> int:
    """Return how many of the ids are to be read for `count` users about whom nothing was decided."""
    undecided = [place for place, person in enumerate(ids) if person not in deck.decided]
    return undecided[count - 1] + 1 if len(undecided) >= count else len(ids)


async def newcomers(deps: Deps, deck: Deck, size: int) -> tuple[list[User], dict[str, int]]:
    """Return the best by rank who are not in the order yet, at least `size` if there are so many, and how often each
    was shown."""
    besides = {*deck.known, *deck.barred}
    compared = _compared(size)
    enough, limit = max(size, compared // 2), compared
    left = compared + len(deck.decided) + MAX_BUSY
    free: list[User] = []
    shown: dict[str, int] = {}
    found = None if deck.known else deck.best
    while True:
        if found is None:
            found = await deps.store.matches.candidates(
                deck.viewer, deck.kind, day=deck.day, besides=besides, limit=limit
            )
        free += [user for user in found.people if user.id not in found.busy and deck.is_open(user)]
        shown |= found.shown
        left -= len(found.people)
        if len(free) >= enough or len(found.people) < limit or left <= 0:
            return free[:compared], shown
        besides.update(user.id for user in found.people)
        limit, found = min(GROWTH * limit, left, MAX_AT_ONCE), None


def _compared(size: int) -> int:
    return max(CANDIDATES, size + RESERVE)


async def _keep(deps: Deps, deck: Deck, more: list[str]) -> bool:
    """Append to the order, and count its first cards. False when another request has extended the order meanwhile; that
    one counts.

    The visit is noted in either case: as long as it is not, each request looks for the first cards of a day again. One
    that is noted before the order costs a request that comes meanwhile a search in vain, and no more.
    """
    now, known, viewer = deps.now(), deck.known, deck.viewer
    extending = deps.store.matches.extend_order(
        viewer.id, deck.kind, day=deck.day, mark=deck.mark, known=known, more=more, at=now
    )
    if known:
        is_kept = await extending
    else:
        is_kept, _ = await asyncio.gather(extending, deps.store.users.note_active(viewer, at=now))
    if is_kept:
        deps.showings.note(more[: max(0, FIRST_CARDS - len(known))], day=deck.day)
    return is_kept


async def advice_for(deps: Deps, viewer: User) -> DeckAdvice:
    """Return counts that say what would help most: a few counts and two samples, each from an index and bounded.

    Blocked users do not count, nor do skills rejected by moderators; users with an open swap are no further matches.
    """
    store, refused = deps.store.matches, deps.vocabulary.rejected
    relations = await load_relations(deps, viewer)
    besides = {*relations.hidden, *(person for person, relation in relations.of.items() if relation in IS_OPEN)}
    offered = [key for key in viewer.offered_keys if key not in refused]
    wanted = [key for key in viewer.wanted_keys if key not in refused]
    has = {*viewer.offered_keys, *viewer.wanted_keys, *refused}
    wanting, teaching, want_too, teach_too = await asyncio.gather(
        count_people(deps, viewer, offered, side=WANTING, relations=relations),
        count_people(deps, viewer, wanted, side=TEACHING, relations=relations),
        _tally(store.keys_of_learners(viewer, besides=besides), besides=has),
        _tally(store.keys_of_teachers(viewer, besides=besides), besides=has),
    )

    own = dict(zip(viewer.offered_keys, viewer.skills_offered, strict=True))
    own |= zip(viewer.wanted_keys, viewer.skills_wanted, strict=True)

    def name_of(key: str) -> str:
        """Name the skill; one without a name is in the viewer's spelling, since its key has small letters only."""
        name = deps.vocabulary.name_of(key, viewer.locale)
        return own.get(key, name) if name == key else name

    def named(counts: dict[str, PeopleCount]) -> list[PeopleCount]:
        return [replace(count, skill=name_of(key)) for key, count in counts.items()]

    return DeckAdvice(
        wanting=tuple(sorted(named(wanting), key=lambda count: -count.can_ask)),
        teaching=tuple(sorted(named(teaching), key=lambda count: (count.can_ask, count.people))),
        want_too=tuple(SkillCount(name_of(key), n) for key, n in want_too),
        teach_too=tuple(SkillCount(name_of(key), n) for key, n in teach_too),
        skipped=count_skipped(viewer, relations),
    )


def count_skipped(viewer: User, relations: Relations) -> int:
    """Return how many users come again when the viewer reconsiders those passed over: who are still there and suit."""
    passed = (relations.people[person] for person, relation in relations.of.items() if relation == "passed")
    return sum(any(belongs(viewer, user, kind) for kind in KINDS) for user in passed)


async def _tally(lists: AsyncIterator[list[str]], *, besides: Collection[str]) -> list[tuple[str, int]]:
    """Return the keys that occur in most lists."""
    counts: Counter[str] = Counter()
    async for keys in lists:
        counts.update(set(keys).difference(besides))
    return sorted(counts.items(), key=lambda count: (-count[1], count[0]))[:MAX_ADVICE]
