"""Membership by the community's Telegram group: what follows from somebody being in it, or not any more.

Telegram is asked by the bot (`bot/group_watch.py`), everybody once a day and whenever there is a reason. What follows
is done here, from what is stored: a look that is cut off is repeated, and tells nobody twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.applications import NOT_NOW
from domain.community import Community
from domain.joining import BY_GROUP, GRACE, LOOKED_AT_EVERY, grace_until, was_in_group
from domain.standing import APPLICANT
from domain.users import ACTIVE, MEMBER, PAUSED, User
from handlers.community import service_name
from handlers.group_looks import watched_group
from handlers.joining import make_member
from handlers.letters import new_letter
from handlers.runtime.deps import Deps
from handlers.standing import SERVICE, end_membership
from storage.group_checks import GroupCheck
from storage.standings import Told


async def note_look(deps: Deps, check: GroupCheck, is_inside: bool | None, *, link: str = "") -> User | None:
    """Do what follows from what Telegram says of a user: in the group, not in it, or None for unknown.

    `link` leads into the group. Returns the user, as they are after it; None when nothing may be decided about them.
    """
    community = await watched_group(deps)
    user = await deps.store.users.find(check.user.id)
    if community is not None and user is not None and user.status in (ACTIVE, PAUSED):
        if is_inside:
            user = await _found(deps, community, user)
        elif is_inside is False:
            user = await _missed(deps, community, user, link)
    await deps.store.group_checks.done(check, at=deps.now(), next_at=_next_look(deps, community, user))
    return user


def _next_look(deps: Deps, community: Community | None, user: User | None) -> datetime:
    """Return when Telegram is asked again: in a day, and at the end of a grace."""
    usual = deps.now() + LOOKED_AT_EVERY
    ends_at = grace_until(community, user.joining) if community is not None and user is not None else None
    return usual if ends_at is None or ends_at <= deps.now() else min(usual, ends_at)


async def _found(deps: Deps, community: Community, user: User) -> User:
    """Note that a user is in the group: a grace ends, and whoever is not in the community yet comes in."""
    if user.standing.membership == APPLICANT and user.role == MEMBER:
        if await is_refused(deps, user):
            return user
        return await make_member(deps, user, BY_GROUP, letter="let_in")
    if was_in_group(community, user.joining) and user.joining.left_group_at is None:
        return user

    def seen(known: User) -> User:
        at = known.joining.seen_in_group_at if was_in_group(community, known.joining) else None
        return replace(known, joining=replace(known.joining, seen_in_group_at=at or deps.now(), left_group_at=None))

    is_back = grace_until(community, user.joining) is not None
    told = await _letter(deps, user, "group_back") if is_back else None
    return await deps.store.memberships.change(user.id, seen, told=told) or user


async def _missed(deps: Deps, community: Community, user: User, link: str) -> User:
    """Note that a user is not in the group: whoever was in it has a grace, at the end of which the membership ends.

    Staff remain: they answer for the community, in the group or not.
    """
    if user.role != MEMBER:
        return await deps.store.memberships.change(user.id, _without_grace) or user
    if not was_in_group(community, user.joining):
        return user
    if user.standing.membership == APPLICANT:
        await deps.store.applications.renew(user.id, deps.now())
        return user
    ends_at = grace_until(community, user.joining)
    if ends_at is None:
        return await _begin_grace(deps, user, link)
    return user if deps.now() < ends_at else await _end(deps, user)


def _without_grace(user: User) -> User:
    return replace(user, joining=replace(user.joining, left_group_at=None)) if user.role != MEMBER else user


async def _begin_grace(deps: Deps, user: User, link: str) -> User:
    now, left_before = deps.now(), user.joining.left_group_at

    def gone(known: User) -> User:
        if known.role != MEMBER or known.joining.left_group_at != left_before:
            return known
        return replace(known, joining=replace(known.joining, left_group_at=now))

    told = await _letter(deps, user, "group_left" if link else "group_left_unlinked", until=now + GRACE, link=link)
    return await deps.store.memberships.change(user.id, gone, told=told) or user


async def _end(deps: Deps, user: User) -> User:
    """End the membership; a new application waits for whoever wants to come back in another way."""
    left_at = user.joining.left_group_at
    decision = await end_membership(deps, SERVICE, user.id, left_at=left_at, letter="group_ended")
    if decision.person.standing.membership == APPLICANT:
        await deps.store.applications.renew(user.id, deps.now())
    return decision.person


async def _letter(deps: Deps, user: User, kind: str, **words: Any) -> Told:
    return Told(*await new_letter(deps, user.id, kind, community=service_name(deps), **words))


async def is_to_be_approved(deps: Deps, user: User) -> bool:
    """Return whether a request to join the group is to be granted: to members, and to whoever was in it before."""
    community = await watched_group(deps)
    if community is None or user.status not in (ACTIVE, PAUSED):
        return False
    if user.standing.membership != APPLICANT:
        return True
    return was_in_group(community, user.joining) and not await is_refused(deps, user)


async def is_refused(deps: Deps, user: User) -> bool:
    """Return whether the moderators have said "not now": their word stands, in the group or not."""
    application = await deps.store.applications.find(user.id)
    return user.standing.membership == APPLICANT and application is not None and application.state == NOT_NOW
