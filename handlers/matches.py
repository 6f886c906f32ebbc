"""The deck: users with whom a swap is possible, one at a time and none twice; and the teachers of a skill."""

from __future__ import annotations

from dataclasses import dataclass

from domain.decks import SWAPS, DeckAdvice, decision_mark
from domain.errors import Invalid, NotFound
from domain.ids import is_id
from domain.matches import Match, match_between
from domain.skills import clean_skill
from domain.standing import READ_OTHERS
from domain.users import User
from handlers.decks import advice_for, count_skipped, deck_of
from handlers.people_counts import hidden_from, load_relations
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import SEARCHES
from handlers.standing import require_right
from handlers.users import view_user
from storage.match_decisions import PASSED, SKIPPED

MAX_RESULTS = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a deck; `following` is the cursor of the next page, None on the last one."""

    matches: list[Match]
    following: str | None = None


async def list_matches(
    deps: Deps, actor: User, *, kind: str = SWAPS, limit: int = MAX_RESULTS, after: str | None = None
) -> Page:
    """Return the users of a deck (see `domain.decks.KINDS`) about whom nothing is decided, best first.

    `after` is a page's `following`. All day pages follow each other without repetition or gap; new users come at the
    end.
    """
    await require_right(deps, actor, READ_OTHERS)
    size = max(1, min(limit, MAX_RESULTS))
    left = await deck_of(deps, actor, kind, after=after, size=size + 1)
    return Page(left[:size], left[size - 1].user.id if len(left) > size else None)


async def next_match(deps: Deps, actor: User, *, kind: str = SWAPS) -> Match | None:
    """Return the next card, the same one until it has been decided about; None at the end."""
    await require_right(deps, actor, READ_OTHERS)
    return next(iter(await deck_of(deps, actor, kind)), None)


async def pass_match(deps: Deps, actor: User, user_id: str) -> None:
    """Pass a user: they come again on request, when the skills between the two change, or after DECIDED_FOR."""
    await require_right(deps, actor, READ_OTHERS)
    await _decide(deps, actor, user_id, PASSED)


async def skip_match(deps: Deps, actor: User, user_id: str) -> None:
    """Skip a user: they come again when the skills between the two change, or after DECIDED_FOR.

    Raises NotFound unless the user is visible to the actor.
    """
    await require_right(deps, actor, READ_OTHERS)
    await _decide(deps, actor, user_id, SKIPPED)


async def take_back_decision(deps: Deps, actor: User, user_id: str) -> None:
    """Undo a skip or a pass of the actor's: the user may come again at once. Raises NotFound when there is none."""
    await require_right(deps, actor, READ_OTHERS)
    if not is_id(user_id) or not await deps.store.match_decisions.take_back(actor.id, user_id):
        raise NotFound("user.not_found")


async def _decide(deps: Deps, actor: User, user_id: str, kind: str) -> None:
    user = await deps.store.users.find(user_id)
    if user is None or user.id == actor.id or not user.is_listed:
        raise NotFound("user.not_found")
    if await deps.store.blocks.pairs_among((actor.id, user.id)):
        raise NotFound("user.not_found")
    await deps.store.match_decisions.add(actor.id, user_id, kind, mark=decision_mark(actor, user), at=deps.now())


async def reconsider_skipped(deps: Deps, actor: User) -> int:
    """Let all skipped users come again; returns how many of them are still there and suit."""
    await require_right(deps, actor, READ_OTHERS)
    count = count_skipped(actor, await load_relations(deps, actor))
    await deps.store.match_decisions.forget_skipped(actor.id)
    return count


async def view_match(deps: Deps, actor: User, user_id: str) -> Match:
    """Return the match with one listed user. Raises NotFound."""
    await require_right(deps, actor, READ_OTHERS)
    return match_between(actor, await view_user(deps, actor, user_id), at=deps.now(), online=deps.online_places)


async def find_teachers(
    deps: Deps, actor: User, skill: str, *, limit: int = 10, after: tuple[int, str] | None = None
) -> list[Match]:
    """Return listed users who teach a skill, whether or not they want one of the actor's, best rank first.

    `after` is the (rank, id) of the last one shown. Raises Invalid, TooMany.
    """
    await require_right(deps, actor, READ_OTHERS)
    key = deps.vocabulary.key_of(clean_skill(skill))
    if not key:
        raise Invalid("text.empty", field="skill")
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    besides = await hidden_from(deps, actor.id)
    users = await deps.store.users.teachers(key, besides=besides, limit=min(limit, MAX_RESULTS + 1), after=after)
    now, online = deps.now(), deps.online_places
    return [match_between(actor, user, at=now, online=online) for user in users]


async def advise_on_deck(deps: Deps, actor: User) -> DeckAdvice:
    """Return counts that say what would fill an empty deck. Raises TooMany."""
    await require_right(deps, actor, READ_OTHERS)
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    return await advice_for(deps, actor)
