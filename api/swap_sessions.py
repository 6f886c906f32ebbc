"""Routes of the sessions of swaps: plan, move, call off, say what took place, and export."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.idempotency import once
from api.http.language import texts_of
from api.http.times import read_times
from api.http.versions import etag, expected_version, stale_as_412
from api.openapi.operation import op
from api.schemas.matches import TimesDocument
from api.schemas.sessions import (
    SessionActionBody,
    SessionBody,
    SessionsQuery,
    StatementBody,
    SwapSessionDocument,
    SwapSessionItem,
    session_document,
)
from api.schemas.swaps import SwapDocument, swap_document
from api.schemas.values import iso
from api.swaps import swap_response
from domain.errors import Invalid
from domain.planning import Meeting
from domain.swaps import Swap
from domain.users import User
from handlers import sessions
from handlers.calendar import CALENDAR_TYPE, FILE_NAME, get_session_ics
from handlers.runtime.deps import Deps
from handlers.sessions import SwapSession
from handlers.suggestions import suggest_week
from handlers.swaps import get_swap
from handlers.users import get_people

DAY: Final = timedelta(days=1)
WINDOW: Final = timedelta(days=60)
MAX_WINDOW: Final = timedelta(days=366)


@op(
    tags=("swaps",),
    ok=SwapDocument,
    status=201,
    body=SessionBody,
    errors=(404, 409),
    is_repeatable=True,
    is_conditional=True,
)
async def post_session(request: web.Request) -> web.Response:
    """Offer a session, or note one that took place.

    The other one agrees to one of the times. What you note with `met` the other one confirms within
    a week. At most three sessions of a swap can be offered or agreed on at the same time, and twenty
    in all.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, SessionBody)
    version = expected_version(request, body.version)

    async def respond() -> web.Response:
        said = [body.at] if body.met and body.at else [] if body.met else body.slots
        slots = await read_times(said, body.timezone or actor.timezone, "at" if body.met else "slots")
        legs = tuple(body.legs)
        meeting = Meeting(slots, legs, body.minutes, body.mode, place=body.place, link=body.link)
        make = sessions.note_session if body.met else sessions.offer_session
        with stale_as_412(request, version):
            swap = await make(deps, actor, request.match_info["id"], meeting, version=version)
        path = f"/api/swap/{swap.id}/sessions/{swap.plan.sessions[-1].id}"
        headers = {"Location": path, "ETag": etag(swap.version)}
        return reply(swap_document(swap, actor.id, deps.now(), texts_of(request)), status=201, headers=headers)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


@op(tags=("swaps",), ok=SwapDocument, body=SessionActionBody, errors=(404, 409), is_conditional=True)
async def put_session(request: web.Request) -> web.Response:
    """Agree to a session, confirm it, move it, say where it is, call it off, or say what became of it.

    Repeating it changes nothing. A session can be moved twice. Until it begins it can be called off,
    and from its end on answered. 409 and 412 as for the answer to a request.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, SessionActionBody)
    version = expected_version(request, body.version)
    with stale_as_412(request, version):
        swap = await _act(deps, actor, request.match_info["id"], request.match_info["sid"], body, version)
    return swap_response(request, deps, swap, actor)


async def _act(
    deps: Deps, actor: User, swap_id: str, session_id: str, body: SessionActionBody, version: int | None
) -> Swap:
    zone = body.timezone or actor.timezone
    match body.action:
        case "agree":
            if body.starts_at is None:
                raise _missing("starts_at")
            (start,) = await read_times([body.starts_at], zone, "starts_at")
            return await sessions.agree_session(deps, actor, swap_id, session_id, start, version=version)
        case "move":
            slots = await read_times(body.slots, zone, "slots")
            meeting = await _meeting_of(deps, actor, swap_id, session_id, body, slots)
            return await sessions.move_session(deps, actor, swap_id, session_id, meeting, version=version)
        case "place":
            meeting = await _meeting_of(deps, actor, swap_id, session_id, body, ())
            return await sessions.place_session(deps, actor, swap_id, session_id, meeting, version=version)
        case "confirm":
            return await sessions.confirm_session(deps, actor, swap_id, session_id, version=version)
        case "call_off":
            return await sessions.call_off_session(deps, actor, swap_id, session_id, version=version)
    if body.answer is None:
        raise _missing("answer")
    return await sessions.answer_session(
        deps, actor, swap_id, session_id, body.answer, legs=tuple(body.legs), reason=body.reason or "", version=version
    )


async def _meeting_of(
    deps: Deps, actor: User, swap_id: str, session_id: str, body: SessionActionBody, slots: tuple[datetime, ...]
) -> Meeting:
    """Return the session as it is to be; what is left out stays."""
    known = (await sessions.get_session(deps, actor, swap_id, session_id)).session
    return Meeting(
        slots,
        minutes=known.minutes if body.minutes is None else body.minutes,
        mode=known.mode if body.mode is None else body.mode,
        place=known.place if body.place is None else body.place,
        link=known.link if body.link is None else body.link,
    )


@op(tags=("swaps",), ok=SwapSessionDocument, errors=(404,))
async def get_swap_session(request: web.Request) -> web.Response:
    """Get one of your sessions.

    The `ETag` header is the version of its swap, for `If-Match`.
    """
    deps, actor = await signed_in(request)
    found = await sessions.get_session(deps, actor, request.match_info["id"], request.match_info["sid"])
    document = session_document(found.swap, found.session, actor.id, deps.now())
    return reply(document, headers={"ETag": etag(found.swap.version)})


@op(tags=("swaps",), ok=str, content="text/calendar", errors=(404, 409))
async def get_session_file(request: web.Request) -> web.Response:
    """Get one of your sessions as a file for calendars.

    iCalendar (RFC 5545) with one entry in UTC. Its UID stays, and SEQUENCE grows when the session is
    moved or called off. 409 for a session without an agreed time.
    """
    deps, actor = await signed_in(request)
    raw = await get_session_ics(deps, actor, request.match_info["id"], request.match_info["sid"])
    headers = {
        "Content-Type": CALENDAR_TYPE,
        "Content-Disposition": f'attachment; filename="{FILE_NAME}"',
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=raw, headers=headers)


@op(tags=("swaps",), ok=list[SwapSessionItem], query=SessionsQuery)
async def list_swap_sessions(request: web.Request) -> web.Response:
    """List your sessions between two times, in order.

    Those that are agreed on, and those that are offered, by the first of their times; at most 200.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, SessionsQuery)
    since = deps.now() - DAY
    if query.since is not None:
        (since,) = await read_times([query.since], actor.timezone, "from")
    until = since + WINDOW
    if query.to is not None:
        (until,) = await read_times([query.to], actor.timezone, "to")
    if not timedelta(0) < until - since <= MAX_WINDOW:
        raise Invalid("session.window", field="to", days=MAX_WINDOW.days)
    found = await sessions.list_sessions(deps, actor, since=since, until=until)
    return reply([_item(one, actor.id, deps.now()) for one in found])


