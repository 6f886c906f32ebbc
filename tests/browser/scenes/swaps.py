"""Swaps: lists filled and empty, requests for whoever decides and whoever asked, sessions in all states, planning,
ratings, a circle of three."""

from __future__ import annotations

from datetime import timedelta

from domain.planning import Meeting
from domain.reviews import Rating
from domain.swaps import ACCEPTED
from domain.users import User
from handlers import sessions
from handlers.circles import ask_circle, join_circle
from handlers.messages import Draft, send_message
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from tests.browser.scenes import GUITAR, PYTHON, Pages, Stage
from tests.factories import insert_swap, insert_user, list_possible

DAY = timedelta(days=1)


async def pages(stage: Stage) -> Pages:
    """Make requests, running swaps with sessions, and completed ones that are to be rated and that are rated."""
    deps = stage.deps
    ada = await insert_user(deps, "Ada", timezone="Europe/Madrid", **PYTHON)
    ben = await insert_user(deps, "Ben", timezone="America/New_York", availability="weekday evenings", **GUITAR)
    cleo = await insert_user(
        deps, "Cleo", timezone="Asia/Tokyo", availability="weekday mornings", location="Tokyo", **PYTHON
    )
    dan, eli, fay, gus = [await insert_user(deps, name, **PYTHON) for name in ("Dan", "Eli", "Fay", "Gus")]
    slots = tuple((deps.now() + days * DAY).replace(minute=0, second=0, microsecond=0) for days in (2, 3))
    asked = await propose_swap(deps, cleo, Proposal(ben.id, "Python", "Guitar", "Hello Ben!", slots=slots))
    running = await insert_swap(deps, ada, ben, status=ACCEPTED)
    await send_message(deps, ada, Draft(running.id, "See you there", "web"))
    await sessions.offer_session(deps, ada, running.id, Meeting(slots, link="https://meet.example.org/x"))
    noted = await insert_swap(deps, eli, ben, status=ACCEPTED)
    await sessions.note_session(deps, eli, noted.id, Meeting(()))
    done, rated = await _completed(deps, dan, ben), await _completed(deps, fay, ben)
    kept = await _completed(deps, gus, ben)
    await write_review(deps, ben, kept, gus.id, Rating(4, ("clear", "friendly"), "Patient", "A bit late"))
    await write_review(deps, ben, rated, fay.id, Rating(4, ("clear",), "Patient", "A bit late"))
    ana, circle = await _circle(deps)
    swap = f"/swaps/{running.id}"
    paths = (
        *("/swaps", f"/swaps/{asked.id}", swap, f"{swap}/plan", f"/swaps/{noted.id}"),
        *(f"/swaps/{asked.id}/counter", f"{swap}/place/1", f"/swaps/{done}", f"/swaps/{done}/rate/{dan.id}"),
        *(f"/swaps/{rated}", f"/swaps/{kept}/rate/{gus.id}", f"/report/{running.id}/{ada.id}"),
    )
    await write_review(deps, fay, rated, ben.id, Rating(5, text="Thank you"))
    of_others = [(f"/swaps/{asked.id}", cleo), (f"/swaps/{rated}", fay), *((path, ana) for path in circle)]
    return [*((path, ben) for path in paths), *of_others, ("/swaps", await insert_user(deps, "Newcomer", **PYTHON))]


async def _completed(deps: Deps, one: User, other: User) -> str:
    swap = await insert_swap(deps, one, other, status=ACCEPTED)
    await sessions.note_session(deps, one, swap.id, Meeting(()))
    await sessions.answer_session(deps, other, swap.id, "1", "yes")
    for person in (one, other):
        await sessions.finish_swap(deps, person, swap.id)
    return swap.id


async def _circle(deps: Deps) -> tuple[User, tuple[str, ...]]:
    """Close a circle of three with a session; return one of them and their pages of it."""
    rows = (("Rosa", "Sewing", "Chess"), ("Sam", "Drawing", "Sewing"), ("Tia", "Chess", "Drawing"))
    people = [await insert_user(deps, name, skills_offered=(t,), skills_wanted=(w,)) for name, t, w in rows]
    rosa = people[0]
    (possible,) = await list_possible(deps, rosa)
    view = await ask_circle(deps, rosa, possible.id)
    for person in people[1:]:
        view = await join_circle(deps, person, view.id, version=view.version)
    assert view.swap is not None
    by_id = {person.id: person for person in people}
    leg = view.swap.legs[0]
    await sessions.offer_session(deps, by_id[leg.teacher], view.id, Meeting((deps.now() + 3 * DAY,), (0,)))
    return rosa, (f"/swaps/{view.id}", f"/swaps/{view.id}/plan")
