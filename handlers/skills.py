"""Skills as a whole: which ones there are."""

from __future__ import annotations

import asyncio

from handlers.deps import Deps
from handlers.rates import COMPLETIONS
from skillswap.domain.errors import Invalid
from skillswap.domain.skills import canonical_key, clean_skill
from skillswap.domain.users import User
from storage.skills import SkillPresence

__all__ = ["SkillPresence", "complete_skill"]


async def complete_skill(deps: Deps, actor: User, beginning: str, *, limit: int) -> list[SkillPresence]:
    """Skills that begin so: those with a name, in the actor's language, then others that listed people teach or want.

    Raises Invalid, TooMany.
    """
    prefix = canonical_key(clean_skill(beginning, "q"))
    if not prefix:
        raise Invalid("text.empty", field="q")
    deps.rates.take("search", actor.id, COMPLETIONS, at=deps.now())
    vocabulary, skills = deps.vocabulary, deps.store.skills
    keys = vocabulary.complete(beginning, actor.locale, limit)
    named = [skills.presence(key, vocabulary.name_of(key, actor.locale)) for key in keys]
    return [*await asyncio.gather(*named), *await skills.unnamed(prefix, limit=limit - len(keys))]
