"""The page of one's swaps: the list, and beside it the swap that needs the reader first."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form
from api.pages.layout import render
from api.pages.navigation import badges_of
from api.pages.problems import as_page
from api.pages.swap_detail import swap_detail
from api.pages.swap_list import FIRST, OPEN_BEFORE, OVER_BEFORE, Turned, read_list
from domain.quotas import RAISES
from handlers.quotas import get_quota


@as_page
async def show_swaps(request: web.Request) -> web.Response:
    """Show the reader's swaps."""
    deps, actor = await signed_in(request)
    texts = texts_of(request)
    turned = next(
        (Turned(name, request.query[name]) for name in (OPEN_BEFORE, OVER_BEFORE) if name in request.query), FIRST
    )
    mine = await read_list(deps, texts, actor, badges_of(request).waiting, turned)
    quota = await get_quota(deps, actor)
    return render(
        request,
        texts,
        "swaps.html",
        user=actor,
        title=texts.plain("page.swaps.title"),
        mine=mine,
        quota=quota if quota.is_half_used else None,
        raises=RAISES,
        is_open=False,
        alert="",
        form=Form(()),
        one=await swap_detail(deps, texts, actor, mine.nearest) if mine.nearest is not None else None,
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/swaps", show_swaps)]
