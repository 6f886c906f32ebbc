"""Route to leave: the account is deleted with all that was in it."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from typing_extensions import TypedDict

from api.auth.current_user import signed_in
from api.auth.session_cookies import clear_session
from api.http.bodies import read_body, reply
from api.openapi.operation import op
from api.schemas.values import Body
from handlers.users import delete_account


class LeavingBody(Body):
    """`confirm` has to be true: nothing of it can be undone."""

    confirm: Literal[True]


class LeftDocument(TypedDict):
    """That the account is deleted."""

    deleted: bool


@op(tags=("people",), ok=LeftDocument, body=LeavingBody)
async def post_leaving(request: web.Request) -> web.Response:
    """Delete your account.

    Your profile, photos and messages go, your open swaps end, and the others are told. All your sessions end. There is
    no way back.
    """
    deps, actor = await signed_in(request)
    await read_body(request, LeavingBody)
    await delete_account(deps, actor)
    document: LeftDocument = {"deleted": True}
    response = reply(document)
    clear_session(request, response)
    return response


def routes() -> list[web.RouteDef]:
    return [web.post("/api/user/delete", post_leaving)]
