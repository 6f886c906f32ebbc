"""The page that says where a session is: a link for one online, or a place."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.plan import place_in, session_in
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import current_of, may_be_placed, moment, names_of
from domain.errors import NotFound, Problem
from domain.planning import Meeting, people_of
from domain.sessions import MODES
from domain.swaps import Swap
from domain.timetable import MAX_LINK_LENGTH, MAX_PLACE_LENGTH
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.sessions import place_session
from handlers.swaps import get_swap
from handlers.users import get_people


async def _page(
    request: web.Request, deps: Deps, actor: User, swap: Swap, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    session = session_in(swap, actor, request.match_info["session"])
    if session is None:
        raise NotFound("session.no_such_session")
    partner_id = next(one for one in people_of(swap, session) if one != actor.id)
    people = await get_people(deps, (partner_id,))
    starts = session.slots if session.starts_at is None else (session.starts_at,)
    is_filled = bool(form.fields)
    return render(
        request,
        texts,
        "place.html",
        user=actor,
        title=texts.plain("page.place.title"),
        status=status,
        alert=alert,
        swap=swap,
        session=session,
        person=names_of(texts, swap, actor.id, people, only=(partner_id,)),
        moments=[moment(texts, start, actor.timezone, people.get(partner_id)) for start in starts],
        is_open=may_be_placed(swap, session, deps.now()),
        modes=MODES,
        mode=form.text("mode") if form.text("mode") in MODES else session.mode,
        place=form.text("place") if is_filled else session.place,
        link=form.text("link") if is_filled else session.link,
        max_place=MAX_PLACE_LENGTH,
        max_link=MAX_LINK_LENGTH,
    )


@as_page
async def show_place(request: web.Request) -> web.Response:
    """Show where a session is, to be changed."""
    deps, actor = await signed_in(request)
    swap = await get_swap(deps, actor, request.match_info["id"])
    return await _page(request, deps, actor, swap, Form(()))


@as_page
async def say_where(request: web.Request) -> web.Response:
    """Save where a session is. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form, swap_id = await read_form(request), request.match_info["id"]
    mode, place, link = place_in(form)
    try:
        after = await place_session(
            deps,
            actor,
            swap_id,
            request.match_info["session"],
            Meeting((), mode=mode, place=place, link=link),
            version=form.number("version"),
        )
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid"):
            raise
        swap = current_of(problem) or await get_swap(deps, actor, swap_id)
        return await _page(request, deps, actor, swap, form, **refusal_of(request, problem))
    return on_to(f"/swaps/{after.id}")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/swaps/{id}/place/{session}", show_place),
        web.post("/swaps/{id}/place/{session}", say_where),
    ]
