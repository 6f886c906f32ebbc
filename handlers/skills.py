"""Skills as a whole: which ones there are."""

from __future__ import annotations

from handlers.deps import Deps
from handlers.rates import COMPLETIONS
from skillswap.domain.errors import Invalid
from skillswap.domain.skills import canonical_key, clean_skill
from skillswap.domain.users import User
from storage.skills import SkillPresence

__all__ = ["SkillPresence", "complete_skill"]


async def complete_skill(deps: Deps, actor: User, beginning: str, *, limit: int) -> list[SkillPresence]:
    """Skills that listed people teach or want and that begin so. Raises Invalid, TooMany."""
    prefix = canonical_key(clean_skill(beginning, "q"))
    if not prefix:
        raise Invalid("text.empty", field="q")
    deps.rates.take("search", actor.id, COMPLETIONS, at=deps.now())
    return await deps.store.skills.complete(prefix, limit=limit)
