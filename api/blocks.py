"""Routes of blocks: users who do not see each other."""

from __future__ import annotations

from aiohttp import web
from typing_extensions import TypedDict

from api.auth.current_user import signed_in
from api.http.bodies import reply
from api.openapi.operation import op
from api.schemas.values import Id, iso
from handlers import blocks


class BlockDocument(TypedDict):
    """A user whom you have blocked. Of somebody in a circle that was not closed you know no id: there `_id` is that of
    the block, which unblocks all the same, and `name` the first name."""

    _id: Id
    name: str
    blocked_at: str


@op(tags=("people",), ok=list[BlockDocument])
async def list_blocks(request: web.Request) -> web.Response:
    """List the users whom you have blocked, latest first.

    Users who have blocked you are not listed.
    """
    deps, actor = await signed_in(request)
    return reply([_document(block) for block in await blocks.list_blocks(deps, actor)])


@op(tags=("people",), ok=BlockDocument, errors=(404, 409))
async def post_block(request: web.Request) -> web.Response:
    """Block a user.

    Neither of you sees the other any more, and what is open between you ends: requests,
    swaps, circles. The other side is notified that it has ended, but not why. Blocking again
    is not an error.
    """
    deps, actor = await signed_in(request)
    return reply(_document(await blocks.block_user(deps, actor, request.match_info["user_id"])))


@op(tags=("circles",), ok=BlockDocument, errors=(404, 409))
async def post_seat_block(request: web.Request) -> web.Response:
    """Block somebody in one of your circles.

    Before all have joined you know no ids there: `seat` is `you_learn` (who teaches you) or
    `you_teach`. The circle goes on without you. The list of your blocks says no more than the seat.
    """
    deps, actor = await signed_in(request)
    return reply(_document(await blocks.block_seat(deps, actor, request.match_info["id"], request.match_info["seat"])))


@op(tags=("people",), ok=list[BlockDocument], errors=(404,))
async def delete_block(request: web.Request) -> web.Response:
    """Unblock a user.

    Returns the remaining blocks. Swaps and circles that the block has ended stay ended.
    """
    deps, actor = await signed_in(request)
    await blocks.unblock_user(deps, actor, request.match_info["user_id"])
    return reply([_document(block) for block in await blocks.list_blocks(deps, actor)])


def _document(block: blocks.Block) -> BlockDocument:
    return {"_id": block.reference, "name": block.name, "blocked_at": iso(block.at)}


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/blocks", list_blocks),
        web.post("/api/blocks/{user_id}", post_block),
        web.post("/api/circles/{id}/block/{seat}", post_seat_block),
        web.delete("/api/blocks/{user_id}", delete_block),
    ]
