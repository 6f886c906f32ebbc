"""Photos: validated, re-encoded, stored; a profile never refers to a missing photo."""

from __future__ import annotations

from domain.errors import Problem
from domain.photos import Photo
from domain.standing import EDIT
from domain.users import ProfileChanges, User
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import UPLOAD_ATTEMPTS, UPLOADS
from handlers.standing import require_right
from handlers.users import update_profile

PROFILE, CHAT = "profile", "chat"


async def upload_photo(deps: Deps, actor: User, data: bytes, *, purpose: str, is_counted: bool = True) -> Photo:
    """Store a photo; a profile photo replaces the old one, which is removed last.

    Only a photo that is stored counts against the user's allowance; of an album only the first one, for which
    `is_counted` is true. Raises Invalid, Unavailable, TooMany.
    """
    await require_right(deps, actor, EDIT)
    deps.rates.take("upload", f"{actor.id}:attempts", UPLOAD_ATTEMPTS, at=deps.now())
    if is_counted:
        await deps.rates.spend("upload", actor.id, UPLOADS, at=deps.now())
    try:
        photo = await deps.photos.save(actor.id, data, purpose=purpose)
    except Problem:
        if is_counted:
            await deps.rates.give_back("upload", actor.id, UPLOADS, at=deps.now())
        raise
    if purpose == PROFILE:  # the photo is uploaded before the profile changes
        await update_profile(deps, actor, ProfileChanges(photo_url=photo.url))
    return photo


async def remove_profile_photo(deps: Deps, actor: User) -> None:
    """Remove the profile photo."""
    await update_profile(deps, actor, ProfileChanges(photo_url=""))


async def read_photo(deps: Deps, photo_id: str) -> bytes | None:
    """Return the JPEG of a photo that is kept in the database."""
    return await deps.photos.read(photo_id)


async def find_photo(deps: Deps, url: str) -> Photo | None:
    """Return the photo at an address, with the file id under which Telegram already has it."""
    return await deps.photos.find_by_url(url)


async def remember_file(deps: Deps, photo_id: str, *, file_id: str | None = None, unique_id: str | None = None) -> None:
    """Store the id under which Telegram already has a photo, and the one that tells the sender's file from others."""
    await deps.photos.remember_file(photo_id, file_id=file_id, unique_id=unique_id)


async def reap_photos(deps: Deps) -> int:
    """Delete the assets of photos without references; returns how many."""
    return await deps.photos.reap(now=deps.real_now())
