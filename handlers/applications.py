"""Applications: made at either door, decided by moderators, and followed up by the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.applications import LET_IN, NOT_NOW, WAITING, Application, begin
from domain.community import APPROVAL, GROUP, OPEN
from domain.errors import Conflict, Forbidden, NotFound
from domain.joining import BY_APPROVAL
from domain.staff_cards import APPLICATION
from domain.users import ACTIVE, DELETED, User
from handlers.audit import SERVICE, note_audit
from handlers.auth.roles import list_staff
from handlers.community import get_community, service_name
from handlers.joining import is_applicant, is_complete, make_member
from handlers.letters import send_letter
from handlers.rules import require_agreement
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import Rate
from handlers.staff_cards import show_staff_card
from handlers.standing import require_moderator
from handlers.users import delete_account
from storage.mongodb.database import new_id

MAX_SHOWN: Final = 10
"""Applications with a card at a time; the next one is shown when one of them is decided."""
MAX_TRIES: Final = 12
MAX_PAGE: Final = 100
MAX_COUNTED: Final = 1000
BATCH: Final = 100
ANSWERS: Final = Rate(burst=6, seconds=600)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers that applicants see of the others: how many people teach how many skills."""

    people: int
    skills: int


async def count_community(deps: Deps) -> Numbers:
    people, skills = await deps.store.memberships.count_skills()
    return Numbers(people, skills)


async def get_application(deps: Deps, actor: User) -> Application:
    """Return the actor's application. Raises NotFound for whoever is in."""
    if not is_applicant(actor):
        raise NotFound("application.not_found")
    return await deps.store.applications.begin(begin(actor.id, deps.now()))


async def submit_application(deps: Deps, actor: User, answer: str) -> Application:
    """Answer the community's question, or what the moderators have asked since; they get a card.

    Raises NotFound, Forbidden (rules not agreed to, a profile that is not complete, a door that takes no applications),
    Conflict, Invalid, TooMany.
    """
    deps.rates.take("application", actor.id, ANSWERS, at=deps.now())
    community = await get_community(deps)
    before = await get_application(deps, actor)
    if community.join not in (APPROVAL, GROUP):
        raise Forbidden("application.not_here")
    await require_agreement(deps, actor)
    if not is_complete(actor):
        raise Forbidden("application.profile")
    question = before.question if before.state == WAITING else community.question
    for _ in range(MAX_TRIES):
        after = await deps.store.applications.replace(before, before.submitted(question, answer, deps.now()))
        if after is not None:
            await show_waiting(deps)
            if after.shown_at is not None:
                await show_staff_card(deps, APPLICATION, actor.id)
            return after
        before = await get_application(deps, actor)
    raise Conflict("application.changed")


async def show_waiting(deps: Deps) -> int:
    """Have cards shown for those who wait, up to MAX_SHOWN at a time: a flood buries nobody. A job, too."""
    shown = await deps.store.applications.show_next(at_most=MAX_SHOWN, at=deps.now())
    for user_id in shown:
        await show_staff_card(deps, APPLICATION, user_id)
    return len(shown)


async def list_applications(
    deps: Deps, actor: User, *, state: str = WAITING, after: str | None = None, limit: int = 50
) -> list[tuple[User, Application]]:
    """Return applications with their users, longest waiting first. Raises Forbidden."""
    require_moderator(actor)
    found = await deps.store.applications.list_in(state, after=after, limit=min(limit, MAX_PAGE))
    people = await deps.store.users.find_many([application.id for application in found])
    return [(people[each.id], each) for each in found if each.id in people and people[each.id].status != DELETED]


async def count_waiting(deps: Deps) -> int:
    return await deps.store.applications.count_waiting(limit=MAX_COUNTED)


async def find_application(deps: Deps, user_id: str) -> tuple[User, Application] | None:
    """Return an applicant and the application; None when there is none (any more)."""
    application = await deps.store.applications.find(user_id)
    user = await deps.store.users.find(user_id)
    return (user, application) if application is not None and user is not None and user.status != DELETED else None


async def get_applicant(deps: Deps, user_id: str) -> tuple[User, Application]:
    """Like `find_application`. Raises NotFound."""
    found = await find_application(deps, user_id)
    if found is None:
        raise NotFound("application.not_found")
    return found


async def decide_application(
    deps: Deps, actor: User, user_id: str, decision: str, *, version: int | None = None
) -> Application:
    """Let somebody in, or not now; who decided is kept. A "not now" may become a yes. `version` is the one that the
    moderator has seen, if it has to be that one.

    Raises Forbidden (also about oneself), NotFound, Invalid, Conflict with the application as it is now.
    """
    before = await _get_for(deps, actor, user_id, version)
    decided = before.decided(decision, by=actor.id, decision_id=new_id(), at=deps.now())
    after = await deps.store.applications.replace(before, decided)
    if after is None:
        raise Conflict("application.decided", current=await deps.store.applications.find(user_id))
    await _settle(deps, after)
    return after


