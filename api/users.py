"""Routes of profiles: your own, other users', and search by skill."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.cursors import TOTAL_COUNT, next_page, read_cursor, read_page, write_cursor, write_page
from api.openapi.operation import op
from api.schemas.matches import MatchCard, match_card
from api.schemas.users import OwnUser, PeopleQuery, ProfileBody, PublicUser, own_user, public_user
from domain.errors import Invalid
from domain.users import User
from handlers import matches, users
from handlers.people_search import count_teachers, search_by_name
from handlers.records import resume
from handlers.runtime.deps import Deps

SEARCH_PAGE = 20
MAX_SEARCH_PAGE = 50


@op(tags=("people",), ok=OwnUser, is_contract=True)
async def get_user(request: web.Request) -> web.Response:
    """Get your own profile.

    It also has what others never see: your address, your coordinates and your settings.
    """
    _, actor = await signed_in(request)
    return reply(own_user(actor))


@op(tags=("people",), ok=OwnUser, body=ProfileBody, errors=(409,), is_contract=True)
async def put_user(request: web.Request) -> web.Response:
    """Update your own profile.

    Fields that are left out stay as they are. `photo_url` is the address of a photo that you have
    uploaded, or null to remove it. The profile may be sent back as a whole; what cannot be changed
    has to be as it is.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ProfileBody)
    if body.names_read_only:
        body.require_same(own_user(actor))
    return reply(own_user(await users.update_profile(deps, actor, body.changes())))


@op(tags=("people",), ok=OwnUser)
async def post_resume(request: web.Request) -> web.Response:
    """Be shown to others again.

    After four requests or sessions that others waited for in vain within 30 days nobody finds you
    until you say so; your swaps go on. Changes nothing if you are not paused.
    """
    deps, actor = await signed_in(request)
    await resume(deps, actor)
    people = await users.get_people(deps, (actor.id,))
    return reply(own_user(people.get(actor.id, actor)))


@op(tags=("people",), ok=PublicUser, errors=(404,))
async def view_user(request: web.Request) -> web.Response:
    """Get a user's public profile.

    404 alike for private and deleted profiles and for unknown ids.
    """
    deps, actor = await signed_in(request)
    return reply(public_user(await users.view_user(deps, actor, request.match_info["id"]), deps.now()))


@op(tags=("people",), ok=list[MatchCard], query=PeopleQuery, errors=(400,))
async def search_users(request: web.Request) -> web.Response:
    """Find users who teach a skill, best first, or users by name.

    Give either `skill` or `name`. Only public profiles are found. When there are more, the `Link`
    header names the next page; its `cursor` is opaque. `X-Total-Count` counts the users of all
    pages, to 1000.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, PeopleQuery)
    limit = min(query.limit or SEARCH_PAGE, MAX_SEARCH_PAGE)
    if query.name is not None and query.skill is None:
        return await _search_by_name(deps, actor, query.name, limit, query.cursor)
    if query.skill is None or query.name is not None:
        raise Invalid("users.skill_or_name", field="skill")
    after = read_cursor(query.cursor) if query.cursor is not None else None
    page = await matches.find_teachers(deps, actor, query.skill, limit=limit + 1, after=after)
    headers = {TOTAL_COUNT: str(await count_teachers(deps, actor, query.skill))}
    if len(page) > limit:
        last = page[limit - 1].user
        headers |= next_page("/api/users", skill=query.skill, limit=limit, cursor=write_cursor(last.rank, last.id))
    return reply([match_card(match, deps.now()) for match in page[:limit]], headers=headers)


async def _search_by_name(deps: Deps, actor: User, name: str, limit: int, cursor: str | None) -> web.Response:
    number = read_page(cursor) if cursor is not None else 0
    page = await search_by_name(deps, actor, name, page=number, size=limit)
    headers = {TOTAL_COUNT: str(page.total)}
    if page.number + 1 < page.pages:
        headers |= next_page("/api/users", name=name, limit=limit, cursor=write_page(page.number + 1))
    return reply([match_card(match, deps.now()) for match in page.matches], headers=headers)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/user", get_user),
        web.put("/api/user", put_user),
        web.post("/api/user/resume", post_resume),
        web.get("/api/users", search_users),
        web.get("/api/users/{id}", view_user),
    ]
