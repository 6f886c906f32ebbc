"""Invite links: made by moderators, and by members where that is allowed; each counts once a profile is complete."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.invites import (
    CODE_BYTES,
    MAX_DAYS,
    MAX_RUNNING,
    MAX_USES,
    MEMBER_DAYS,
    MEMBER_USES,
    REVOKED,
    RUNNING,
    Invite,
    is_code,
)
from domain.standing import INVITE, MODERATE
from domain.users import User, first_name
from handlers.audit import AuditEntry, new_entry
from handlers.community import get_community
from handlers.joining import is_by_member, is_complete, take_up_invite
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import Rate
from handlers.standing import require_right
from storage.mongodb.database import new_id

LISTED: Final = 100
DEFAULT_USES, DEFAULT_DAYS = 20, 30
GUESSES: Final = Rate(burst=20, seconds=30)


async def make_invite(deps: Deps, actor: User, *, uses: int | None = None, days: int | None = None) -> Invite:
    """Make a link. A member has one at a time, with fixed bounds; a new one ends it.

    Raises Forbidden, Invalid, Conflict.
    """
    await require_right(deps, actor, INVITE)
    if not actor.is_moderator and not (await get_community(deps)).members_may_invite:
        raise Forbidden("invite.not_allowed")
    if actor.is_moderator:
        uses, days = DEFAULT_USES if uses is None else uses, DEFAULT_DAYS if days is None else days
    else:
        uses, days = MEMBER_USES, MEMBER_DAYS
    if not 1 <= uses <= MAX_USES:
        raise Invalid("invite.uses", field="uses", max=MAX_USES)
    if not 1 <= days <= MAX_DAYS:
        raise Invalid("invite.days", field="days", max=MAX_DAYS)
    now = deps.now()
    running = [known for known in await list_invites(deps, actor) if known.state(now) == RUNNING]
    if not actor.is_moderator:
        for known in running:
            await deps.store.invites.revoke(known.id, _entry(deps, actor, known, action="invite.ended"))
    elif len(running) >= MAX_RUNNING:
        raise Conflict("invite.too_many", max=MAX_RUNNING)
    code = secrets.token_urlsafe(CODE_BYTES)
    invite = Invite(new_id(), code, actor.id, now, uses, now + timedelta(days=days))
    await deps.store.invites.insert(invite, _entry(deps, actor, invite, action="invite.made"))
    return invite


def _entry(deps: Deps, actor: User, invite: Invite, *, action: str) -> AuditEntry:
    """Return the entry of the audit about a link; whoever reads it cannot use the link."""
    return new_entry(
        deps,
        by=actor.id,
        action=action,
        about=invite.by,
        after={"invite_id": invite.id, "uses": invite.uses, "used": invite.used, "until": invite.until},
    )


async def list_invites(deps: Deps, actor: User) -> list[Invite]:
    """Return the actor's links, newest first."""
    return await deps.store.invites.list_of(actor.id, limit=LISTED)


async def revoke_invite(deps: Deps, actor: User, invite_id: str) -> Invite:
    """End a link of one's own; moderators, who may decide, end everybody's. Raises NotFound, Forbidden."""
    invite = await deps.store.invites.find(invite_id)
    if invite is None or not (invite.by == actor.id or actor.is_moderator):
        raise NotFound("invite.not_found")
    if invite.by != actor.id:
        await require_right(deps, actor, MODERATE)
    ended = await deps.store.invites.revoke(invite.id, _entry(deps, actor, invite, action="invite.ended"))
    return ended or replace(invite, revoked_at=invite.revoked_at or deps.now())


@dataclass(frozen=True, slots=True)
class InviteView:
    """Worth of a link, for whoever opens it: `invited_by` is the first name of its author while it runs."""

    state: str
    invited_by: str
    until: datetime


async def view_invite(deps: Deps, code: str) -> InviteView:
    """Return what the link of a code is worth; that of somebody who may not invite any more counts as taken back.

    Whoever has the code was given it, so the reason is no secret. Raises NotFound `invite.not_valid` for no such code.
    """
    invite = await deps.store.invites.find_by_code(code) if is_code(code) else None
    if invite is None:
        raise NotFound("invite.not_valid")
    state = invite.state(deps.now())
    if state == RUNNING and not await is_by_member(deps, invite.by):
        state = REVOKED
    author = await deps.store.users.find(invite.by) if state == RUNNING else None
    return InviteView(state, first_name(author), invite.until)


async def find_invite(deps: Deps, code: str) -> Invite | None:
    """Return the running link of a code; None for one that leads nowhere (any more)."""
    invite = await deps.store.invites.find_by_code(code) if is_code(code) else None
    if invite is None or invite.state(deps.now()) != RUNNING or not await is_by_member(deps, invite.by):
        return None
    return invite


async def accept_invite(deps: Deps, actor: User, code: str) -> User:
    """Note that the actor has come by this link; whoever's profile is complete is let in at once.

    Whoever is in already stays as they are. Raises NotFound `invite.not_valid` for a link that is unknown, used up,
    expired or taken back, and for one's own; TooMany.
    """
    deps.rates.take("invite", actor.id, GUESSES, at=deps.now())
    invite = await find_invite(deps, code)
    if invite is None or invite.by == actor.id:
        raise NotFound("invite.not_valid")
    if actor.joining.at is not None or actor.joining.invite_id == invite.id:
        return await take_up_invite(deps, actor)
    if is_complete(actor) and actor.standing.membership == "member":
        return actor  # was here before: nobody has invited them

    def change(user: User) -> User:
        return replace(user, joining=replace(user.joining, invite_id=invite.id, invited_by=invite.by))

    noted = await deps.store.memberships.change(actor.id, change)
    if noted is None:
        raise NotFound("user.not_found")
    return await take_up_invite(deps, noted)
