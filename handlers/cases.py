"""Cases: what moderators look at, take into their hands and decide about."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.cases import (
    DECISIONS,
    DONE,
    HIDE,
    LET_THROUGH,
    NOTES,
    NOTHING,
    OPEN,
    RELEASE,
    TAKE,
    TAKEN,
    UNDO,
    WORD_ACTIONS,
    Case,
)
from domain.errors import Conflict, Forbidden, NotFound, Problem
from domain.exits import UNDO_WITHIN
from domain.near_equal import most_alike
from domain.reports import Report
from domain.screening import REFUSED, RELEASED, ScreenedWords
from domain.staff_cards import CASE
from domain.users import ACTIVE, PAUSED, User
from handlers import standing
from handlers.audit import AuditEntry, note_audit
from handlers.letters import send_letter
from handlers.runtime.deps import Deps
from handlers.screened_words import decide_waiting
from handlers.staff_cards import keeping_staff_card, show_staff_card
from handlers.standing import require_moderator
from storage.mongodb.database import new_id

ACTIONS: Final = (TAKE, RELEASE, *DECISIONS, UNDO, *WORD_ACTIONS)
"""Actions in a case."""
DEALT_WITH: Final = "report_done"
"""The letter to who has reported."""
BEFORE_THE_CASE: Final = timedelta(minutes=2)
"""Time by which words are older than the case that is opened for them, at most."""
MAX_TOLD: Final = 1000
"""Reporters of one case who are told."""
MAX_TRIES: Final = 8
RETRY_JITTER: Final = 0.005


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with all that belongs to it: the person (None for somebody who has left), the reports with their evidence,
    earlier cases about the same person, the person's `words` that wait or were decided about, and the `notes` that are
    nearly equal."""

    case: Case
    person: User | None
    reports: Sequence[Report]
    earlier: Sequence[Case]
    words: Sequence[ScreenedWords] = ()
    notes: Sequence[str] = ()


async def open_case(deps: Deps, *, about: str, kind: str, reason: str = "") -> Case:
    """Return the case about a person that is not done, with this in it; a new one when there is none. Its card is
    written anew."""
    case = await _open(deps, about=about, kind=kind, reason=reason)
    await show_staff_card(deps, CASE, case.id)
    return case


async def _open(deps: Deps, *, about: str, kind: str, reason: str) -> Case:
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
    return await deps.store.cases.list_of(states, besides=actor.id, before=before, limit=limit)


async def get_case(deps: Deps, actor: User, case_id: str) -> CaseFile:
    """Return a case with all that belongs to it. Raises Forbidden (no moderator, or about oneself), NotFound."""
    return await _file_of(deps, await _load(deps, actor, case_id))


async def find_case_file(deps: Deps, case_id: str) -> CaseFile | None:
    """Return a case with all that belongs to it, for its card."""
    case = await deps.store.cases.find(case_id)
    return await _file_of(deps, case) if case is not None else None


async def _file_of(deps: Deps, case: Case) -> CaseFile:
    reports = await deps.store.reports.list_of_case(case.id)
    people = await deps.store.users.find_many((case.about,))
    earlier = [one for one in await deps.store.cases.list_about(case.about) if one.id != case.id]
    words = await deps.store.screening.list_of(case.about, since=case.opened_at - BEFORE_THE_CASE)
    words = [one for one in words if case.decided_at is None or one.at <= case.decided_at]
    notes: Sequence[str] = ()
    if NOTES in case.kinds and case.state != DONE:
        notes = most_alike(await deps.store.requests.last_notes(case.about, at=case.updated_at))
    return CaseFile(case, people.get(case.about), reports, earlier, words, notes)


async def act_on_case(
    deps: Deps, actor: User, case_id: str, action: str, reason: str = "", *, version: int | None = None
) -> Case:
    """Do one of ACTIONS in a case: take it, from another moderator too, give it back, decide it, or undo the decision.

    The case is decided first, so that of two moderators one decides; then the decision is carried out, and taken back
    from the case when that is refused. Repeating one's own action completes what a crash has left open.

    Raises Forbidden (no moderator, about oneself, about staff), NotFound, Invalid, Conflict (another moderator was
    faster; `current` is the case as it stands).
    """
    case = await _load(deps, actor, case_id)
    if _is_repeated(case, actor, action):
        if action in (*DECISIONS, *WORD_ACTIONS):
            await _carry_out(deps, actor, case, action)
        await _note(deps, case)
        return case
    if version is not None and version != case.version:
        raise Conflict("case.changed", current=case)
    after = _acted(case, action, reason, by=actor.id, at=deps.now())
    if after is case:
        return case
    after = after.noted_as(new_id())
    async with keeping_staff_card(deps, CASE, case.id):
        if action == UNDO:  # before the case says so: whoever repeats it after a crash takes back what is left
            await _undo(deps, actor, case)
            after = await _open_again(deps, case, after)
        elif not await deps.store.cases.replace(case, after):
            raise Conflict("case.changed", current=await _load(deps, actor, case_id))
        if action in (*DECISIONS, *WORD_ACTIONS):
            try:
                await _carry_out(deps, actor, after, action)
            except Problem:
                await _open_again(deps, after, replace(case, version=after.version + 1))
                raise
    await _note(deps, after)
    return after