@op(tags=("swaps",), ok=SwapDocument, errors=(404, 409), is_conditional=True)
async def post_arrange(request: web.Request) -> web.Response:
    """Say that you two arrange your sessions by yourselves.

    No times are suggested any more. After two weeks you are asked whether you have met.
    """
    return await _changed(request, sessions.arrange_sessions)


@op(tags=("swaps",), ok=SwapDocument, errors=(404, 409), is_conditional=True)
async def post_not_yet(request: web.Request) -> web.Response:
    """Say that you have not met yet, but will.

    The time after which a swap without a plan lapses begins anew.
    """
    return await _changed(request, sessions.have_not_met_yet)


@op(tags=("swaps",), ok=SwapDocument, errors=(404, 409), is_conditional=True)
async def post_done(request: web.Request) -> web.Response:
    """Say that you are done with a swap.

    When all have said so it is completed. 409 before any session has taken place.
    """
    return await _changed(request, sessions.finish_swap)


@op(tags=("swaps",), ok=SwapDocument, body=StatementBody, errors=(404, 409), is_conditional=True)
async def put_statement(request: web.Request) -> web.Response:
    """Say your side of a dispute.

    Within 72 hours, and only the moderators read it. A later one takes the place of an earlier one.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, StatementBody)
    version = expected_version(request, body.version)
    with stale_as_412(request, version):
        swap = await sessions.make_statement(deps, actor, request.match_info["id"], body.statement, version=version)
    return swap_response(request, deps, swap, actor)


@op(tags=("swaps",), ok=TimesDocument, errors=(404,))
async def suggest_session_times(request: web.Request) -> web.Response:
    """Suggest times for a session of a swap.

    For a calendar: up to four whole hours of each of the next seven days that have any. They suit
    both, as far as their profiles say when they are free, and none overlaps a session of yours; in a
    circle they suit you.
    """
    deps, actor = await signed_in(request)
    swap = await get_swap(deps, actor, request.match_info["id"])
    others = swap.others(actor.id)
    partner = (await get_people(deps, others)).get(others[0]) if len(others) == 1 else None
    slots = await suggest_week(deps, actor, swap, partner)
    document: TimesDocument = {"slots": [iso(slot) for slot in slots]}
    return reply(document)


async def _changed(request: web.Request, change: Callable[..., Awaitable[Swap]]) -> web.Response:
    """Answer with the swap after an operation that takes nothing but the version that the client has read."""
    deps, actor = await signed_in(request)
    version = expected_version(request)
    with stale_as_412(request, version):
        swap = await change(deps, actor, request.match_info["id"], version=version)
    return swap_response(request, deps, swap, actor)


def _missing(field: str) -> Invalid:
    return Invalid("invalid_field", errors=[{"field": field, "message": "Field required"}])


def _item(one: SwapSession, viewer_id: str, at: datetime) -> SwapSessionItem:
    return {"swap_id": one.swap.id, "session": session_document(one.swap, one.session, viewer_id, at)}


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/swap/sessions", list_swap_sessions),
        web.get("/api/swap/{id}/times", suggest_session_times),
        web.post("/api/swap/{id}/sessions", post_session),
        web.get("/api/swap/{id}/sessions/{sid}.ics", get_session_file),
        web.get("/api/swap/{id}/sessions/{sid}", get_swap_session),
        web.put("/api/swap/{id}/sessions/{sid}", put_session),
        web.post("/api/swap/{id}/arrange", post_arrange),
        web.post("/api/swap/{id}/not-yet", post_not_yet),
        web.post("/api/swap/{id}/done", post_done),
        web.put("/api/swap/{id}/statement", put_statement),
    ]
