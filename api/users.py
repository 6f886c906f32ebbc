"""Profiles: one's own, and what others may see."""

from __future__ import annotations

from aiohttp import web

from api.auth import signed_in
from api.bodies import read_body, read_query, reply
from api.inputs import PeopleQuery, ProfileBody
from api.openapi import op
from api.schemas import MatchCard, OwnUser, PublicUser, match_card, own_user, public_user
from handlers import matches, users

SEARCH_PAGE = 20
MAX_SEARCH_PAGE = 50


@op(tags=("people",), ok=OwnUser)
async def get_user(request: web.Request) -> web.Response:
    """Read one's own profile."""
    _, actor = await signed_in(request)
    return reply(own_user(actor))


@op(tags=("people",), ok=OwnUser, body=ProfileBody, errors=(409,))
async def put_user(request: web.Request) -> web.Response:
    """Change one's own profile.

    What is given is changed, the rest stays. `photo_url` must be of a photo uploaded before, or null for none.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ProfileBody)
    return reply(own_user(await users.update_profile(deps, actor, body.changes())))


@op(tags=("people",), ok=PublicUser, errors=(404,))
async def view_user(request: web.Request) -> web.Response:
    """Look at somebody's public profile.

    Private, deleted and made-up people look the same: 404.
    """
    deps, actor = await signed_in(request)
    return reply(public_user(await users.view_user(deps, actor, request.match_info["id"])))


@op(tags=("people",), ok=list[MatchCard], query=PeopleQuery)
async def search_users(request: web.Request) -> web.Response:
    """Find people who teach a skill."""
    deps, actor = await signed_in(request)
    query = read_query(request, PeopleQuery)
    limit = min(query.limit or SEARCH_PAGE, MAX_SEARCH_PAGE)
    found = await matches.find_teachers(deps, actor, query.skill, limit=limit)
    return reply([match_card(match) for match in found])


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/user", get_user),
        web.put("/api/user", put_user),
        web.get("/api/users", search_users),
        web.get("/api/users/{id}", view_user),
    ]
