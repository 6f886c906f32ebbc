"""The page that plans a session: suggested times to tick, one of one's own, how long, and where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.errors import detail_of, status_of
from api.http.language import texts_of
from api.http.times import read_times
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page
from api.pages.swap_views import current_of, names_of, pair_of
from api.pages.time_choices import days_of, other_clock
from domain.errors import NotFound, Problem
from domain.planning import Meeting, people_of, sessions_of
from domain.sessions import IN_PERSON, MODES, ONLINE, Session
from domain.swaps import Leg, Swap
from domain.timetable import MAX_LINK_LENGTH, MAX_PLACE_LENGTH, MAX_SLOTS, USUAL_MINUTES
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.sessions import move_session, note_session, offer_session
from handlers.suggestions import suggest_week
from handlers.swaps import get_swap
from handlers.users import get_people

LENGTHS: Final = (30, 45, 60, 90, 120, 180)
"""Lengths of a session that are offered, in minutes."""
OFFER, MET = "offer", "met"


async def _page(
    request: web.Request, deps: Deps, actor: User, swap: Swap, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    moved = _moved(swap, actor, form.text("move") or request.query.get("move", ""))
    people = await get_people(deps, swap.participants)
    others = swap.others(actor.id) if moved is None else [one for one in people_of(swap, moved) if one != actor.id]
    partner = people.get(others[0]) if len(others) == 1 else None
    ticked = [at for at in map(read_slot, form.all_of("slot")) if at is not None]
    slots = (*ticked, *await suggest_week(deps, actor, swap, partner))
    minutes = form.number("minutes") or (moved.minutes if moved is not None else USUAL_MINUTES)
    legs = [(number, leg) for number, leg in enumerate(swap.legs) if actor.id in (leg.teacher, leg.learner)]
    return render(
        request,
        texts,
        "plan.html",
        user=actor,
        title=texts.plain("page.plan.title"),
        status=status,
        alert=alert,
        swap=swap,
        form=form,
        moved=moved,
        names=names_of(texts, swap, actor.id, people),
        pair=pair_of(texts, swap, actor.id),
        days=days_of(texts, slots, actor, partner),
        clock=texts.timezone_name(actor.timezone) if actor.timezone else "",
        their_clock=other_clock(texts, actor, partner),
        person=partner,
        max_slots=MAX_SLOTS,
        lengths=sorted({*LENGTHS, minutes}),
        minutes=minutes,
        modes=MODES,
        mode=form.text("mode") or (moved.mode if moved is not None else ONLINE),
        place=form.text("place") if form.fields or moved is None else moved.place,
        link=form.text("link") if form.fields or moved is None else moved.link,
        legs=[(number, _lesson(texts, leg, actor, people)) for number, leg in legs] if swap.circle is not None else [],
        max_place=MAX_PLACE_LENGTH,
        max_link=MAX_LINK_LENGTH,
    )


def _lesson(texts: Texts, leg: Leg, viewer: User, people: Mapping[str, User]) -> str:
    """Return a lesson of a circle with the one whom the viewer meets for it."""
    person = people.get(leg.teacher if leg.learner == viewer.id else leg.learner)
    name = person.name if person is not None and person.name else texts.plain("swap.somebody")
    return texts.plain("page.plan.lesson", skill=texts.skill(leg.skill), name=name)


def read_slot(text: str) -> datetime | None:
    """Return a time that the form has offered itself; None for anything else."""
    try:
        said = datetime.fromisoformat(text)
        at = said.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # In the first and the last year some clocks have no day for it.
    return at if said.tzinfo is not None and MINYEAR < at.year < MAXYEAR else None


def session_in(swap: Swap, actor: User, session_id: str) -> Session | None:
    """Return one of the reader's sessions of a swap."""
    return next((session for session in sessions_of(swap, actor.id) if session.id == session_id), None)


def _moved(swap: Swap, actor: User, session_id: str) -> Session | None:
    """Return the session that other times are asked for; None for a new one. Raises NotFound."""
    if not session_id:
        return None
    found = session_in(swap, actor, session_id)
    if found is None:
        raise NotFound("session.no_such_session")
    return found


@as_page
async def show_plan(request: web.Request) -> web.Response:
    """Show what a session can be planned with."""
    deps, actor = await signed_in(request)
    swap = await get_swap(deps, actor, request.match_info["id"])
    return await _page(request, deps, actor, swap, Form(()))


@as_page
async def plan(request: web.Request) -> web.Response:
    """Offer the times of the form, or note when the two have met. What is refused is said beside the form as it was
    filled in."""
    deps, actor = await signed_in(request)
    form, swap_id = await read_form(request), request.match_info["id"]
    try:
        meeting = await _meeting(actor, form)
        if form.text("action") == MET:
            after = await note_session(deps, actor, swap_id, meeting, version=form.number("version"))
        elif moved := form.text("move"):
            after = await move_session(deps, actor, swap_id, moved, meeting, version=form.number("version"))
        else:
            after = await offer_session(deps, actor, swap_id, meeting, version=form.number("version"))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid"):
            raise
        swap = current_of(problem) or await get_swap(deps, actor, swap_id)
        alert = detail_of(problem.code, problem.params, texts_of(request))
        return await _page(request, deps, actor, swap, form, status=status_of(problem), alert=alert)
    return on_to(f"/swaps/{after.id}")


def place_in(form: Form) -> tuple[str, str, str]:
    """Return mode, place and link of a form; whoever fills in one of the two says which it is."""
    mode, place, link = form.text("mode") or ONLINE, form.text("place").strip(), form.text("link").strip()
    if place and not link:
        mode = IN_PERSON
    elif link and not place:
        mode = ONLINE
    return mode, place if mode == IN_PERSON else "", link if mode == ONLINE else ""


async def _meeting(actor: User, form: Form) -> Meeting:
    mode, place, link = place_in(form)
    return Meeting(
        await read_times((*form.all_of("slot"), *form.all_of("own")), actor.timezone, "slots"),
        legs=form.numbers("leg"),
        minutes=form.number("minutes") or USUAL_MINUTES,
        mode=mode,
        place=place,
        link=link,
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/swaps/{id}/plan", show_plan), web.post("/swaps/{id}/plan", plan)]
