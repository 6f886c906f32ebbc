"""The community's own pages: the front page, and its rules, which members agree to, and anew when they change."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import current_user, signed_in
from api.auth.requests import read_auth
from api.http.context import context_of
from api.http.language import texts_of
from api.pages.forms import on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from domain.community import Community
from domain.errors import Conflict, Invalid, Problem
from domain.users import User
from handlers.applications import count_community
from handlers.community import get_community
from handlers.rules import agree_to_rules, has_agreed


async def front_page(request: web.Request, user: User | None) -> web.Response:
    """Return the page about the community: for a visitor with the ways in, for a member with what they can do there."""
    context, texts = context_of(request), texts_of(request)
    deps = context.deps
    community = await get_community(deps)
    auth = await read_auth(request)
    page = render(
        request,
        texts,
        "community.html",
        user=user,
        title=texts.plain("page.community.title") if user is not None else "",
        numbers=await count_community(deps) if community.is_set_up else None,
        languages=[texts.language_name(code) for code in community.languages],
        may_invite=user is not None and (user.is_moderator or community.members_may_invite),
        csrf_token=auth.csrf_token,
        has_other_ways=len(context.providers.table) > 1,
        form_action=f"'self' {deps.public_url}",
    )
    if user is None:
        auth.keep_cookies(page)
    return page


@as_page
async def show_community(request: web.Request) -> web.Response:
    """Show what the community is, whoever asks."""
    return await front_page(request, await current_user(request))


def _rules_page(
    request: web.Request, community: Community, user: User | None, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    return render(
        request,
        texts,
        "rules.html",
        user=user,
        title=texts.plain("page.rules.title"),
        status=status,
        alert=alert,
        current=community,
        is_agreed=user is not None and has_agreed(community, user),
        is_changed=user is not None and bool(user.rules_agreed),
    )


@as_page
async def show_rules(request: web.Request) -> web.Response:
    """Show the rules; whoever is signed in and has not agreed to this version can do so here."""
    return _rules_page(request, await get_community(context_of(request).deps), await current_user(request))


@as_page
async def agree(request: web.Request) -> web.Response:
    """Agree to the rules. When they have changed since, they are shown as they are now, to be read first."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        version = form.number("rules_version")
        if version is None:
            raise Invalid("invalid_field", field="rules_version")
        await agree_to_rules(deps, actor, version)
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid"):
            raise
        current = problem.current if isinstance(problem, Conflict) else None
        community = current if isinstance(current, Community) else await get_community(deps)
        return _rules_page(request, community, actor, **refusal_of(request, problem))
    return on_to("/")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/community", show_community),
        web.get("/rules", show_rules),
        web.post("/rules", agree),
    ]
