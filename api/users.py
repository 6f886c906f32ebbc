"""Routes of profiles: your own, other users', and search by skill."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.cursors import next_page, read_cursor, write_cursor
from api.openapi.operation import op
from api.schemas.matches import MatchCard, match_card
from api.schemas.users import OwnUser, PeopleQuery, ProfileBody, PublicUser, own_user, public_user
from handlers import matches, users

SEARCH_PAGE = 20
MAX_SEARCH_PAGE = 50


@op(tags=("people",), ok=OwnUser)
async def get_user(request: web.Request) -> web.Response:
    """Get your own profile."""
    _, actor = await signed_in(request)
    return reply(own_user(actor))


@op(tags=("people",), ok=OwnUser, body=ProfileBody, errors=(409,))
async def put_user(request: web.Request) -> web.Response:
    """Update your own profile.

    Fields that are left out stay as they are. `photo_url` is the address of a photo that you have
    uploaded, or null to remove it.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ProfileBody)
    return reply(own_user(await users.update_profile(deps, actor, body.changes())))


@op(tags=("people",), ok=PublicUser, errors=(404,))
async def view_user(request: web.Request) -> web.Response:
    """Get a user's public profile.

    404 alike for private and deleted profiles and for unknown ids.
    """
    deps, actor = await signed_in(request)
    return reply(public_user(await users.view_user(deps, actor, request.match_info["id"])))


@op(tags=("people",), ok=list[MatchCard], query=PeopleQuery, errors=(400,))
async def search_users(request: web.Request) -> web.Response:
    """Find users who teach a skill, best first.

    When there are more, the `Link` header names the next page; its `cursor` is opaque.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, PeopleQuery)
    limit = min(query.limit or SEARCH_PAGE, MAX_SEARCH_PAGE)
    after = read_cursor(query.cursor) if query.cursor is not None else None
    page = await matches.find_teachers(deps, actor, query.skill, limit=limit + 1, after=after)
    headers = None
    if len(page) > limit:
        last = page[limit - 1].user
        headers = next_page("/api/users", skill=query.skill, limit=limit, cursor=write_cursor(last.rank, last.id))
    return reply([match_card(match) for match in page[:limit]], headers=headers)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/user", get_user),
        web.put("/api/user", put_user),
        web.get("/api/users", search_users),
        web.get("/api/users/{id}", view_user),
    ]
