"""The page behind an invite link: what the community is, who invites, and how to come in."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import current_user, signed_in
from api.http.context import context_of
from api.http.language import texts_of
from api.pages.forms import on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.errors import Forbidden, NotFound, Problem
from domain.invites import RUNNING
from domain.users import User
from handlers.community import get_community
from handlers.invites import InviteView, accept_invite, view_invite
from handlers.joining import is_applicant, is_complete
from handlers.rules import agree_to_rules, has_agreed
from handlers.runtime.deps import Deps

UNKNOWN = "unknown"


async def _view(deps: Deps, code: str) -> InviteView | None:
    try:
        return await view_invite(deps, code)
    except NotFound:
        return None


async def _page(request: web.Request, user: User | None, *, status: int = 200, alert: str = "") -> web.Response:
    deps, texts, code = context_of(request).deps, texts_of(request), request.match_info["code"]
    view, community = await _view(deps, code), await get_community(deps)
    state = view.state if view is not None else UNKNOWN
    if state != RUNNING and status == 200:
        status = 404 if view is None else 410
    return render(
        request,
        texts,
        "invite.html",
        user=user,
        title=texts.plain("page.invite.title"),
        status=status,
        alert=alert,
        state=state,
        invited_by=view.invited_by if view is not None else "",
        until=moment(texts, view.until, user.timezone if user else None) if view is not None else None,
        current=community,
        address=f"/i/{code}",
        is_in=user is not None and not is_applicant(user),
        has_agreed=user is not None and has_agreed(community, user),
    )


@as_page
async def show_invite(request: web.Request) -> web.Response:
    """Show what an invite link leads to, whoever opens it."""
    return await _page(request, await current_user(request))


@as_page
async def join(request: web.Request) -> web.Response:
    """Come in by the link: agree to the rules, and go on to the profile where it is not complete."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    version = form.number("rules_version")
    try:
        if version is not None:
            if not form.text("agree"):
                raise Forbidden("rules.not_agreed")
            actor = await agree_to_rules(deps, actor, version)
        user = await accept_invite(deps, actor, request.match_info["code"])
    except Problem as problem:
        if problem.kind not in ("conflict", "forbidden", "invalid", "not_found"):
            raise
        return await _page(request, actor, **refusal_of(request, problem))
    if not is_applicant(user):
        return on_to("/")
    return on_to("/application" if is_complete(user) else "/welcome")


def routes() -> list[web.RouteDef]:
    return [web.get("/i/{code}", show_invite), web.post("/i/{code}", join)]
