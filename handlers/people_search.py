"""Search for people page by page: the teachers of a skill, and users by name. Private, blocked and absent users look
the same: they are neither found nor counted."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from domain.decks import MAX_COUNTED, PeopleCount
from domain.errors import Invalid
from domain.matches import Match, match_between
from domain.names import name_query
from domain.skills import clean_skill
from domain.standing import READ_OTHERS
from domain.users import User
from handlers.people_counts import TEACHING, count_people, hidden_from, load_relations
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import SEARCHES
from handlers.standing import require_right

PAGE: Final = 10
MAX_PAGES: Final = MAX_COUNTED // PAGE


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of people: `number` from 0 on, of `pages`; `total` of all pages, up to MAX_COUNTED. `count` says, for
    teachers, what is between them and the actor."""

    matches: list[Match]
    total: int
    number: int
    pages: int
    key: str
    count: PeopleCount | None = None


async def search_teachers(deps: Deps, actor: User, skill: str, *, page: int = 0, size: int = PAGE) -> SearchPage:
    """Return a page of `size` of the listed users who teach a skill, mutual fits first. Raises Invalid, TooMany."""
    await require_right(deps, actor, READ_OTHERS)
    key = deps.vocabulary.key_of(clean_skill(skill))
    if not key:
        raise Invalid("text.empty", field="skill")
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    relations = await load_relations(deps, actor)
    count = (await count_people(deps, actor, [key], relations=relations))[key]
    number, pages = _page(page, count.people, size)
    users = await deps.store.people_search.teachers(
        key, actor.offered_keys, besides=relations.hidden, offset=number * size, limit=size
    )
    return SearchPage(_matches(deps, actor, users), count.people, number, pages, key, count)


async def count_teachers(deps: Deps, actor: User, skill: str) -> int:
    """Return the number of all pages of a search for teachers, as `search_teachers` counts; it takes no rate, since it
    goes with a search. Raises Invalid."""
    await require_right(deps, actor, READ_OTHERS)
    key = deps.vocabulary.key_of(clean_skill(skill))
    besides = await hidden_from(deps, actor.id)
    return await deps.store.matches.count(TEACHING, key, besides=besides)


async def search_by_name(deps: Deps, actor: User, name: str, *, page: int = 0, size: int = PAGE) -> SearchPage:
    """Return a page of `size` of the listed users with a name that starts like this, or has a word that does.

    Raises Invalid, TooMany.
    """
    await require_right(deps, actor, READ_OTHERS)
    key = name_query(name)
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    besides = await hidden_from(deps, actor.id)
    total = await deps.store.people_search.count_named(key, besides=besides)
    number, pages = _page(page, total, size)
    users = await deps.store.people_search.named(key, besides=besides, offset=number * size, limit=size)
    return SearchPage(_matches(deps, actor, users), total, number, pages, key)


async def has_namesakes(deps: Deps, actor: User, name: str) -> str | None:
    """Return the key of a search by name if it would find somebody, else None; for a search that was for a skill."""
    await require_right(deps, actor, READ_OTHERS)
    try:
        key = name_query(name)
    except Invalid:
        return None
    besides = await hidden_from(deps, actor.id)
    return key if await deps.store.people_search.named(key, besides=besides, offset=0, limit=1) else None


def _page(number: int, total: int, size: int = PAGE) -> tuple[int, int]:
    """Return the number of the page, or of the last one, and the number of pages."""
    pages = max(1, min(MAX_PAGES, ceil(total / size)))
    return max(0, min(number, pages - 1)), pages


def _matches(deps: Deps, actor: User, users: list[User]) -> list[Match]:
    now, online = deps.now(), deps.online_places
    return [match_between(actor, user, at=now, online=online) for user in users]
