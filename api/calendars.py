"""Routes of the private calendar feed."""

from __future__ import annotations

import hashlib
from typing import Final

from aiohttp import hdrs, web
from typing_extensions import TypedDict

from api.auth.current_user import signed_in
from api.http.bodies import reply
from api.http.context import context_of
from api.openapi.operation import op
from api.schemas.values import iso
from handlers.calendar_feeds import Feed, find_feed, issue_feed, read_feed, revoke_feed

CACHE_SECONDS: Final = 300


class CalendarDocument(TypedDict):
    """Your private calendar feed. `url` is there only when it has just been made: it is not kept."""

    is_on: bool
    url: str | None
    created_at: str | None


@op(tags=("swaps",), ok=CalendarDocument)
async def get_calendar(request: web.Request) -> web.Response:
    """Say whether you have a calendar feed.

    The address itself is shown only once, when it is made.
    """
    deps, actor = await signed_in(request)
    return reply(_document(await find_feed(deps, actor)))


@op(tags=("swaps",), ok=CalendarDocument, status=201)
async def post_calendar(request: web.Request) -> web.Response:
    """Make a calendar feed, or a new address for yours.

    Google, Apple and Outlook subscribe to its `url`. Whoever knows it reads your sessions, nothing
    else; the address before it ends. Calendars may take a day to show a change.
    """
    deps, actor = await signed_in(request)
    return reply(_document(await issue_feed(deps, actor)), status=201)


@op(tags=("swaps",), ok=CalendarDocument)
async def delete_calendar(request: web.Request) -> web.Response:
    """End your calendar feed.

    Its address stops working at once. Repeating it changes nothing.
    """
    deps, actor = await signed_in(request)
    await revoke_feed(deps, actor)
    return reply(_document(None))


async def get_feed(request: web.Request) -> web.Response:
    """Return a feed. Nobody has to be signed in: the address is the key."""
    context = context_of(request)
    address = context.client_addresses.of(request)
    raw = await context.deadlines.keep(read_feed(context.deps, request.match_info["token"], address=address))
    tag = f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"private, max-age={CACHE_SECONDS}",
        "Content-Type": "text/calendar; charset=utf-8",
        "X-Robots-Tag": "noindex",
    }
    known = [each.strip().removeprefix("W/") for each in request.headers.get(hdrs.IF_NONE_MATCH, "").split(",")]
    if tag in known:
        return web.Response(status=304, headers=headers)
    return web.Response(body=raw, headers=headers)


def _document(feed: Feed | None) -> CalendarDocument:
    if feed is None:
        return {"is_on": False, "url": None, "created_at": None}
    return {"is_on": True, "url": feed.url or None, "created_at": iso(feed.created_at)}


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/calendar", get_calendar),
        web.post("/api/calendar", post_calendar),
        web.delete("/api/calendar", delete_calendar),
    ]


def feed_routes() -> list[web.RouteDef]:
    return [web.get("/calendar/{token}.ics", get_feed)]
