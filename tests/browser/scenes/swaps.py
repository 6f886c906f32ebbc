"""Swaps: a list, a request with times, a running one with a session, planning, rating."""

from __future__ import annotations

from datetime import timedelta

from domain.planning import Meeting
from domain.swaps import ACCEPTED
from handlers import sessions
from handlers.messages import Draft, send_message
from handlers.swaps import Proposal, propose_swap
from tests.browser.scenes import GUITAR, PYTHON, Pages, Stage
from tests.factories import insert_swap, insert_user

DAY = timedelta(days=1)


async def pages(stage: Stage) -> Pages:
    """Make a request with times, an accepted swap with words and a session, and one that is to be rated."""
    deps = stage.deps
    ada = await insert_user(deps, "Ada", timezone="Europe/Madrid", **PYTHON)
    ben = await insert_user(deps, "Ben", timezone="America/New_York", **GUITAR)
    cleo, dan = [await insert_user(deps, name, **PYTHON) for name in ("Cleo", "Dan")]
    slots = tuple((deps.now() + days * DAY).replace(minute=0, second=0, microsecond=0) for days in (2, 3))
    asked = await propose_swap(deps, cleo, Proposal(ben.id, "Python", "Guitar", "Hello Ben!", slots=slots))
    running = await insert_swap(deps, ada, ben, status=ACCEPTED)
    await send_message(deps, ada, Draft(running.id, "See you there", "web"))
    await sessions.offer_session(deps, ada, running.id, Meeting(slots, link="https://meet.example.org/x"))
    done = await insert_swap(deps, dan, ben, status=ACCEPTED)
    await sessions.note_session(deps, dan, done.id, Meeting(()))
    await sessions.answer_session(deps, ben, done.id, "1", "yes")
    for person in (dan, ben):
        await sessions.finish_swap(deps, person, done.id)
    swap = f"/swaps/{running.id}"
    paths = (
        *("/home", "/swaps", f"/swaps/{asked.id}", swap, f"{swap}/plan"),
        *(f"/swaps/{asked.id}/counter", f"{swap}/place/1", f"/swaps/{done.id}/rate/{dan.id}"),
        f"/report/{running.id}/{ada.id}",
    )
    return [*((path, ben) for path in paths), ("/swaps", await insert_user(deps, "Newcomer", **PYTHON))]
