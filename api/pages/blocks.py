"""Pages of blocks: the question before one, and the list of those made. Plain forms that need no JavaScript."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page
from domain.users import User, first_name
from handlers.blocks import block_seat, block_user, get_blockable, get_seated, list_blocks, unblock_user


@as_page
async def ask_about_block(request: web.Request) -> web.Response:
    """Ask before blocking a user."""
    deps, actor = await signed_in(request)
    person = await get_blockable(deps, actor, request.match_info["user_id"])
    return _question(request, actor, person.name)


@as_page
async def ask_about_seat(request: web.Request) -> web.Response:
    """Ask before blocking one of a circle, of whom only the first name is shown."""
    deps, actor = await signed_in(request)
    person = await get_seated(deps, actor, request.match_info["id"], request.match_info["seat"])
    return _question(request, actor, first_name(person))


def _question(request: web.Request, actor: User, name: str) -> web.Response:
    texts = texts_of(request)
    name = name or texts.plain("swap.somebody")
    return render(
        request,
        texts,
        "asked.html",
        user=actor,
        title=texts.plain("page.block.title", name=name),
        key="page.block",
        params={"name": name},
        action=request.path,
        fields={},
        way_back="page.block.no",
    )


@as_page
async def block(request: web.Request) -> web.Response:
    """Block a user, and go on to what waits for the reader."""
    deps, actor = await signed_in(request)
    await block_user(deps, actor, request.match_info["user_id"])
    return on_to("/")


@as_page
async def block_seated(request: web.Request) -> web.Response:
    """Block one of a circle, and go on to what waits for the reader."""
    deps, actor = await signed_in(request)
    await block_seat(deps, actor, request.match_info["id"], request.match_info["seat"])
    return on_to("/")


@as_page
async def show_blocks(request: web.Request) -> web.Response:
    """Show the users whom the reader has blocked."""
    deps, actor = await signed_in(request)
    blocks, texts = await list_blocks(deps, actor), texts_of(request)
    return render(request, texts, "blocks.html", user=actor, title=texts.plain("page.blocks.title"), blocks=blocks)


@as_page
async def unblock(request: web.Request) -> web.Response:
    """Unblock the user whom the form names, and show who is left."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    await unblock_user(deps, actor, form.text("user_id"))
    return on_to("/blocks")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/block/{user_id}", ask_about_block),
        web.post("/block/{user_id}", block),
        web.get("/circles/{id}/block/{seat}", ask_about_seat),
        web.post("/circles/{id}/block/{seat}", block_seated),
        web.get("/blocks", show_blocks),
        web.post("/blocks", unblock),
    ]
