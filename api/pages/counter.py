"""The page that answers a request with another offer: other skills, other times, and a note."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.http.times import read_times
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.plan import LENGTHS, read_slot
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import current_of, names_of, pair_of
from api.pages.time_choices import days_of, other_clock
from domain.errors import Problem
from domain.proposed_times import slots_ahead
from domain.screening import partners_of
from domain.swaps import MAX_NOTE_LENGTH, Swap
from domain.timetable import MAX_SLOTS, USUAL_MINUTES
from domain.users import User
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.runtime.deps import Deps
from handlers.suggestions import suggest_week
from handlers.swaps import get_swap
from handlers.users import get_people


async def _page(
    request: web.Request, deps: Deps, actor: User, swap: Swap, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    partners = partners_of(swap, actor.id)
    people = await get_people(deps, partners)
    partner = people.get(partners[0]) if partners else None
    ticked = [at for at in map(read_slot, form.all_of("slot")) if at is not None]
    slots = (*ticked, *slots_ahead(swap, deps.now()), *await suggest_week(deps, actor, swap, partner))
    minutes = form.number("minutes") or swap.plan.minutes
    wanted = form.text("wanted_skill") or swap.learnt_by(actor.id)
    offered = form.text("offered_skill") or swap.taught_by(actor.id)
    return render(
        request,
        texts,
        "counter.html",
        user=actor,
        title=texts.plain("page.counter.title"),
        status=status,
        alert=alert,
        swap=swap,
        form=form,
        is_open="counter" in swap.can(actor.id),
        names=names_of(texts, swap, actor.id, people),
        pair=pair_of(texts, swap, actor.id),
        wanted=_choices(deps, (partner.skills_offered if partner is not None else ()), wanted),
        offered=_choices(deps, actor.skills_offered, offered),
        skill_name=texts.skill,
        days=days_of(texts, slots, actor, partner),
        clock=texts.timezone_name(actor.timezone) if actor.timezone else "",
        their_clock=other_clock(texts, actor, partner),
        person=partner,
        max_slots=MAX_SLOTS,
        lengths=sorted({*LENGTHS, minutes}),
        minutes=minutes,
        max_note=MAX_NOTE_LENGTH,
    )


def _choices(deps: Deps, skills: tuple[str, ...], chosen: str) -> list[tuple[str, bool]]:
    """Return the skills to choose from, each with whether it is the chosen one, in whatever spelling."""
    key_of = deps.vocabulary.key_of
    return [(skill, key_of(skill) == key_of(chosen)) for skill in skills]


@as_page
async def show_counter(request: web.Request) -> web.Response:
    """Show what another offer can be made of."""
    deps, actor = await signed_in(request)
    swap = await get_swap(deps, actor, request.match_info["id"])
    if "counter" not in swap.can(actor.id):
        return on_to(f"/swaps/{swap.id}")  # it is not the reader's turn, or all offers have been made
    return await _page(request, deps, actor, swap, Form(()))


@as_page
async def counter(request: web.Request) -> web.Response:
    """Send the offer of the form. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form, swap_id = await read_form(request), request.match_info["id"]
    try:
        offer = CounterOffer(
            form.text("offered_skill"),
            form.text("wanted_skill"),
            form.text("message"),
            await read_times((*form.all_of("slot"), *form.all_of("own")), actor.timezone, "slots"),
            form.number("minutes") or USUAL_MINUTES,
        )
        after = await counter_swap(deps, actor, swap_id, offer, version=form.number("version"))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "forbidden"):
            raise
        current = current_of(problem)
        swap = current if current is not None and current.id == swap_id else await get_swap(deps, actor, swap_id)
        if swap.circle is not None:
            raise
        return await _page(request, deps, actor, swap, form, **refusal_of(request, problem))
    return on_to(f"/swaps/{after.id}")


def routes() -> list[web.RouteDef]:
    return [web.get("/swaps/{id}/counter", show_counter), web.post("/swaps/{id}/counter", counter)]
