"""The page that rates a partner of a completed swap, or changes a rating that nobody sees yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.errors import detail_of, status_of
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page
from api.pages.swap import swap_page
from api.pages.swap_views import moment
from domain.errors import Conflict, Problem
from domain.reviews import MAX_NOTE_LENGTH, MAX_REVIEW_LENGTH, MAX_STARS, MIN_STARS, PRAISE, Rating, Review
from domain.users import User
from handlers.reviews import edit_review, list_own, list_pending, write_review
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap
from handlers.users import get_people

NO_RATING = "none"


@dataclass(frozen=True, slots=True)
class _Seat:
    """A rating that can be written, or one that is written and not shown yet, with its words."""

    until: datetime
    is_circle: bool
    written: Review | None = None


async def _seat(deps: Deps, actor: User, swap_id: str, user_id: str) -> _Seat:
    """Return what the reader may write about somebody in a swap. Raises NotFound, Conflict."""
    for pending in await list_pending(deps, actor):
        if pending.swap.id == swap_id and pending.seat.about == user_id:
            return _Seat(pending.until, pending.swap.circle is not None)
    swap = await get_swap(deps, actor, swap_id)
    for review, is_shown in await list_own(deps, actor, swap_id):
        if (review.author, review.about) == (actor.id, user_id) and not is_shown and not review.is_declined:
            return _Seat(review.window_ends, swap.circle is not None, review)
    raise Conflict("review.written")


def _form_of(review: Review) -> Form:
    praise = [("praise", word) for word in review.praise]
    fields = [("stars", str(review.stars)), ("text", review.text), ("note_to_moderators", review.note)]
    return Form([*fields, *praise])


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form | None, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    swap_id, user_id = request.match_info["id"], request.match_info["user_id"]
    one = await _seat(deps, actor, swap_id, user_id)
    filled = form if form is not None else _form_of(one.written) if one.written is not None else Form(())
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
        form=filled,
        swap_id=swap_id,
        written=one.written.id if one.written is not None else "",
        is_circle=one.is_circle,
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
    return await _page(request, deps, actor, None)


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
        if rating is not None and (review_id := form.text("review")):
            await edit_review(deps, actor, review_id, rating)
        else:
            await write_review(deps, actor, swap_id, user_id, rating)
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid"):
            raise
        alert = detail_of(problem.code, problem.params, texts_of(request))
        if problem.kind == "conflict":  # there is no form for it any more: the words stand beside the swap
            swap = await get_swap(deps, actor, swap_id)
            return await swap_page(request, deps, actor, swap, form, status=status_of(problem), alert=alert)
        return await _page(request, deps, actor, form, status=status_of(problem), alert=alert)
    return on_to(f"/swaps/{swap_id}")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/swaps/{id}/rate/{user_id}", show_rating),
        web.post("/swaps/{id}/rate/{user_id}", rate),
    ]
