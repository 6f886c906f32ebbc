"""The audit: every decision about a person is noted, and can be read by moderators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.users import User
from handlers.runtime.deps import Deps
from handlers.standing import COMMAND_LINE, SERVICE, require_moderator
from storage.audit import MAX_ENTRIES, AuditEntry
from storage.mongodb.database import new_id

__all__ = ["COMMAND_LINE", "SERVICE", "AuditEntry", "list_audit", "new_entry", "note_audit"]


def new_entry(
    deps: Deps, *, by: str, action: str, about: str = "", reason: str = "", after: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Return an entry that is to be stored together with what it is about."""
    return AuditEntry(new_id(), deps.now(), by=by, action=action, about=about, reason=reason, after=after or {})


async def note_audit(
    deps: Deps,
    *,
    by: str,
    action: str,
    about: str,
    reason: str = "",
    case_id: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    entry_id: str | None = None,
) -> str:
    """Note a decision, and return the id of its entry. `by` and `about` are ids of users. With an `entry_id` of the
    caller's a repetition notes nothing twice."""
    entry = AuditEntry(
        id=entry_id or new_id(),
        at=deps.now(),
        by=by,
        action=action,
        about=about,
        reason=reason,
        case_id=case_id,
        before=before or {},
        after=after or {},
    )
    await deps.store.audit.add(entry)
    return entry.id


async def list_audit(
    deps: Deps,
    actor: User,
    *,
    about: str = "",
    by: str = "",
    case_id: str = "",
    before: str | None = None,
    limit: int = MAX_ENTRIES,
) -> list[AuditEntry]:
    """Return what was decided, newest first. As with cases, nobody looks at what is about themselves. Raises
    Forbidden."""
    require_moderator(actor)
    return await deps.store.audit.list(
        about=about, by=by, case_id=case_id, besides=actor.id, before=before, limit=limit
    )
