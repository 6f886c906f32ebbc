"""The page that says how the reader stands: a warning to acknowledge, a suspension with its last day."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.context import context_of
from api.http.language import texts_of
from api.pages.forms import on_to
from api.pages.layout import render
from api.pages.problems import as_page
from api.pages.swap_views import moment
from domain.standing import SUSPENDED, WARNED
from domain.users import User
from handlers.answer_links import answer_link
from handlers.correspondence import get_own_correspondence, may_answer
from handlers.letters import reason_text
from handlers.standing import acknowledge_warning


async def standing_page(request: web.Request, user: User) -> web.Response:
    """Return the page for somebody whom the organisers have written about: what was decided, what was written, and
    where to answer."""
    context, texts = context_of(request), texts_of(request)
    deps = context.deps
    answer_path = ""
    if await may_answer(deps, user):  # a path, so that it leads to this server whatever its address
        answer_path = answer_link(deps, context.providers.sealed_cookies, user).removeprefix(deps.public_url)
    letters = (await get_own_correspondence(deps, user)).entries
    named, until = user.standings(deps.now()), user.standing.suspended_until
    return render(
        request,
        texts,
        "standing.html",
        user=user,
        title=texts.plain("page.standing.title"),
        is_warned=WARNED in named,
        is_suspended=SUSPENDED in named,
        until=moment(texts, until, user.timezone) if until is not None else None,
        reason=reason_text(texts, user.standing.reason),
        letters=[(letter, moment(texts, letter.at, user.timezone)) for letter in letters],
        answer_path=answer_path,
    )


@as_page
async def show_standing(request: web.Request) -> web.Response:
    """Show what the organisers have decided about the reader."""
    _, actor = await signed_in(request)
    return await standing_page(request, actor)


@as_page
async def acknowledge(request: web.Request) -> web.Response:
    """Acknowledge a warning; then everything is open again."""
    deps, actor = await signed_in(request)
    await acknowledge_warning(deps, actor)
    return on_to("/")


def routes() -> list[web.RouteDef]:
    return [web.get("/standing", show_standing), web.post("/standing", acknowledge)]
