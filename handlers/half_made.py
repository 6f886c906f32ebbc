"""Reminders of a profile that was begun and not finished: after a day, after four, then none."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.users import User
from handlers.community import get_community, service_name
from handlers.joining import is_complete, may_answer_questions
from handlers.letters import send_letter
from handlers.runtime.deps import Deps

REMINDED_AFTER: Final = (timedelta(days=1), timedelta(days=4))
LATEST: Final = timedelta(days=4)
"""Time after which a reminder is left out: a service that was down, or a community that was set up today, nags nobody
about what was long ago."""
BATCH: Final = 200


async def remind_half_made(deps: Deps) -> int:
    """Remind those whose profile is still half made; returns how many. A job; each reminder is sent once."""
    reminded, now = 0, deps.now()
    for number, wait in enumerate(REMINDED_AFTER, start=1):
        after: str | None = None
        while people := await deps.store.memberships.half_made(
            now - wait - LATEST, now - wait, after=after, limit=BATCH
        ):
            for person in people:
                reminded += await _remind(deps, person, number)
            after = people[-1].id
    return reminded


async def _remind(deps: Deps, person: User, number: int) -> bool:
    if is_complete(person) or not may_answer_questions(await get_community(deps), person):
        return False
    key = f"half_made:{number}:{person.id}"
    return await send_letter(deps, person.id, "half_made", key=key, community=service_name(deps))
