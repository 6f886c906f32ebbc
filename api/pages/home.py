"""The address of the service itself, and the way to the local Telegram."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import current_user
from api.http.context import context_of
from api.pages.community import front_page
from api.pages.forms import on_to
from api.pages.navigation import badges_of
from api.pages.problems import as_page
from api.pages.reader import APPLICATION, STANDING
from api.pages.standing import standing_page
from domain.errors import NotFound
from domain.standing import READ_OTHERS, READ_OWN
from handlers.joining import is_applicant


@as_page
async def get_root(request: web.Request) -> web.Response:
    """Return the front page for a visitor; a signed-in reader goes on to what waits for them, else to new people."""
    deps = context_of(request).deps
    user = await current_user(request)
    if user is None:
        return await front_page(request, None)
    if user.refused_as(READ_OWN, deps.now()) is not None:
        return await standing_page(request, user)
    if badges_of(request).waiting:
        return on_to("/swaps")
    if user.refused_as(READ_OTHERS, deps.now()) is not None:
        return on_to(APPLICATION if is_applicant(user) else STANDING)
    if not user.onboarded and not user.can_match:
        return on_to("/welcome")
    return on_to("/discover")


async def get_sandbox(request: web.Request) -> web.Response:
    """On to the local Telegram, where there is one."""
    target = context_of(request).sandbox_page
    if target is None:
        raise NotFound("not_found")
    return web.Response(status=302, headers={"Location": target})


def routes() -> list[web.RouteDef]:
    return [
        web.get("/", get_root),
        web.get("/sandbox", get_sandbox),
    ]
