"""Routes of ratings: writing, declining, editing, answering, and reading those that are shown."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.cursors import next_page, require_id
from api.http.idempotency import once
from api.openapi.operation import op
from api.schemas.reviews import (
    DeclineBody,
    NewReviewBody,
    NoteDocument,
    OwnReview,
    PendingReviewDocument,
    RatingBody,
    ReplyBody,
    ReviewsQuery,
    ShownReviewDocument,
    note_document,
    own_review,
    pending_review,
    shown_review,
)
from handlers import reviews

PAGE = 20
MAX_PAGE = 100


@op(tags=("ratings",), ok=OwnReview, status=201, body=NewReviewBody, errors=(403, 404, 409), is_repeatable=True)
async def post_review(request: web.Request) -> web.Response:
    """Rate a partner of a completed swap.

    For fourteen days after the end. Neither of you sees the other's rating, and no mean counts it,
    until both are written or the days are over. `note_to_moderators` is read by them alone.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, NewReviewBody)

    async def respond() -> web.Response:
        review = await reviews.write_review(deps, actor, body.swap_id, body.about, body.rating())
        return reply(own_review(review, actor.id, is_shown=await reviews.is_shown(deps, review)), status=201)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


@op(tags=("ratings",), ok=OwnReview, body=DeclineBody, errors=(403, 404, 409))
async def decline_review(request: web.Request) -> web.Response:
    """Decide not to rate a partner.

    You get no more reminders, the other's rating is shown at once, and you cannot rate this swap any more.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, DeclineBody)
    review = await reviews.write_review(deps, actor, body.swap_id, body.about, None)
    return reply(own_review(review, actor.id, is_shown=await reviews.is_shown(deps, review)))


@op(tags=("ratings",), ok=OwnReview, body=RatingBody, errors=(404, 409))
async def put_review(request: web.Request) -> web.Response:
    """Edit a rating that is not shown yet.

    Once both are written, or the fourteen days are over, it stays as it is.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, RatingBody)
    review = await reviews.edit_review(deps, actor, request.match_info["id"], body.rating())
    return reply(own_review(review, actor.id, is_shown=False))


@op(tags=("ratings",), ok=ShownReviewDocument, body=ReplyBody, errors=(404, 409))
async def post_reply(request: web.Request) -> web.Response:
    """Answer a rating of you, publicly and once.

    The rating has to be shown. Repeating the same answer is not an error.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ReplyBody)
    review = await reviews.reply_to_review(deps, actor, request.match_info["id"], body.text)
    return reply(shown_review(await reviews.with_author(deps, review)))


@op(tags=("ratings",), ok=list[PendingReviewDocument])
async def list_pending_reviews(request: web.Request) -> web.Response:
    """List the ratings that you can still write, the most urgent first.

    Each with the day until which it can be written.
    """
    deps, actor = await signed_in(request)
    return reply([pending_review(pending) for pending in await reviews.list_pending(deps, actor)])


@op(tags=("ratings",), ok=list[OwnReview], errors=(404,))
async def list_swap_reviews(request: web.Request) -> web.Response:
    """List the ratings of one of your swaps.

    Your own, and those that are shown; the line for the moderators is in your own alone.
    """
    deps, actor = await signed_in(request)
    found = await reviews.list_own(deps, actor, request.match_info["id"])
    return reply([own_review(review, actor.id, is_shown=is_shown) for review, is_shown in found])


@op(tags=("ratings",), ok=list[ShownReviewDocument], query=ReviewsQuery, errors=(400, 404))
async def list_user_reviews(request: web.Request) -> web.Response:
    """List the ratings of a user, newest first.

    Those that are shown; `before` is the `_id` of the last one seen.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, ReviewsQuery)
    user_id = request.match_info["id"]
    before = require_id(query.before) if query.before is not None else None
    limit = min(query.limit or PAGE, MAX_PAGE)
    found = await reviews.list_reviews(deps, actor, user_id, before=before, limit=limit + 1)
    headers = None
    if len(found) > limit:
        headers = next_page(f"/api/users/{user_id}/reviews", before=found[limit - 1].review.id, limit=limit)
    return reply([shown_review(shown) for shown in found[:limit]], headers=headers)


@op(tags=("moderation",), ok=list[NoteDocument], errors=(403,))
async def list_review_notes(request: web.Request) -> web.Response:
    """List the lines that were written for the moderators with ratings, newest first.

    For moderators.
    """
    deps, actor = await signed_in(request)
    return reply([note_document(review) for review in await reviews.list_notes(deps, actor)])


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/reviews", post_review),
        web.post("/api/reviews/decline", decline_review),
        web.get("/api/reviews/pending", list_pending_reviews),
        web.put("/api/reviews/{id}", put_review),
        web.post("/api/reviews/{id}/reply", post_reply),
        web.get("/api/swap/{id}/reviews", list_swap_reviews),
        web.get("/api/users/{id}/reviews", list_user_reviews),
        web.get("/api/moderation/notes", list_review_notes),
    ]
