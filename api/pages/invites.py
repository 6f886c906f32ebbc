"""The page of one's own invite links: how they stand, a new one, and an end to one."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.errors import Problem
from domain.invites import MAX_DAYS, MAX_USES, MEMBER_DAYS, MEMBER_USES, RUNNING
from domain.links import INVITE, write_link
from domain.users import User
from handlers.community import get_community
from handlers.invites import DEFAULT_DAYS, DEFAULT_USES, list_invites, make_invite, revoke_invite
from handlers.runtime.deps import Deps

PATH: Final = "/community/invites"
OVER_SHOWN: Final = 20


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts, now = texts_of(request), deps.now()
    views = [
        (invite, f"{deps.public_url}/i/{invite.code}", write_link(INVITE, invite.code), invite.state(now),
         moment(texts, invite.until, actor.timezone))
        for invite in await list_invites(deps, actor)
    ]  # fmt: skip
    return render(
        request,
        texts,
        "invites.html",
        user=actor,
        title=texts.plain("page.community.invites"),
        status=status,
        alert=alert,
        form=form,
        running=[view for view in views if view[3] == RUNNING],
        over=[view for view in views if view[3] != RUNNING][:OVER_SHOWN],
        may_invite=actor.is_moderator or (await get_community(deps)).members_may_invite,
        is_bounded=not actor.is_moderator,
        uses=form.text("uses") or DEFAULT_USES,
        days=form.text("days") or DEFAULT_DAYS,
        max_uses=MAX_USES,
        max_days=MAX_DAYS,
        member_uses=MEMBER_USES,
        member_days=MEMBER_DAYS,
    )


@as_page
async def show_invites(request: web.Request) -> web.Response:
    """Show the reader's links."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def change_invites(request: web.Request) -> web.Response:
    """Make a link, or end one."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        if invite_id := form.text("end"):
            await revoke_invite(deps, actor, invite_id)
        else:
            # a text that is no number is one that no link may have
            uses = 0 if form.text("uses") and form.number("uses") is None else form.number("uses")
            days = 0 if form.text("days") and form.number("days") is None else form.number("days")
            await make_invite(deps, actor, uses=uses, days=days)
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "forbidden", "not_found"):
            raise
        return await _page(request, deps, actor, form, **refusal_of(request, problem))
    return on_to(PATH)


def routes() -> list[web.RouteDef]:
    return [web.get(PATH, show_invites), web.post(PATH, change_invites)]
