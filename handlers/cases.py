"""Cases: what moderators look at, take into their hands and decide about."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.cases import NOTHING, OPEN, RELEASE, TAKE, TAKEN, Case
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.reports import Report
from domain.users import User
from handlers.audit import note_audit
from handlers.runtime.deps import Deps
from handlers.standing import require_moderator
from storage.mongodb.database import new_id

ACTIONS: Final = (TAKE, RELEASE, NOTHING)
"""Actions in a case."""
MAX_TRIES: Final = 8
RETRY_JITTER: Final = 0.005


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with all that belongs to it: the person (None for somebody who has left), the reports with their evidence,
    and earlier cases about the same person."""

    case: Case
    person: User | None
    reports: Sequence[Report]
    earlier: Sequence[Case]


async def open_case(deps: Deps, *, about: str, kind: str, reason: str = "") -> Case:
    """Return the case about a person that is not done, with this in it; a new one when there is none."""
    for _ in range(MAX_TRIES):
        now = deps.now()
        known = await deps.store.cases.find_open(about)
        if known is None:
            made = Case(new_id(), about, now, now).join(kind, reason, now)
            if await deps.store.cases.insert(made):
                return made
        elif await deps.store.cases.replace(known, joined := known.join(kind, reason, now)):
            return joined
        await asyncio.sleep(random.random() * RETRY_JITTER)
    raise Conflict("case.changed")


async def list_cases(
    deps: Deps, actor: User, *, states: Sequence[str] = (OPEN, TAKEN), before: str | None = None, limit: int
) -> list[Case]:
    """Return the cases in these states for a moderator: what is open oldest first, what is done newest first; without
    those about the moderator. Raises Forbidden."""
    require_moderator(actor)
    found = await deps.store.cases.list_of(states, before=before, limit=limit)
    return [case for case in found if case.about != actor.id]


async def get_case(deps: Deps, actor: User, case_id: str) -> CaseFile:
    """Return a case with all that belongs to it. Raises Forbidden (no moderator, or about oneself), NotFound."""
    case = await _load(deps, actor, case_id)
    reports = await deps.store.reports.list_of_case(case.id)
    people = await deps.store.users.find_many((case.about,))
    earlier = [one for one in await deps.store.cases.list_about(case.about) if one.id != case.id]
    return CaseFile(case, people.get(case.about), reports, earlier)


async def act_on_case(
    deps: Deps, actor: User, case_id: str, action: str, reason: str = "", *, version: int | None = None
) -> Case:
    """Do one of ACTIONS in a case: take it, from another moderator too, give it back, or decide that nothing is to be
    done.

    Raises Forbidden (no moderator, or about oneself), NotFound, Invalid, Conflict (another moderator was faster;
    `current` is the case as it stands).
    """
    case = await _load(deps, actor, case_id)
    if version is not None and version != case.version:
        raise Conflict("case.changed", current=case)
    now = deps.now()
    match action:
        case "take":
            after = case.take(actor.id, now)
        case "release":
            after = case.release(actor.id, now)
        case "nothing":
            after = case.decide(NOTHING, reason, by=actor.id, at=now)
        case _:
            raise Invalid("case.action", field="action")
    if after is case:
        return case
    if not await deps.store.cases.replace(case, after):
        raise Conflict("case.changed", current=await _load(deps, actor, case_id))
    await note_audit(
        deps,
        by=actor.id,
        action=f"case.{action}",
        about=case.about,
        reason=after.history[-1].reason,
        case_id=case.id,
        before={"state": case.state},
        after={"state": after.state},
    )
    return after


async def _load(deps: Deps, actor: User, case_id: str) -> Case:
    require_moderator(actor)
    case = await deps.store.cases.find(case_id)
    if case is None:
        raise NotFound("case.not_found")
    if case.about == actor.id:
        raise Forbidden("case.about_yourself")
    return case
