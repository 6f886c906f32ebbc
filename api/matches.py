"""Routes of matches: suggested users, decisions about them, times to meet, and advice for an empty list."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_query, reply
from api.http.cursors import next_page, read_position, write_position
from api.openapi.operation import op
from api.schemas.matches import (
    AdviceDocument,
    MatchCard,
    MatchesQuery,
    ReconsideredDocument,
    SkippedDocument,
    TimesDocument,
    advice_document,
    match_card,
)
from api.schemas.values import iso
from handlers import matches
from handlers.suggestions import suggest_week
from handlers.users import view_user


@op(tags=("people",), ok=list[MatchCard], query=MatchesQuery, errors=(400,))
async def list_matches(request: web.Request) -> web.Response:
    """List the users with whom a swap is possible, best first.

    They teach a skill that you want and want a skill that you teach. Users whom you have asked or
    skipped are suggested again when the skills between you change, or after sixty days.
    `kind=could_teach_you` lists users who teach what you want and want nothing that you teach.
    Until the end of the day the pages of the `Link` header have no repeats and no gaps. For an
    empty list, `GET /api/matches/advice` says what would help.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, MatchesQuery)
    limit = min(query.limit or matches.MAX_RESULTS, matches.MAX_RESULTS)
    after = read_position(query.cursor) if query.cursor is not None else None
    page = await matches.list_matches(deps, actor, kind=query.kind, limit=limit, after=after)
    headers = None
    if page.following:
        headers = next_page("/api/matches", kind=query.kind, limit=limit, cursor=write_position(page.following))
    return reply([match_card(match, deps.now()) for match in page.matches], headers=headers)


@op(tags=("people",), ok=AdviceDocument)
async def get_advice(request: web.Request) -> web.Response:
    """Get advice for an empty list of matches.

    Counts of people by skill: who wants yours, who teaches what you want, and skills to add.
    """
    deps, actor = await signed_in(request)
    return reply(advice_document(await matches.advise_on_deck(deps, actor)))


@op(tags=("people",), ok=MatchCard, errors=(404,))
async def get_match(request: web.Request) -> web.Response:
    """Get the match with one user, whether or not a swap is possible.

    The user, what the two of you could teach each other, reasons and caveats. 404 alike for private
    and deleted profiles and for unknown ids.
    """
    deps, actor = await signed_in(request)
    match = await matches.view_match(deps, actor, request.match_info["id"])
    return reply(match_card(match, deps.now()))


@op(tags=("people",), ok=TimesDocument, errors=(404,))
async def suggest_times(request: web.Request) -> web.Response:
    """Suggest times for a first session with a user, for `slots` of a request.

    For a calendar: up to four whole hours of each of the next seven days that have any. They suit
    both, as far as their profiles say when they are free, and none overlaps a session of yours.
    """
    deps, actor = await signed_in(request)
    partner = await view_user(deps, actor, request.match_info["id"])
    slots = await suggest_week(deps, actor, None, partner)
    document: TimesDocument = {"slots": [iso(slot) for slot in slots]}
    return reply(document)


@op(tags=("people",), ok=SkippedDocument, errors=(404,))
async def skip_match(request: web.Request) -> web.Response:
    """Skip a user who does not suit you.

    They are suggested again when the skills between you change, or after sixty days.
    """
    deps, actor = await signed_in(request)
    user_id = request.match_info["id"]
    await matches.skip_match(deps, actor, user_id)
    document: SkippedDocument = {"_id": user_id}
    return reply(document)


@op(tags=("people",), ok=SkippedDocument, errors=(404,))
async def pass_match(request: web.Request) -> web.Response:
    """Pass a user for now.

    They are suggested again like a skipped user, or after `POST /api/matches/reconsider`.
    """
    deps, actor = await signed_in(request)
    user_id = request.match_info["id"]
    await matches.pass_match(deps, actor, user_id)
    document: SkippedDocument = {"_id": user_id}
    return reply(document)


@op(tags=("people",), ok=SkippedDocument, errors=(404,))
async def take_back(request: web.Request) -> web.Response:
    """Undo a skip or a pass.

    The user may be suggested again at once. 404 when there is nothing to undo.
    """
    deps, actor = await signed_in(request)
    user_id = request.match_info["id"]
    await matches.take_back_decision(deps, actor, user_id)
    document: SkippedDocument = {"_id": user_id}
    return reply(document)


@op(tags=("people",), ok=ReconsideredDocument)
async def reconsider(request: web.Request) -> web.Response:
    """Suggest again all users whom you have skipped, passed or rejected.

    Returns how many of them are still there and suit.
    """
    deps, actor = await signed_in(request)
    document: ReconsideredDocument = {"people": await matches.reconsider_skipped(deps, actor)}
    return reply(document)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/matches", list_matches),
        web.get("/api/matches/advice", get_advice),
        web.post("/api/matches/reconsider", reconsider),
        web.get("/api/matches/{id}", get_match),
        web.get("/api/matches/{id}/times", suggest_times),
        web.post("/api/matches/{id}/skip", skip_match),
        web.post("/api/matches/{id}/pass", pass_match),
        web.delete("/api/matches/{id}/skip", take_back),
    ]
