"""Standing: what somebody may do at present, and the moderators' decisions about it.

A decision is one transaction: the user, the entry of the audit, and the letter that the person gets. What follows from
it for the swaps and circles of the person is an exit (`handlers.exits`), which waits until nothing can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain.correspondence import TAKEN_BACK
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from domain.exits import BAN, LEAVING, MAX_SUSPENSION, SUSPENSION, UNDO_WITHIN, USUAL_SUSPENSION, Exit, resumed
from domain.standing import APPEAL, APPLICANT, ASK, BARRED, GONE, HIDDEN, MODERATE, SUSPENDED, WARNED
from domain.users import ACTIVE, ADMIN, BANNED, DELETED, User
from domain.users import MEMBER as NO_ROLE
from handlers.bars import bar_departed, is_barred, lift_bars, returned_as
from handlers.community import service_name
from handlers.group_looks import want_fresh_look
from handlers.letters import new_letter
from handlers.rules import require_agreement
from handlers.runtime.deps import Deps
from storage.audit import AuditEntry
from storage.mongodb.database import new_id
from storage.standings import Told
from storage.users import STANDING

COMMAND_LINE: Final = "command line"
"""The decider of what was decided on the command line of the server."""

SERVICE: Final = ""
"""The decider of what the service does by itself: a suspension that has ended, three reports in a week."""

Decider = User | str
"""A moderator or admin, or COMMAND_LINE or SERVICE."""

UNDOABLE: Final = ("warn", "hide", "unhide", "suspend", "ban")
"""Decisions that are undone; what takes one back is decided anew instead."""

MAX_TRIES: Final = 8
MAX_REASON: Final = 500

REFUSALS: Final[Mapping[str, Callable[[], Problem]]] = {
    HIDDEN: lambda: Forbidden("standing.not_now"),  # they are not told why
    APPLICANT: lambda: Forbidden("standing.applicant"),
    WARNED: lambda: Forbidden("standing.warned"),
    BARRED: lambda: Forbidden("standing.banned"),
    GONE: lambda: NotFound("user.not_found"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it was made: the person after it, and the id of its entry in the audit, for `undo`; "" when nothing
    has changed by it."""

    person: User
    entry_id: str


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
            await want_fresh_look(deps, user)
        return
    until = user.standing.suspended_until
    if refused_as == SUSPENDED and until is not None:
        raise Forbidden("standing.suspended", until=f"{until:%Y-%m-%d %H:%M} UTC")
    raise REFUSALS[refused_as]()


def require_moderator(actor: User) -> None:
    """Raise Forbidden for whoever is neither a moderator nor an admin, or may not decide at present."""
    if not actor.is_moderator:
        raise Forbidden("role.moderator_needed")


# ---- decisions -----------------------------------------------------------------------------------------------------


async def hide(deps: Deps, by: Decider, user_id: str, *, reason: str = "", case_id: str = "") -> Decision:
    """Take a person out of decks, search and all that shows people; they are not told. Raises Forbidden, NotFound."""

    def hidden(person: User) -> User:
        return _with(person, hidden_at=person.standing.hidden_at or deps.now())

    return await _decide(deps, by, "hide", user_id, hidden, reason=reason, case_id=case_id)


async def unhide(deps: Deps, by: Decider, user_id: str, *, reason: str = "", case_id: str = "") -> Decision:
    return await _decide(
        deps, by, "unhide", user_id, lambda person: _with(person, hidden_at=None), reason=reason, case_id=case_id
    )


async def warn(deps: Deps, by: Decider, user_id: str, *, reason: str, case_id: str = "") -> Decision:
    """Warn a person: nothing else works until they have acknowledged it. `reason` is a preset or a text."""

    def warned(person: User) -> User:
        return _with(person, warned_at=deps.now(), reason=reason)

    return await _decide(deps, by, "warn", user_id, warned, reason=reason, case_id=case_id, letter="warned")


async def acknowledge_warning(deps: Deps, actor: User) -> User:
    """Note that the actor has read a warning. A repeated call is no error."""
    await require_right(deps, actor, APPEAL)
    return (await _decide(deps, actor, "acknowledge", actor.id, lambda person: _with(person, warned_at=None))).person


