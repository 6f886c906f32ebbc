"""The rules of the community: agreed to once, and again when they have changed."""

from __future__ import annotations

from domain.community import Community
from domain.errors import Conflict, Forbidden, NotFound
from domain.users import User
from handlers.community import get_community
from handlers.runtime.deps import Deps


def has_agreed(community: Community, user: User) -> bool:
    """Return whether there is nothing to agree to that this user has not agreed to."""
    return not community.rules or user.rules_agreed >= community.rules_version


async def require_agreement(deps: Deps, actor: User) -> None:
    """Require that the actor has agreed to the rules as they are now. Raises Forbidden `rules.not_agreed`."""
    if not has_agreed(await get_community(deps), actor):
        raise Forbidden("rules.not_agreed")


async def agree_to_rules(deps: Deps, actor: User, version: int) -> User:
    """Note that the actor agrees to this version of the rules.

    Raises Conflict, with the community as it is now, when they have changed since the actor read them.
    """
    community = await deps.store.community.get()
    if version != community.rules_version:
        raise Conflict("rules.changed", current=community)
    agreed = await deps.store.memberships.agree(actor.id, version)
    if agreed is None:
        raise NotFound("user.not_found")
    return agreed
