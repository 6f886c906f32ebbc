"""Inline cards: the users that an inline query offers to share."""

from __future__ import annotations

from domain.links import USER, read_link
from domain.skills import canonical_key, clean_skill
from domain.standing import READ_OTHERS
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import CARDS
from handlers.standing import require_right

MAX_CARDS = 50
"""Results per answer, as many as Telegram accepts."""

MAX_COMPLETIONS = 5


async def find_cards(
    deps: Deps, actor: User, text: str, *, limit: int, after: tuple[int, str] | None = None
) -> list[User]:
    """Return listed users: the actor for an empty text, one user for their link, else the teachers of a skill, or of
    one that starts with the text. `after` is the (rank, id) of the last one shown. Raises Invalid, TooMany."""
    await require_right(deps, actor, READ_OTHERS)
    deps.rates.take("cards", actor.id, CARDS, at=deps.now())
    text = text.strip()
    if not text:
        return [actor] if actor.is_listed else []
    link = read_link(text)
    if link is not None and link.kind == USER:
        return await _one(deps, actor, link.target)
    barred = await deps.store.blocks.users_barred_from(actor.id)
    key = await _taught_key(deps, actor, clean_skill(text), barred)
    if key is None:
        return []
    return await deps.store.users.teachers(key, besides=barred, limit=min(limit, MAX_CARDS), after=after)


async def _taught_key(deps: Deps, actor: User, text: str, barred: set[str]) -> str | None:
    """Return the key of the skill if it is taught, else of the first taught skill that starts with the text."""
    vocabulary, skills = deps.vocabulary, deps.store.skills
    keys = [vocabulary.key_of(text), *vocabulary.complete(text, actor.locale, MAX_COMPLETIONS)]
    for key in filter(None, keys):
        if await deps.store.users.teachers(key, besides=barred, limit=1):
            return key
    others = await skills.unnamed(canonical_key(text), limit=MAX_COMPLETIONS, besides=barred) if keys[0] else []
    return next((presence.key for presence in others if presence.teachers), None)


async def _one(deps: Deps, actor: User, user_id: str) -> list[User]:
    user = await deps.store.users.find(user_id)
    if user is None or not user.is_listed or await deps.store.blocks.pairs_among((actor.id, user.id)):
        return []
    return [user]
