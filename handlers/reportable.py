"""People whom somebody can report: more than they can find, as nobody gets away by hiding."""

from __future__ import annotations

from domain.errors import NotFound
from domain.standing import MEMBER
from domain.users import ACTIVE, DELETED, PAUSED, User
from handlers.blocks import MAX_BLOCKS
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import PROFILES


async def get_reportable(deps: Deps, actor: User, user_id: str) -> User:
    """Return a user whom the actor may report: one with a public profile, also while moderators look at it; one with
    whom they have had a swap; one whom they have blocked. Raises NotFound, TooMany."""
    other = await deps.store.users.find(user_id)
    if other is None or other.status == DELETED:
        raise NotFound("user.not_found")
    deps.rates.take("profile", actor.id, PROFILES, at=deps.now())
    if not _is_public(other) and not await _knows(deps, actor, other):
        raise NotFound("user.not_found")
    return other


def _is_public(person: User) -> bool:
    has_skills = bool(person.skills_offered or person.skills_wanted)
    is_member = person.standing.membership == MEMBER
    return person.is_public and person.status in (ACTIVE, PAUSED) and is_member and has_skills


async def _knows(deps: Deps, actor: User, other: User) -> bool:
    shared = await deps.store.swaps.list_between(actor.id, other.id)
    if any(swap.is_disclosed for swap in shared):
        return True
    return any(other.id == whom for whom, _ in await deps.store.blocks.made_by(actor.id, limit=MAX_BLOCKS))
