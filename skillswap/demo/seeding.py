"""Add a made-up community through the same operations that users use."""

from __future__ import annotations

import asyncio
import time

from domain.users import ProfileChanges
from domain.week import format_slots
from handlers.photos import PROFILE, upload_photo
from handlers.runtime.deps import Deps
from handlers.users import register_email_user, update_profile
from skillswap.demo.people import Character, make_people
from skillswap.demo.portraits import draw_portrait
from skillswap.output import say

MAIL_DOMAIN = "people.example.org"
"""Domain of their addresses: reserved for examples, so nothing can be delivered there."""


PHOTO_SHARE = 3
"""One in so many people has a photo."""


AT_ONCE = 8


PROGRESS_EVERY = 1.0


async def add_people(deps: Deps, count: int, *, seed_number: int) -> int:
    """Add made-up people and return how many were new. The same seed adds the same people once."""
    characters = enumerate(make_people(count, seed=seed_number))
    done = new = 0
    last_said = time.monotonic()

    async def work() -> None:
        nonlocal done, new, last_said
        for number, character in characters:
            is_new = await _add_person(deps, seed_number, number, character)
            new += is_new
            done += 1
            if time.monotonic() - last_said > PROGRESS_EVERY:
                last_said = time.monotonic()
                say(f"{done} of {count} people")

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return new


async def _add_person(deps: Deps, seed_number: int, number: int, character: Character) -> bool:
    email = f"person-{seed_number}-{number}@{MAIL_DOMAIN}"
    user = await register_email_user(deps, email, character.name, character.locale)
    if user.onboarded:
        return False
    if number % PHOTO_SHARE == 0 and user.photo_url is None:
        portrait = await asyncio.to_thread(draw_portrait, seed_number * 100_000 + number)
        await upload_photo(deps, user, portrait, purpose=PROFILE)
    await update_profile(
        deps,
        user,
        ProfileChanges(
            location=character.location,
            skills_offered=character.skills_offered,
            skills_wanted=character.skills_wanted,
            availability=format_slots(character.slots),
            is_public=character.is_public,
            onboarded=True,
        ),
    )
    return True
