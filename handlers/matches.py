"""The deck: who could swap with me, one at a time, nobody twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

from handlers.deps import Deps
from handlers.rates import SEARCHES
from handlers.users import view_user
from skillswap.domain.errors import Invalid, NotFound
from skillswap.domain.matches import DeckAdvice, Match, match_between
from skillswap.domain.skills import clean_skill
from skillswap.domain.users import User
from storage.seen import SKIPPED
from storage.users import MAX_CANDIDATES

MAX_RESULTS = 50


async def list_matches(deps: Deps, actor: User, *, limit: int = MAX_RESULTS) -> list[Match]:
    """People with whom a direct swap is possible and about whom nothing is decided yet, best first."""
    matches: list[Match] = []
    async for match in _undecided(deps, actor):
        matches.append(match)
        if len(matches) >= min(limit, MAX_RESULTS):
            break
    return matches


async def next_match(deps: Deps, actor: User, *, after: str | None = None) -> Match | None:
    """The next card; `after` is the person on the present one, who is passed over without being decided about."""
    first: Match | None = None
    take_next = after is None
    async for match in _undecided(deps, actor):
        if take_next and match.user.id != after:
            return match
        take_next = take_next or match.user.id == after
        first = first or match
    return first if first is not None and first.user.id != after else None


async def _undecided(deps: Deps, actor: User) -> AsyncIterator[Match]:
    decided = await deps.store.seen.of(actor.id) | await deps.store.swaps.open_partners(actor.id)
    # Whoever is decided about still stands in the index, so as many more are looked at.
    async for user in deps.store.users.partners(actor, limit=MAX_CANDIDATES + len(decided)):
        if user.id not in decided:
            match = match_between(actor, user)
            if match.is_two_sided:
                yield match


async def skip_match(deps: Deps, actor: User, user_id: str) -> None:
    """Not this person: they do not come again. Raises NotFound when there is nobody who shows themselves."""
    user = await deps.store.users.find(user_id)
    if user is None or user.id == actor.id or not user.is_listed:
        raise NotFound("user.not_found")
    await deps.store.seen.add(actor.id, user_id, SKIPPED, at=deps.now())


async def reconsider_skipped(deps: Deps, actor: User) -> int:
    """Let everybody skipped come again; returns how many."""
    return await deps.store.seen.forget_skipped(actor.id)


async def view_match(deps: Deps, actor: User, user_id: str) -> Match:
    """How one listed person looks to the actor. Raises NotFound."""
    return match_between(actor, await view_user(deps, actor, user_id))


async def find_teachers(
    deps: Deps, actor: User, skill: str, *, limit: int = 10, after: tuple[int, str] | None = None
) -> list[Match]:
    """Listed people who teach a skill, whether or not they want anything of the actor's, best rank first.

    `after` is the (completeness, id) of the last one already seen. Raises Invalid, TooMany.
    """
    key = deps.vocabulary.key_of(clean_skill(skill))
    if not key:
        raise Invalid("text.empty", field="skill")
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    users = await deps.store.users.teachers(key, besides=actor.id, limit=min(limit, MAX_RESULTS + 1), after=after)
    return [match_between(actor, user) for user in users]


async def advise_on_deck(deps: Deps, actor: User) -> DeckAdvice:
    """Numbers that say what would fill an empty deck."""
    return DeckAdvice(
        want_what_you_teach=await deps.store.users.count_wanting(actor.offered_keys, besides=actor.id),
        teach_what_you_want=await deps.store.users.count_teaching(actor.wanted_keys, besides=actor.id),
        skipped=await deps.store.seen.count_skipped(actor.id),
    )