async def suspend(
    deps: Deps,
    by: Decider,
    user_id: str,
    *,
    reason: str,
    case_id: str = "",
    days: float = USUAL_SUSPENSION / timedelta(days=1),
    is_final: bool = False,
) -> Decision:
    """Suspend a person for some days: hidden, and what is their own to read; the sweep lifts it.

    With `is_final` it cannot be undone any more, and what is running ends at once. Raises Invalid for a number of days
    that is none.
    """
    if not 0 < days <= MAX_SUSPENSION / timedelta(days=1):
        raise Invalid("standing.days", field="days", max=MAX_SUSPENSION // timedelta(days=1))
    until = deps.now() + timedelta(days=days)

    def suspended(person: User) -> User:
        return _with(person, suspended_until=until, reason=reason)

    return await _decide(
        deps,
        by,
        "suspend",
        user_id,
        suspended,
        reason=reason,
        case_id=case_id,
        leaves=SUSPENSION,
        letter="suspended",
        until=until,
        is_final=is_final,
    )


async def lift_suspension(deps: Deps, by: Decider, user_id: str, *, reason: str = "", case_id: str = "") -> Decision:
    def lifted(person: User) -> User:
        return _with(person, suspended_until=None)

    return await _decide(deps, by, "lift", user_id, lifted, reason=reason, case_id=case_id, letter="lifted")


async def ban(
    deps: Deps, by: Decider, user_id: str, *, reason: str, case_id: str = "", is_final: bool = False
) -> Decision:
    """Ban a person: barred at every door at once, by every account that they sign in with.

    Their swaps end when the decision can no longer be undone, at once with `is_final`. Raises Forbidden, NotFound.
    """

    if (departed := await _find_departed(deps, by, user_id)) is not None:
        return await _ban_departed(deps, by, departed, reason=reason, case_id=case_id)

    def banned(person: User) -> User:
        ended = person.session_version + (person.status != BANNED)
        return replace(_with(person, reason=reason), status=BANNED, role=person.role, session_version=ended)

    return await _decide(
        deps, by, "ban", user_id, banned, reason=reason, case_id=case_id, leaves=BAN, letter="banned", is_final=is_final
    )


async def unban(deps: Deps, by: Decider, user_id: str, *, reason: str = "", case_id: str = "") -> Decision:
    """Let a banned person in again, also one who has left since; swaps that have ended stay ended."""
    if (departed := await _find_departed(deps, by, user_id)) is not None:
        return await _unban_departed(deps, by, departed, "unban", reason=reason, case_id=case_id)

    def unbanned(person: User) -> User:
        return replace(person, status=ACTIVE) if person.status == BANNED else person

    decision = await _decide(deps, by, "unban", user_id, unbanned, reason=reason, case_id=case_id, letter="unbanned")
    await lift_bars(deps, decision.person)
    return decision


# ---- those who have left ---------------------------------------------------------------------------------------------


async def _find_departed(deps: Deps, by: Decider, user_id: str) -> User | None:
    """Return the person if they have deleted their account. Raises Forbidden for who may not decide."""
    await _require_decider(deps, by)
    person = await deps.store.users.find(user_id)
    return person if person is not None and person.status == DELETED else None


async def _ban_departed(deps: Deps, by: Decider, person: User, *, reason: str, case_id: str) -> Decision:
    """Ban somebody who has deleted their account while a case about them was open, and whoever they have returned as.

    Raises NotFound when nothing was kept of them, Forbidden before anything is done.
    """
    returned = await returned_as(deps, person)
    for back in (person, *returned):
        await _require_may_decide(deps, by, "ban", back)
    await bar_departed(deps, person)
    entry_id = await _note_departed(deps, by, person, "ban", reason=reason, case_id=case_id)
    for back in returned:
        await ban(deps, by, back.id, reason=reason, case_id=case_id)
    return Decision(person, entry_id)


async def _unban_departed(
    deps: Deps, by: Decider, person: User, action: str, *, reason: str, case_id: str, since: datetime | None = None
) -> Decision:
    """End the ban of somebody who has left, and of whoever they have returned as. `since`: the ban that is undone."""
    if not await is_barred(deps, person):
        return Decision(person, "")
    for back in await returned_as(deps, person):
        made = await deps.store.audit.list(about=back.id, limit=1)
        if since is not None and made and made[0].action == "ban" and made[0].at >= since:
            await undo(deps, by, made[0].id)
        elif since is None and back.status == BANNED:
            await unban(deps, by, back.id, reason=reason, case_id=case_id)
    await lift_bars(deps, person)
    return Decision(person, await _note_departed(deps, by, person, action, reason=reason, case_id=case_id))


async def _note_departed(deps: Deps, by: Decider, person: User, action: str, **why: str) -> str:
    entry = _entry(deps, by, action, person, person, **why)
    await deps.store.audit.add(entry)
    return entry.id


async def end_membership(
    deps: Deps, by: Decider, user_id: str, *, reason: str = "", left_at: datetime | None = None, letter: str = ""
) -> Decision:
    """Take a person out of the community, as when they have left its group: what is running ends, and they may come in
    again as others do.

    `left_at`: since when they are missed in the group; whoever has been seen there again remains. `letter`: the kind of
    letter that tells them.
    """

    def left(person: User) -> User:
        return person if person.joining.left_group_at != left_at else _with(person, membership=APPLICANT)

    return await _decide(deps, by, "leave", user_id, left, reason=reason, leaves=LEAVING, letter=letter, is_final=True)


async def undo(deps: Deps, by: Decider, entry_id: str) -> Decision:
    """Take a decision back within UNDO_WITHIN, if nothing has been decided about the person since.

    What a later one has ended begins again: a suspension that a ban has followed upon ends what is running after all.

    Raises Forbidden, NotFound (no such decision, or none that is taken back so), Conflict (too late, or decided anew).
    """
    await _require_decider(deps, by)
    entry = await deps.store.audit.find(entry_id)
    if entry is None or entry.action not in UNDOABLE or not {"status", "standing"} <= entry.before.keys():
        raise NotFound("standing.nothing_to_undo")
    if deps.now() - entry.at > UNDO_WITHIN:
        raise Conflict("standing.too_late_to_undo")
    if (departed := await _find_departed(deps, by, entry.about)) is not None and entry.action == "ban":
        known = {"reason": entry.reason, "case_id": entry.case_id}
        return await _unban_departed(deps, by, departed, "undo", **known, since=entry.at)
    earlier = STANDING.value(entry.before["standing"])

    def undone(person: User) -> User:
        if _facts(person) == dict(entry.before):
            return person
        if _facts(person) != dict(entry.after):
            raise Conflict("standing.decided_anew")
        return replace(person, status=entry.before["status"], standing=earlier)

    letter = {"ban": "unbanned", "suspend": "lifted"}.get(entry.action, "")
    decision = await _decide(
        deps, by, "undo", entry.about, undone, reason=entry.reason, case_id=entry.case_id, letter=letter
    )
    if entry.action == "ban":
        await lift_bars(deps, decision.person)
    return decision


# ---- one decision --------------------------------------------------------------------------------------------------


async def _decide(
    deps: Deps,
    by: Decider,
    action: str,
    user_id: str,
    change: Callable[[User], User],
    *,
    reason: str = "",
    case_id: str = "",
    leaves: str | None = None,
    letter: str = "",
    until: datetime | None = None,
    is_final: bool = False,
) -> Decision:
    """Make a decision about a person as they stand now; of two at once the second sees what the first has done."""
    if len(reason) > MAX_REASON:
        raise Invalid("text.too_long", field="reason", max=MAX_REASON)
    if action != "acknowledge":
        await _require_decider(deps, by)  # before anything says whether there is such a person
    for _ in range(MAX_TRIES):
        before = await deps.store.users.find(user_id)
        if before is None or before.status == DELETED:
            raise NotFound("user.not_found")
        await _require_may_decide(deps, by, action, before)
        if before.status == BANNED and action not in ("ban", "unban", "undo"):
            raise Conflict("standing.banned_already")
        after = change(before)
        if _facts(after) == _facts(before):
            return Decision(before, "")
        entry = _entry(deps, by, action, before, after, reason=reason, case_id=case_id)
        words: dict[str, Any] = {"reason": reason or "none", **({"until": until} if until is not None else {})}
        words["community"] = service_name(deps)
        told = Told(*await new_letter(deps, before.id, letter, key=entry.id, **words)) if letter else None
        begun = _exit(leaves or resumed(before, after), entry.id, entry.at, is_final=is_final)
        written = await deps.store.standings.decide(before, after, entry, leaves=begun, told=told)
        if written is not None:
            if action in (*TAKEN_BACK, "unhide"):  # cards offer to end what stands
                await deps.store.staff_cards.show_naming(before.id, at=deps.now())
            return Decision(written, entry.id)
    raise Conflict("user.changed")


async def _require_decider(deps: Deps, by: Decider) -> None:
    """Raise Forbidden for a user who may not decide about others at present."""
    if isinstance(by, User):
        await require_right(deps, by, MODERATE)
        require_moderator(await deps.store.users.find(by.id) or by)


async def _require_may_decide(deps: Deps, by: Decider, action: str, person: User) -> None:
    """Raise Forbidden unless this decider may decide about this person: nobody about themselves, and about staff only
    admins, save for warnings."""
    if isinstance(by, str):
        return
    if action == "acknowledge" and by.id == person.id:
        return
    decider = await deps.store.users.find(by.id) or by
    require_moderator(decider)
    if decider.id == person.id:
        raise Forbidden("standing.yourself")
    if person.role != NO_ROLE and decider.role != ADMIN and action != "warn":
        raise Forbidden("standing.staff")


def _entry(deps: Deps, by: Decider, action: str, before: User, after: User, *, reason: str, case_id: str) -> AuditEntry:
    return AuditEntry(
        id=new_id(),
        at=deps.now(),
        by=by.id if isinstance(by, User) else by,
        action=action,
        about=before.id,
        reason=reason,
        case_id=case_id,
        before=_facts(before),
        after=_facts(after),
    )


def _exit(kind: str | None, decision: str, now: datetime, *, is_final: bool) -> Exit | None:
    if kind is None:
        return None
    begun = Exit(kind, decision, due_at=now, ends_at=now if is_final else now + UNDO_WITHIN)
    return replace(begun, due_at=begun.due_of(0, now))


def _with(person: User, **facts: Any) -> User:
    return replace(person, standing=replace(person.standing, **facts))


def _facts(person: User) -> dict[str, Any]:
    """Return what a decision changes, as plain values for the audit."""
    return {"status": person.status, "standing": STANDING.document(person.standing)}
