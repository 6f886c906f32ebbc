"""Standing: what somebody may do at present."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from domain.errors import Forbidden
from domain.standing import APPLICANT, ASK, BARRED, GONE, HIDDEN, SUSPENDED, WARNED
from domain.users import User
from handlers.rules import require_agreement
from handlers.runtime.deps import Deps

REFUSALS: Final[Mapping[str, Callable[[], Forbidden]]] = {
    HIDDEN: lambda: Forbidden("standing.hidden"),
    APPLICANT: lambda: Forbidden("standing.applicant"),
    WARNED: lambda: Forbidden("standing.warned"),
    BARRED: lambda: Forbidden("standing.banned"),
    GONE: lambda: Forbidden("standing.deleted"),
}


async def require_right(deps: Deps, actor: User, right: str) -> None:
    """Require that the actor has one of the rights of `domain.standing`.

    Asking somebody anew takes the community's rules, too: whoever has not agreed to them gets `rules.not_agreed`.

    Raises Forbidden with the code `standing.<standing>`; `standing.suspended` has `until`, the day after which it is
    over. A user who was read before a decision about them is judged by the newest copy that this process has.
    """
    known = await deps.store.users.find_recent(actor.id)
    user = known if known is not None and known.profile_version > actor.profile_version else actor
    refused_as = user.refused_as(right, deps.now())
    if refused_as is None:
        if right == ASK:
            await require_agreement(deps, user)
        return
    until = user.standing.suspended_until
    if refused_as == SUSPENDED and until is not None:
        raise Forbidden("standing.suspended", until=f"{until:%Y-%m-%d %H:%M} UTC")
    raise REFUSALS[refused_as]()