async def ask_applicant(deps: Deps, actor: User, user_id: str, text: str, *, version: int | None = None) -> Application:
    """Ask an applicant something, in the name of the organisers. Raises Forbidden, NotFound, Invalid, Conflict."""
    before = await _get_for(deps, actor, user_id, version)
    after = await deps.store.applications.replace(before, before.questioned(text))
    if after is None:
        raise Conflict("application.changed", current=await deps.store.applications.find(user_id))
    await send_letter(deps, user_id, "application_asked", community=service_name(deps), text=after.asked)
    await note_audit(deps, by=actor.id, action="application.asked", about=user_id, reason=after.asked)
    await show_staff_card(deps, APPLICATION, user_id)
    return after


async def _get_for(deps: Deps, actor: User, user_id: str, version: int | None) -> Application:
    require_moderator(actor)
    if user_id == actor.id:
        raise Forbidden("application.own")
    user, application = await get_applicant(deps, user_id)
    if user.status != ACTIVE:
        raise Conflict("application.closed", current=application)
    if version is not None and version != application.version:
        raise Conflict("application.changed", current=application)
    return application


async def _settle(deps: Deps, application: Application) -> None:
    """Do what follows from a decision. Each step may be repeated; a job does what a kill has left."""
    user_id, key = application.id, f"application:{application.decision_id}"
    if application.state == LET_IN:
        user = await deps.store.users.find(user_id)
        if user is not None:
            await make_member(deps, user, BY_APPROVAL)
    await note_audit(
        deps,
        by=application.decided_by or SERVICE,
        action=f"application.{application.state}",
        about=user_id,
        after={"state": application.state},
        entry_id=application.decision_id,
    )
    kind = "let_in" if application.state == LET_IN else "not_now"
    await send_letter(deps, user_id, kind, key=key, community=service_name(deps))
    await show_staff_card(deps, APPLICATION, user_id)
    await deps.store.applications.settle(application)
    await show_waiting(deps)


async def settle_applications(deps: Deps) -> int:
    """Finish the decisions that a kill has cut off, and let everybody in when the door has been opened. A job."""
    unsettled = await deps.store.applications.unsettled(limit=BATCH)
    for application in unsettled:
        await _settle(deps, application)
    count = len(unsettled) + await show_waiting(deps)
    if (await get_community(deps)).join == OPEN:
        count += await _open_door(deps)
    return count


async def _open_door(deps: Deps) -> int:
    found = await deps.store.applications.waiting_in(("begun", WAITING, NOT_NOW), limit=BATCH)
    for application in found:
        decided = application.decided(LET_IN, by=SERVICE, decision_id=new_id(), at=deps.now())
        after = await deps.store.applications.replace(application, decided)
        if after is not None:
            await _settle(deps, after)
    return len(found)


async def follow_up_applications(deps: Deps) -> int:
    """Remind moderators after 48 hours, tell applicants after 14 days, erase them after 30. A job."""
    due = await deps.store.applications.due(deps.now(), limit=BATCH)
    for application in due:
        await _follow_up(deps, application)
    return len(due)


async def _follow_up(deps: Deps, application: Application) -> None:
    user = await deps.store.users.find(application.id)
    if user is None or user.status == DELETED or not is_applicant(user):
        await deps.store.applications.replace(application, application.ended())
        return
    if application.is_last_step:
        await _erase(deps, user)
        return
    if application.steps == 0:
        await _remind_staff(deps)
    else:
        await send_letter(
            deps, user.id, "application_waits", key=f"application_waits:{user.id}", community=service_name(deps)
        )
    await deps.store.applications.replace(application, application.stepped())


async def _remind_staff(deps: Deps) -> None:
    """Tell each moderator once a day how many wait, however many there are."""
    waiting, day = await count_waiting(deps), f"{deps.now():%Y-%m-%d}"
    for person in await list_staff(deps):
        await send_letter(deps, person.id, "applications", key=f"applications:{day}:{person.id}", n=waiting)


async def _erase(deps: Deps, user: User) -> None:
    await note_audit(deps, by=SERVICE, action="application.erased", about=user.id)
    await delete_account(deps, user)


async def next_follow_up(deps: Deps) -> datetime | None:
    """Return when `follow_up_applications` has work again."""
    return await deps.store.applications.next_due()
