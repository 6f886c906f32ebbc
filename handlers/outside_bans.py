"""Bans that another program has written, as `status: "banned"`: the way out of all that is running begins here."""

from __future__ import annotations

from typing import Final

from domain.exits import BAN, UNDO_WITHIN, Exit
from domain.users import BANNED, User
from handlers.audit import new_entry
from handlers.letters import new_letter
from handlers.runtime.deps import Deps
from storage.standings import Told

OTHER_PROGRAM: Final = "another program"
"""The decider of what another program has written."""

ABOUT_BANS: Final = ("ban", "unban", "undo")


async def begin_exit_of_banned(deps: Deps, user_id: str) -> bool:
    """Begin the exit of somebody whom another program has banned, with the entry of the audit and the letter, as for a
    ban by a moderator: steps that cannot be undone wait for ten minutes. False when there is nothing to begin."""
    person = await deps.store.users.find(user_id)
    if person is None or person.status != BANNED or await _is_known_ban(deps, person):
        return False
    entry = new_entry(deps, by=OTHER_PROGRAM, action="ban", about=person.id)
    begun = Exit(BAN, entry.id, due_at=entry.at, ends_at=entry.at + UNDO_WITHIN)
    told = Told(*await new_letter(deps, person.id, "banned", key=entry.id, reason="none"))
    return await deps.store.standings.decide(person, person, entry, leaves=begun, told=told) is not None


async def _is_known_ban(deps: Deps, person: User) -> bool:
    """Return whether the ban is one that was decided here: the newest entry about bans is of one."""
    entries = await deps.store.audit.list(about=person.id)
    return next((entry.action == "ban" for entry in entries if entry.action in ABOUT_BANS), False)
