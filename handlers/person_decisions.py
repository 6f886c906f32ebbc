"""Decisions about a person by their name, for doors that take the name of a decision from outside."""

from __future__ import annotations

from typing import Final

from domain.errors import Forbidden, Invalid
from domain.exits import USUAL_SUSPENSION
from domain.standing import HIDDEN, SUSPENDED
from domain.users import BANNED, User
from handlers import standing
from handlers.runtime.deps import Deps
from handlers.standing import Decision, require_moderator
from handlers.users import get_user

ACTIONS: Final = ("warn", "hide", "unhide", "suspend", "lift", "ban", "unban")


async def get_decidable(deps: Deps, actor: User, user_id: str) -> User:
    """Return the person whom a moderator is about to decide about. Raises Forbidden, NotFound."""
    require_moderator(actor)
    if actor.id == user_id:
        raise Forbidden("standing.yourself")
    return await get_user(deps, user_id)


def open_decisions(deps: Deps, person: User) -> tuple[str, ...]:
    """Return the decisions that would change how this person stands now."""
    if person.status == BANNED:
        return ("unban",)
    named = person.standings(deps.now())
    return (
        "warn",
        "unhide" if HIDDEN in named else "hide",
        "lift" if SUSPENDED in named else "suspend",
        "ban",
    )


async def decide_about(
    deps: Deps, actor: User, user_id: str, action: str, *, reason: str = "", days: int = USUAL_SUSPENSION.days
) -> Decision:
    """Make one of ACTIONS about a person. Raises what that decision raises, and Invalid for another action."""
    match action:
        case "warn":
            return await standing.warn(deps, actor, user_id, reason=reason)
        case "hide":
            return await standing.hide(deps, actor, user_id, reason=reason)
        case "unhide":
            return await standing.unhide(deps, actor, user_id, reason=reason)
        case "suspend":
            return await standing.suspend(deps, actor, user_id, reason=reason, days=days)
        case "lift":
            return await standing.lift_suspension(deps, actor, user_id, reason=reason)
        case "ban":
            return await standing.ban(deps, actor, user_id, reason=reason)
        case "unban":
            return await standing.unban(deps, actor, user_id, reason=reason)
    raise Invalid("case.action", field="action")
