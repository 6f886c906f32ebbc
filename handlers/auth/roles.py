"""Roles: granted on the command line, or to the Telegram accounts named in the settings."""

from __future__ import annotations

from collections.abc import Collection

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.mail_addresses import parse_address
from domain.standing import MODERATE
from domain.users import ADMIN, DELETED, MEMBER, ROLES, User
from handlers.audit import note_audit
from handlers.auth.identities import EMAIL, TELEGRAM, Identity, find_holder
from handlers.community import require_admin
from handlers.joining import make_member
from handlers.runtime.deps import Deps
from handlers.standing import require_moderator


async def appoint_admins(deps: Deps, telegram_ids: Collection[int]) -> None:
    """Make registered users with these Telegram ids admins; later ones become admins on registration
    (`Deps.admin_telegram_ids`)."""
    for telegram_id in telegram_ids:
        user = await deps.store.users.find_by_telegram(telegram_id)
        if user is not None and user.role != ADMIN:
            await make_member(deps, await deps.store.users.set_role(user.id, ADMIN) or user)


async def find_person(deps: Deps, reference: str) -> User:
    """Return the user with this user id, Telegram id (digits) or mail address. Raises NotFound."""
    user = await deps.store.users.find(reference)
    if user is None and reference.isascii() and reference.isdigit() and len(reference) <= 16:
        user = await find_holder(deps, Identity(TELEGRAM, reference, telegram_id=int(reference)))
    elif user is None and (address := parse_address(reference)) is not None:
        user = await find_holder(deps, Identity(EMAIL, address))
    if user is None or user.status == DELETED:
        raise NotFound("user.not_found")
    return user


async def grant_role(deps: Deps, reference: str, role: str) -> User:
    """Give a user a role. Raises NotFound, Invalid."""
    if role not in ROLES:
        raise Invalid("role.unknown", field="role")
    person = await find_person(deps, reference)
    after = await deps.store.users.set_role(person.id, role)
    if after is None:  # deleted at the same moment
        raise NotFound("user.not_found")
    return await make_member(deps, after) if after.role != MEMBER else after


async def appoint(deps: Deps, actor: User, reference: str, role: str) -> User:
    """Give somebody a role, or take it back, as an admin; nobody does so for themselves, so that one admin is left.

    Raises Forbidden, NotFound, Invalid, Conflict (somebody about whom the moderators have decided something).
    """
    require_admin(deps, await deps.store.users.find(actor.id) or actor)
    if role not in ROLES:
        raise Invalid("role.unknown", field="role")
    person = await find_person(deps, reference)
    if person.id == actor.id:
        raise Forbidden("standing.yourself")
    if role != MEMBER and (person.refused_as(MODERATE, deps.now()) or "member") not in ("member", "applicant"):
        raise Conflict("role.not_plain")
    if person.role == role:
        return person
    after = await grant_role(deps, person.id, role)
    await note_audit(
        deps, by=actor.id, action="role", about=person.id, before={"role": person.role}, after={"role": role}
    )
    return after


async def view_staff(deps: Deps, actor: User) -> list[User]:
    """Return all moderators and admins, for one of them. Raises Forbidden."""
    require_moderator(actor)
    return await list_staff(deps)


async def list_staff(deps: Deps) -> list[User]:
    """Return all moderators and admins."""
    return await deps.store.users.list_by_roles([role for role in ROLES if role != MEMBER])
