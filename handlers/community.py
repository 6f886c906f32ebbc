"""The community: read by every door, changed by its admins."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any, Final

from domain.community import Community, CommunityChanges, with_changes, with_group_noted
from domain.errors import Conflict, Forbidden, Invalid
from domain.standing import MODERATE
from domain.users import ADMIN, User
from handlers.runtime.deps import Deps
from storage.audit import AuditEntry
from storage.community import COMMUNITY
from storage.mongodb.database import new_id

MAX_TRIES: Final = 12
RETRY_JITTER: Final = 0.005
SERVICE_NAME: Final = "Skill Swap"


async def get_community(deps: Deps) -> Community:
    """Return the community of this service; one without a name before an admin has set it up."""
    return await deps.store.community.get_cached()


def known_community(deps: Deps) -> Community:
    """Return the community as this process last read it, without asking the database: for names, never for rights."""
    return deps.store.community.known


def service_name(deps: Deps) -> str:
    """Return what mails, pages and calendars call the service: the community's name, once it has one."""
    return known_community(deps).name or SERVICE_NAME


def require_admin(deps: Deps, actor: User) -> None:
    """Raise Forbidden for whoever is no admin, or may not decide at present."""
    if actor.role != ADMIN or actor.refused_as(MODERATE, deps.now()) is not None:
        raise Forbidden("role.admin_needed")


async def change_community(
    deps: Deps, actor: User, changes: CommunityChanges, *, expected: int | None = None
) -> Community:
    """Change the given fields; changes made meanwhile by another admin are kept.

    `expected` is the version that the admin has seen, if it has to be that one. Raises Forbidden, Invalid, Conflict.
    """
    require_admin(deps, actor)
    if changes.photo_url:
        await _require_own_photo(deps, actor, changes.photo_url)
    for _ in range(MAX_TRIES):
        before = await deps.store.community.get()
        if expected is not None and before.version != expected:
            raise Conflict("community.changed", current=before)
        after = with_changes(before, changes)
        if after == before:
            return before
        after = with_group_noted(before, after, deps.now())
        entry = _entry(deps, actor, before, after)
        if (written := await deps.store.community.replace(before, after, entry=entry)) is not None:
            await _release_photo(deps, before, written)
            if written.rules_version != before.rules_version:  # whoever writes the rules agrees to them
                await deps.store.memberships.agree(actor.id, written.rules_version)
            return written
        await asyncio.sleep(random.random() * RETRY_JITTER)
    raise Conflict("community.changed", current=await deps.store.community.get())


async def move_group(deps: Deps, old_chat_id: int, new_chat_id: int) -> bool:
    """Take over the id of a group that has become a supergroup; returns whether it was the community's."""
    for _ in range(MAX_TRIES):
        before = await deps.store.community.get()
        named: dict[str, Any] = {
            name: new_chat_id for name in ("group_chat_id", "staff_chat_id") if getattr(before, name) == old_chat_id
        }
        if not named:
            return False
        if "group_chat_id" in named:
            named["group_link"] = ""  # links into the old group lead nowhere
        if await deps.store.community.replace(before, replace(before, **named)) is not None:
            return True
    raise Conflict("community.changed", current=await deps.store.community.get())


def _entry(deps: Deps, actor: User, before: Community, after: Community) -> AuditEntry:
    """Return the entry of the audit about a change: the fields that it changes, as they were and as they are."""
    old, new = COMMUNITY.document(before), COMMUNITY.document(after)
    changed = [name for name in new if new[name] != old[name]]
    return AuditEntry(
        new_id(),
        deps.now(),
        by=actor.id,
        action="community.changed",
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )


async def _require_own_photo(deps: Deps, actor: User, url: str) -> None:
    if url == (await deps.store.community.get()).photo_url:
        return
    photo = await deps.photos.find_by_url(url)
    if photo is None or photo.owner_id != actor.id:
        raise Invalid("photo.not_yours", field="photo_url")


async def _release_photo(deps: Deps, before: Community, after: Community) -> None:
    """Doom the photo that the community no longer shows, unless its owner does."""
    if before.photo_url and before.photo_url != after.photo_url:
        photo = await deps.photos.find_by_url(before.photo_url)
        if photo is not None:
            await deps.photos.release(before.photo_url, owner_id=photo.owner_id)
