"""Reports: telling the moderators about somebody, with a copy of what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from domain.cases import DONE, REPORT
from domain.errors import Conflict, Invalid, NotFound, TooMany
from domain.messages import Message
from domain.reports import (
    COUNTED_FOR,
    ENOUGH_REPORTERS,
    EVIDENCE_MESSAGES,
    MAX_A_DAY,
    PROFILE,
    REVIEW,
    SWAP,
    Complaint,
    Evidence,
    Report,
    is_independent,
)
from domain.staff_cards import CASE
from domain.standing import MEMBER as IS_MEMBER
from domain.standing import PROTECT
from domain.users import ACTIVE, MEMBER, PAUSED, User
from handlers.blocks import block_person, get_seated
from handlers.cases import MAX_TRIES, open_case
from handlers.reportable import get_reportable
from handlers.reviews import is_shown
from handlers.runtime.deps import Deps
from handlers.staff_cards import show_staff_card
from handlers.standing import SERVICE, hide, require_right
from handlers.swaps import get_swap
from storage.mongodb.database import new_id

DAY: Final = timedelta(days=1)
REPORTED: Final = "reports"
"""The reason of the service when it hides somebody: reports by several people."""
RETRY_AFTER: Final = 3600
"""Seconds after which a reporter who has made MAX_A_DAY may look again."""


async def report(deps: Deps, actor: User, complaint: Complaint) -> Report:
    """Report somebody to the moderators. The same thing is reported once; a repetition returns the first report.

    Raises Invalid (oneself), NotFound (nobody the actor can know of, no such subject), Conflict (reported already, in
    other words, which are not kept), TooMany, Forbidden.
    """
    await require_right(deps, actor, PROTECT)
    if complaint.about == actor.id:
        raise Invalid("report.yourself", field="about")
    if complaint.seat:
        about = await get_seated(deps, actor, complaint.subject_id, complaint.seat)
    else:
        about = await get_reportable(deps, actor, complaint.about)
    complaint = replace(complaint, subject_id=complaint.subject_id or about.id)
    evidence = await _evidence(deps, actor, about, complaint)
    known = await deps.store.reports.find_same(actor.id, about.id, complaint.subject, complaint.subject_id)
    made = known or await _file(deps, actor, about, complaint, evidence)
    await _hide_if_enough(deps, about, made.case_id)
    if complaint.with_block:
        await block_person(deps, actor, about, circle_id=complaint.subject_id if complaint.seat else "")
    if (made.reason, made.text) != (complaint.reason, complaint.text):
        raise Conflict("report.made_already")
    return made


async def _file(deps: Deps, actor: User, about: User, complaint: Complaint, evidence: Evidence) -> Report:
    now, number = deps.now(), await deps.store.reports.last_number(actor.id) + 1
    if await deps.store.reports.count_by(actor.id, since=now - DAY) >= MAX_A_DAY:
        raise TooMany("report.daily_limit", limit=MAX_A_DAY, retry_after=RETRY_AFTER)
    case = await open_case(deps, about=about.id, kind=REPORT, reason=complaint.reason)
    made = Report(
        id=new_id(),
        by=actor.id,
        about=about.id,
        reason=complaint.reason,
        subject=complaint.subject,
        subject_id=complaint.subject_id,
        case_id=case.id,
        created_at=now,
        text=complaint.text,
        evidence=evidence,
        is_independent=actor.standing.is_plain
        and actor.standing.membership == IS_MEMBER
        and is_independent(actor.created_at, now),
    )
    if not await deps.store.reports.insert(made, number=number):
        same = await deps.store.reports.find_same(actor.id, about.id, complaint.subject, complaint.subject_id)
        if same is None:
            raise Conflict("report.changed")
        return same
    await show_staff_card(deps, CASE, case.id)  # the case was shown before it had the report
    return await _in_open_case(deps, made)


async def _in_open_case(deps: Deps, made: Report) -> Report:
    """Return a new report in a case that is not done: a moderator may have decided while it was on its way, and has not
    seen it then."""
    for _ in range(MAX_TRIES):
        case = await deps.store.cases.find(made.case_id)
        if case is not None and case.state != DONE:
            return made
        again = await open_case(deps, about=made.about, kind=REPORT, reason=made.reason)
        await deps.store.reports.put_in_case(made.id, again.id)
        made = replace(made, case_id=again.id)
        await show_staff_card(deps, CASE, again.id)
    return made


async def _hide_if_enough(deps: Deps, about: User, case_id: str) -> None:
    """Hide somebody quietly whom ENOUGH_REPORTERS independent people have reported, until a moderator has looked.

    Staff are not hidden so: without an office nobody could look.
    """
    if about.status not in (ACTIVE, PAUSED) or about.role != MEMBER:
        return
    case = await deps.store.cases.find(case_id)
    if case is None or case.state == DONE:
        return  # a moderator has looked
    since = deps.now() - COUNTED_FOR
    if await deps.store.reports.count_independent(case_id, since=since) >= ENOUGH_REPORTERS:
        await hide(deps, SERVICE, about.id, reason=REPORTED, case_id=case_id)
        await show_staff_card(deps, CASE, case_id)


async def _evidence(deps: Deps, actor: User, about: User, complaint: Complaint) -> Evidence:
    """Return a copy of what is reported. Raises NotFound when it is not there, or not between these two."""
    profile = copy_of(about)
    if complaint.subject == PROFILE:
        if complaint.subject_id != about.id:
            raise NotFound("user.not_found")
        return Evidence(profile=profile)
    if complaint.subject == SWAP:
        if complaint.seat:
            return Evidence(profile=profile)
        swap = await get_swap(deps, actor, complaint.subject_id)
        if about.id not in swap.participants:
            raise NotFound("swap.not_found")
        note = swap.message if swap.author == about.id else ""
        messages: list[Message] = []
        if complaint.with_messages:
            messages = await deps.store.messages.list_last(swap.id, limit=EVIDENCE_MESSAGES)
        return Evidence(profile=profile, note=note, messages=tuple(_message(one) for one in messages))
    found = await deps.store.reviews.find(complaint.subject_id) if complaint.subject == REVIEW else None
    if found is None or found.author != about.id or not await is_shown(deps, found):
        raise NotFound("review.not_found")
    rating = {"stars": found.stars, "text": found.text, "about": found.about, "created_at": found.created_at}
    return Evidence(profile=profile, review=rating)


def copy_of(about: User) -> dict[str, Any]:
    """Return the profile as evidence."""
    return {
        "name": about.name,
        "photo_url": about.photo_url,
        "location": about.location,
        "skills_offered": list(about.skills_offered),
        "skills_wanted": list(about.skills_wanted),
        "availability": about.availability,
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "from_user_id": message.from_user_id,
        "message": message.message,
        "photo_url": message.photo_url,
        "created_at": message.created_at,
    }
