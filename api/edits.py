"""Changing what one has written in a chat."""

from __future__ import annotations

import re
from typing import Any, Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, reply
from api.openapi.operation import op
from api.realtime.sockets import Socket
from api.schemas.messages import DeleteEventBody, EditBody, EditEventBody, MessageDocument, message_document
from domain.errors import NotFound
from handlers import edits
from handlers.runtime.deps import Deps

_SEQ: Final = re.compile(r"[1-9][0-9]{0,15}")


def place_of(request: web.Request) -> tuple[str, int]:
    """The swap and the `seq` that the address names. Raises NotFound."""
    seq = request.match_info["seq"]
    if not _SEQ.fullmatch(seq):
        raise NotFound("message.not_found")
    return request.match_info["swap_id"], int(seq)


@op(tags=("chat",), ok=MessageDocument, body=EditBody, errors=(403, 404, 409))
async def put_message(request: web.Request) -> web.Response:
    """Edit a message of your own, within 48 hours.

    The old words are not kept. Everybody's sockets hear `chat:edited`, and the copy in Telegram changes.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, EditBody)
    return reply(message_document(await edits.edit_message(deps, actor, *place_of(request), body.message)))


@op(tags=("chat",), ok=MessageDocument, errors=(403, 404))
async def delete_message(request: web.Request) -> web.Response:
    """Delete a message of your own, for everybody.

    It keeps its number and place, empty, with a `deleted_at`. Everybody's sockets hear `chat:deleted`, and its copies
    in Telegram are deleted. Deleting twice is not an error.
    """
    deps, actor = await signed_in(request)
    return reply(message_document(await edits.delete_message(deps, actor, *place_of(request))))


async def on_edit(deps: Deps, socket: Socket, said: Any) -> dict[str, Any]:
    """`chat:edit`"""
    body = EditEventBody.model_validate(said)
    message = await edits.edit_message(deps, socket.user, body.swap_id, body.seq, body.message)
    return {"message": message_document(message)}


async def on_delete(deps: Deps, socket: Socket, said: Any) -> dict[str, Any]:
    """`chat:delete`"""
    body = DeleteEventBody.model_validate(said)
    return {"message": message_document(await edits.delete_message(deps, socket.user, body.swap_id, body.seq))}


EVENTS: Final = {"chat:edit": on_edit, "chat:delete": on_delete}


def routes() -> list[web.RouteDef]:
    address = "/api/chat/{swap_id}/{seq}"
    return [web.put(address, put_message), web.delete(address, delete_message)]
