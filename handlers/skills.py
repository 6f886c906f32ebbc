"""Skills and categories of the whole community."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from domain.errors import Invalid
from domain.skills import canonical_key, clean_skill
from domain.standing import EDIT
from domain.users import User
from handlers.people_counts import hidden_from
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import COMPLETIONS
from handlers.standing import require_right
from storage.skills import SkillPresence

__all__ = ["CategoryListing", "SkillPresence", "complete_skill", "guess_skill", "list_categories"]


@dataclass(frozen=True, slots=True)
class CategoryListing:
    """A category and the names of its skills, in order."""

    key: str
    name: str
    skills: tuple[str, ...]


async def complete_skill(deps: Deps, actor: User, beginning: str, *, limit: int) -> list[SkillPresence]:
    """Return skills that start with a text: named ones in the actor's language, then others that listed users teach or
    want.

    Raises Invalid, TooMany.
    """
    await require_right(deps, actor, EDIT)
    prefix = canonical_key(clean_skill(beginning, "q"))
    if not prefix:
        raise Invalid("text.empty", field="q")
    # A rate of its own: fifteen completions in a row would use up the one for searches.
    deps.rates.take("search", f"{actor.id} completes", COMPLETIONS, at=deps.now())
    vocabulary, skills = deps.vocabulary, deps.store.skills
    keys = vocabulary.complete(beginning, actor.locale, limit)
    besides = await hidden_from(deps, actor.id)
    named = [skills.presence(key, vocabulary.name_of(key, actor.locale), besides=besides) for key in keys]
    return [*await asyncio.gather(*named), *await skills.unnamed(prefix, limit=limit - len(keys), besides=besides)]


async def guess_skill(deps: Deps, actor: User, text: str) -> list[SkillPresence]:
    """Return skills that an unknown text may mean, to be confirmed by the user. Raises Invalid."""
    await require_right(deps, actor, EDIT)
    vocabulary, skills = deps.vocabulary, deps.store.skills
    keys = vocabulary.similar(clean_skill(text, "q"))
    besides = await hidden_from(deps, actor.id)
    named = (skills.presence(key, vocabulary.name_of(key, actor.locale), besides=besides) for key in keys)
    return list(await asyncio.gather(*named))


def list_categories(deps: Deps, locale: str) -> list[CategoryListing]:
    """Return all categories with their skills, sorted by name in one language."""
    vocabulary = deps.vocabulary
    members: dict[str, list[str]] = {category: [] for category in vocabulary.categories}
    for skill in vocabulary.skills.values():
        members.setdefault(skill.category, []).append(vocabulary.name_of(skill.key, locale))
    listings = (
        CategoryListing(category, vocabulary.category_name(category, locale), tuple(sorted(names, key=canonical_key)))
        for category, names in members.items()
    )
    return sorted(listings, key=lambda listing: canonical_key(listing.name))
