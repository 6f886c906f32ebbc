"""How a deck is made: the candidates from the index, without those decided about, in the order of the day."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from handlers.deps import Deps
from skillswap.domain.decks import (
    DECIDED_FOR,
    FIRST_CARDS,
    SWAPS,
    DeckAdvice,
    SkillCount,
    belongs,
    decision_mark,
    ordered,
    viewer_mark,
)
from skillswap.domain.matches import Match, match_between
from skillswap.domain.users import User

CANDIDATES = 100
"""So many people are compared at once; those behind them in the index come when these have been gone through."""
MAX_DECK = 1000
NEWCOMERS = 20
SPARE = 10
"""So many more are fetched at first: a few are always decided about or have no room for another request."""
MAX_BUSY = 200
"""So many people without room for another request are passed over."""
LOOK_AGAIN = 20
"""So many of those who have come before are looked up at once."""
MAX_TRIES = 5
MAX_ADVICE = 3


@dataclass(frozen=True, slots=True)
class _Barred:
    """Who does not come: `decided` says on what a decision about somebody rests, `always` holds whatever changes."""

    decided: dict[str, str | None]
    always: set[str]

    def holds_back(self, viewer: User, user: User) -> bool:
        if user.id in self.always or user.id not in self.decided:
            return user.id in self.always
        mark = self.decided[user.id]
        return mark is None or mark == decision_mark(viewer, user)


async def deck_of(
    deps: Deps, viewer: User, kind: str = SWAPS, *, after: str | None = None, size: int = 1
) -> list[Match]:
    """What comes after the person `after` in the viewer's deck of today: at least `size` people, if there are so many.

    An `after` that is not in the deck, as on another day, stands for its beginning.
    """
    now = deps.now()
    day, mark = now.date().isoformat(), viewer_mark(viewer)
    left: list[Match] = []
    for _ in range(MAX_TRIES):
        barred, known = await asyncio.gather(
            _barred(deps, viewer), deps.store.matches.find_order(viewer.id, kind, day=day, mark=mark)
        )
        start = known.index(after) + 1 if after in known else 0
        left = await _still_there(deps, viewer, kind, known[start:], size, barred)
        if len(left) >= size:
            return left
        found = await _undecided(deps, viewer, kind, _enough(start + size, len(known)), barred)
        matches = {user.id: match_between(viewer, user, at=now) for user in found}
        kept = {user_id: match for user_id in known if (match := matches.pop(user_id, None))}
        left = [kept[user_id] for user_id in known[start:] if user_id in kept]
        if not matches or len(known) >= MAX_DECK:
            return left
        if not known:
            await deps.store.users.note_active(viewer, at=now)
        shown = await deps.store.matches.shown(matches, day=day)
        new = list(matches.values())
        more = ordered(viewer, new, at=now, shown=shown, category_of=deps.vocabulary.category_of)
        left += more
        ids = [match.user.id for match in more]
        if await deps.store.matches.extend_order(viewer.id, kind, day=day, mark=mark, known=known, more=ids, at=now):
            await deps.store.matches.note_shown(ids[: max(0, FIRST_CARDS - len(known))], day=day, at=now)
            break
    return left


def _enough(upto: int, known: int) -> int:
    """How many to compare: whole shelves, and never fewer than have come before, whom newcomers stand in front of."""
    shelves = -(-upto // CANDIDATES) * CANDIDATES
    return min(MAX_DECK, max(shelves, known + NEWCOMERS if known >= CANDIDATES else 0))


async def _barred(deps: Deps, viewer: User) -> _Barred:
    decided, partners, blocked = await asyncio.gather(
        deps.store.seen.of(viewer.id, since=deps.now() - DECIDED_FOR),
        deps.store.swaps.open_partners(viewer.id),
        deps.store.blocks.of(viewer.id),
    )
    return _Barred(decided, partners | blocked | {viewer.id})


async def _still_there(
    deps: Deps, viewer: User, kind: str, known: list[str], size: int, barred: _Barred
) -> list[Match]:
    """The next of those who have come before, as far as they still may: that is cheaper than to compare everybody."""
    left: list[Match] = []
    step = size + LOOK_AGAIN
    for start in range(0, len(known), step):
        ids = [user_id for user_id in known[start : start + step] if user_id not in barred.always]
        users = await deps.store.users.find_many(ids)
        suit = [user for user_id in ids if (user := users.get(user_id)) is not None and belongs(viewer, user, kind)]
        free = await _with_room(deps, [user for user in suit if not barred.holds_back(viewer, user)])
        left += [match_between(viewer, user, at=deps.now()) for user in free]
        if len(left) >= size:
            break
    return left


async def _undecided(deps: Deps, viewer: User, kind: str, wanted: int, barred: _Barred) -> list[User]:
    """The best by rank about whom nothing is decided and who have room for a request."""
    found: list[User] = []
    seen: set[str] = set()
    at_most = wanted + len(barred.decided) + len(barred.always) + MAX_BUSY
    skip, limit = 0, wanted + SPARE
    while skip < at_most and len(found) < wanted:
        page = await deps.store.matches.best(viewer, kind, limit=limit, skip=skip)
        # Ranks may change between two pages: whoever has moved into the second one is not taken twice.
        free = [user for user in page if user.id not in seen and not barred.holds_back(viewer, user)]
        found += await _with_room(deps, free)
        seen.update(user.id for user in page)
        if len(page) < limit:
            break
        skip, limit = skip + limit, max(limit, at_most - skip - limit)
    return found[:wanted]


async def _with_room(deps: Deps, users: list[User]) -> list[User]:
    busy = await deps.store.matches.busy(user.id for user in users) if users else set()
    return [user for user in users if user.id not in busy]


async def advice_for(deps: Deps, viewer: User) -> DeckAdvice:
    """What would help most, in numbers: a few counts and two samples, each from an index and bounded."""
    store = deps.store.matches
    wanting, teaching, want_too, teach_too, skipped = await asyncio.gather(
        asyncio.gather(*(store.count_wanting(key, besides=viewer.id) for key in viewer.offered_keys)),
        asyncio.gather(*(store.count_teaching(key, besides=viewer.id) for key in viewer.wanted_keys)),
        _tally(store.keys_of_learners(viewer), besides=(*viewer.wanted_keys, *viewer.offered_keys)),
        _tally(store.keys_of_teachers(viewer), besides=(*viewer.offered_keys, *viewer.wanted_keys)),
        deps.store.seen.count_skipped(viewer.id),
    )

    def named(counts: list[tuple[str, int]]) -> tuple[SkillCount, ...]:
        return tuple(SkillCount(deps.vocabulary.name_of(key, viewer.locale), n) for key, n in counts)

    most = sorted(zip(viewer.offered_keys, wanting, strict=True), key=lambda count: -count[1])
    fewest = sorted(zip(viewer.wanted_keys, teaching, strict=True), key=lambda count: count[1])
    return DeckAdvice(
        wanting=named(most), teaching=named(fewest), want_too=named(want_too), teach_too=named(teach_too),
        skipped=skipped,
    )  # fmt: skip


async def _tally(lists: AsyncIterator[list[str]], *, besides: tuple[str, ...]) -> list[tuple[str, int]]:
    """The keys that stand on most of the lists."""
    counts: Counter[str] = Counter()
    async for keys in lists:
        counts.update(set(keys).difference(besides))
    return sorted(counts.items(), key=lambda count: (-count[1], count[0]))[:MAX_ADVICE]
