"""The page that rates a partner of a completed swap, and the one list of what can still be rated."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.errors import detail_of, status_of
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page
from api.pages.swap_views import moment
from domain.errors import Conflict, Problem
from domain.reviews import MAX_NOTE_LENGTH, MAX_REVIEW_LENGTH, MAX_STARS, MIN_STARS, PRAISE, Rating
from domain.users import User
from handlers.reviews import list_pending, write_review
from handlers.runtime.deps import Deps
from handlers.users import get_people

NO_RATING = "none"


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    swap_id, user_id = request.match_info["id"], request.match_info["user_id"]
    pending = await list_pending(deps, actor)
    one = next((each for each in pending if each.swap.id == swap_id and each.seat.about == user_id), None)
    if one is None:
        raise Conflict("review.written")
    person = (await get_people(deps, (user_id,))).get(user_id)
    name = person.name if person is not None and person.name else texts.plain("swap.somebody")
    return render(
        request,
        texts,
        "rate.html",
        user=actor,
        title=texts.plain("page.rate.title", name=name),
        status=status,
        alert=alert,
        person_name=name,
        address=f"/swaps/{swap_id}/rate/{user_id}",
        form=form,
        until=moment(texts, one.until, actor.timezone),
        stars=range(MAX_STARS, MIN_STARS - 1, -1),
        praise=PRAISE,
        max_text=MAX_REVIEW_LENGTH,
        max_note=MAX_NOTE_LENGTH,
    )


@as_page
async def show_rating(request: web.Request) -> web.Response:
    """Show the form of a rating."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def rate(request: web.Request) -> web.Response:
    """Write a rating, or decide not to. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    swap_id, user_id = request.match_info["id"], request.match_info["user_id"]
    try:
        rating = None
        if form.text("action") != NO_RATING:
            rating = Rating(
                form.number("stars") or 0, form.all_of("praise"), form.text("text"), form.text("note_to_moderators")
            )
        await write_review(deps, actor, swap_id, user_id, rating)
    except Problem as problem:
        if problem.kind != "invalid":
            raise
        alert = detail_of(problem.code, problem.params, texts_of(request))
        return await _page(request, deps, actor, form, status=status_of(problem), alert=alert)
    return on_to(f"/swaps/{swap_id}")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/swaps/{id}/rate/{user_id}", show_rating),
        web.post("/swaps/{id}/rate/{user_id}", rate),
    ]
