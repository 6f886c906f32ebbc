"""The form that asks a person for a swap: two skills, a note, up to three times."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.http.times import read_times
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.person_cards import initial_of, name_of
from api.pages.plan import LENGTHS, read_slot
from api.pages.problems import Refusal, as_page, refusal_of, words_of
from api.pages.swap_views import current_of
from api.pages.time_choices import days_of, other_clock
from domain.errors import Invalid, NotFound, Problem
from domain.matches import Match
from domain.quotas import RAISES
from domain.swaps import MAX_NOTE_LENGTH, Swap
from domain.timetable import MAX_SLOTS, USUAL_MINUTES
from domain.users import User
from handlers.matches import view_match
from handlers.quotas import get_quota
from handlers.runtime.deps import Deps
from handlers.suggestions import suggest_week
from handlers.swaps import Proposal, propose_swap, require_may_ask

IN_PLACE = ("conflict", "invalid", "forbidden", "too_many")
"""Kinds of problems that are said beside the form as it was filled in."""


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, problem: Problem | None = None
) -> web.Response:
    texts = texts_of(request)
    match = await _match(deps, actor, request.match_info["id"])
    person = match.user
    ticked = [at for at in map(read_slot, form.all_of("slot")) if at is not None]
    slots = (*ticked, *await suggest_week(deps, actor, None, person))
    minutes = form.number("minutes") or USUAL_MINUTES
    quota, name = await get_quota(deps, actor), name_of(texts, person)
    is_sent = request.method == "POST"
    standing = current_of(problem) if problem is not None else None
    words = words_of(problem, texts) if problem is not None else ""
    return render(
        request,
        texts,
        "ask.html",
        user=actor,
        title=texts.plain("page.ask.title", name=name),
        **(refusal_of(request, problem) if is_sent else Refusal(status=200, alert=words)),
        standing_swap=standing.id if standing is not None else "",
        form=form,
        person={"id": person.id, "name": name, "initial": initial_of(person), "photo_url": person.photo_url},
        gets=_first(match.teaches_you, person.skills_offered),
        gives=_first(match.you_teach, actor.skills_offered),
        skill_name=texts.skill,
        days=days_of(texts, slots, actor, person),
        clock=texts.timezone_name(actor.timezone) if actor.timezone else "",
        their_clock=other_clock(texts, actor, person),
        max_slots=MAX_SLOTS,
        lengths=sorted({*LENGTHS, minutes}),
        minutes=minutes,
        max_note=MAX_NOTE_LENGTH,
        quota=quota,
        raises=RAISES,
    )


async def _match(deps: Deps, actor: User, user_id: str) -> Match:
    if user_id == actor.id:
        raise NotFound("user.not_found")
    return await view_match(deps, actor, user_id)


def _first(fitting: Sequence[str], skills: Sequence[str]) -> list[str]:
    """Return the skills, those first that the other side wants: the first one is chosen in the form."""
    return list(dict.fromkeys((*fitting, *skills)))


@as_page
async def show_ask(request: web.Request) -> web.Response:
    """Show the form; what would be refused whatever is filled in is said before."""
    deps, actor = await signed_in(request)
    try:
        await require_may_ask(deps, actor, request.match_info["id"])
    except Problem as problem:
        if problem.kind not in IN_PLACE:
            raise
        return await _page(request, deps, actor, Form(()), problem=problem)
    return await _page(request, deps, actor, Form(()))


@as_page
async def ask(request: web.Request) -> web.Response:
    """Send the request, and show how it stands. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        swap = await _send(deps, actor, request.match_info["id"], form)
    except Problem as problem:
        if problem.kind not in IN_PLACE:
            raise
        return await _page(request, deps, actor, form, problem=problem)
    return on_to(f"/swaps/{swap.id}")


async def _send(deps: Deps, actor: User, user_id: str, form: Form) -> Swap:
    if not form.text("offered_skill") or not form.text("wanted_skill"):
        raise Invalid("text.empty", field="wanted_skill")
    proposal = Proposal(
        user_id,
        form.text("offered_skill"),
        form.text("wanted_skill"),
        form.text("message"),
        slots=await read_times((*form.all_of("slot"), *form.all_of("own")), actor.timezone, "slots"),
        minutes=form.number("minutes") or USUAL_MINUTES,
    )
    return await propose_swap(deps, actor, proposal)


def routes() -> list[web.RouteDef]:
    return [web.get("/people/{id}/ask", show_ask), web.post("/people/{id}/ask", ask)]