async def _open_again(deps: Deps, done: Case, again: Case) -> Case:
    """Write a case that is no longer done. When another one about the person was opened meanwhile, it goes into that.
    Raises Conflict when somebody else was faster."""
    for _ in range(MAX_TRIES):
        if await deps.store.cases.replace(done, again):
            return again
        other = await deps.store.cases.find_open(done.about)
        if other is None or other.id == done.id:
            break
        if (joined := await deps.store.cases.put_into(again, done.version, other)) is not None:
            await show_staff_card(deps, CASE, other.id)
            return joined
    raise Conflict("case.changed", current=await deps.store.cases.find(done.id))


async def _note(deps: Deps, case: Case) -> None:
    """Note the last event of a case in the audit, once."""
    event = case.history[-1]
    if event.audit_id:
        await note_audit(
            deps,
            by=event.by,
            action=f"case.{event.action}",
            about=case.about,
            reason=event.reason,
            case_id=case.id,
            before={"state": case.state_before},
            after={"state": case.state},
            entry_id=event.audit_id,
        )


def _acted(case: Case, action: str, reason: str, *, by: str, at: datetime) -> Case:
    match action:
        case "take":
            return case.take(by, at)
        case "release":
            return case.release(by, at)
        case "undo":
            return case.undo(by=by, at=at)
        case "let_through" | "refuse":
            return case.settle_words(action, reason, by=by, at=at)
        case _:
            return case.decide(action, reason, by=by, at=at)


def _is_repeated(case: Case, actor: User, action: str) -> bool:
    if action in WORD_ACTIONS and case.state != DONE:
        return False  # other words have come since
    last = case.history[-1] if case.history else None
    return last is not None and (last.action, last.by) == (action, actor.id)


async def _carry_out(deps: Deps, actor: User, case: Case, decision: str) -> None:
    """Do to the person what was decided, once, and tell the reporters that it was dealt with."""
    if decision in DECISIONS and not await _decided(deps, case):
        reason = case.history[-1].reason
        if decision != HIDE:
            await _show_again(deps, actor, case)
        match decision:
            case "warn":
                await standing.warn(deps, actor, case.about, reason=reason, case_id=case.id)
            case "hide":
                await standing.hide(deps, actor, case.about, reason=reason, case_id=case.id)
            case "suspend":
                await standing.suspend(deps, actor, case.about, reason=reason, case_id=case.id)
            case "ban":
                await standing.ban(deps, actor, case.about, reason=reason, case_id=case.id)
    state = RELEASED if decision in (NOTHING, LET_THROUGH) else REFUSED
    reason = case.history[-1].reason
    await decide_waiting(deps, case.about, state, by=actor.id, until=case.decided_at, reason=reason)
    if decision in DECISIONS:
        await _tell_reporters(deps, case)


async def _show_again(deps: Deps, actor: User, case: Case) -> None:
    """End what the service has done by itself until somebody looked: the profile is shown again."""
    person = await deps.store.users.find(case.about)
    if person is None or person.status not in (ACTIVE, PAUSED) or person.standing.hidden_at is None:
        return
    hidden = next((e for e in await _entries(deps, case) if e.action in ("hide", "unhide")), None)
    if hidden is not None and (hidden.action, hidden.by) == ("hide", standing.SERVICE):
        await standing.unhide(deps, actor, case.about, case_id=case.id)


async def _entries(deps: Deps, case: Case) -> list[AuditEntry]:
    """Return what was decided about the person in this case, newest first."""
    entries = await deps.store.audit.list(case_id=case.id)
    return [entry for entry in entries if "standing" in entry.before]


async def _decided(deps: Deps, case: Case) -> list[AuditEntry]:
    """Return what has been done to the person since the case was decided, newest first."""
    since = case.decided_at or deps.now()
    return [entry for entry in await _entries(deps, case) if entry.at >= since and entry.by != standing.SERVICE]


async def _undo(deps: Deps, actor: User, case: Case) -> None:
    """Take back what was done to the person by the case's decision, and the letters about it."""
    for entry in await _decided(deps, case):
        if entry.action in standing.UNDOABLE:
            await standing.undo(deps, actor, entry.id)
    reports = await deps.store.reports.list_of_case(case.id, limit=MAX_TOLD)
    await deps.store.letters.withdraw([_letter_key(case, report.by) for report in reports])


async def _tell_reporters(deps: Deps, case: Case) -> None:
    """Tell those who have reported that it was dealt with, and no more, when it can no longer be undone: one letter to
    each, however often they have reported."""
    reports = await deps.store.reports.list_of_case(case.id, limit=MAX_TOLD)
    at = (case.decided_at or deps.now()) + UNDO_WITHIN
    for reporter in await deps.store.users.find_many({report.by for report in reports}):
        await send_letter(deps, reporter, DEALT_WITH, key=_letter_key(case, reporter), at=at)


def _letter_key(case: Case, reporter: str) -> str:
    return f"{DEALT_WITH}:{case.id}:{reporter}"


async def _load(deps: Deps, actor: User, case_id: str) -> Case:
    require_moderator(actor)
    case = await deps.store.cases.find(case_id)
    if case is None:
        raise NotFound("case.not_found")
    if case.about == actor.id:
        raise Forbidden("case.about_yourself")
    return case
