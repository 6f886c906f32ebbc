"""Routes and socket events that edit and delete messages."""

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


def message_ref(request: web.Request) -> tuple[str, int]:
    """Return the swap id and `seq` in the path. Raises NotFound."""
    seq = request.match_info["seq"]
    if not _SEQ.fullmatch(seq):
        raise NotFound("message.not_found")
    return request.match_info["swap_id"], int(seq)


@op(tags=("chat",), ok=MessageDocument, body=EditBody, errors=(403, 404, 409), also={202: MessageDocument})
async def put_message(request: web.Request) -> web.Response:
    """Edit a message of yours.

    Within 48 hours of sending. The old text is not kept. The sockets of all participants receive
    `chat:edited`, and the copies in Telegram are edited. 202 when a moderator looks at the new text
    first (`is_screened`); until then the others have the old one.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, EditBody)
    message = await edits.edit_message(deps, actor, *message_ref(request), body.message)
    return reply(message_document(message), status=202 if message.is_screened else 200)


@op(tags=("chat",), ok=MessageDocument, errors=(403, 404))
async def delete_message(request: web.Request) -> web.Response:
    """Delete a message of yours, for all participants.

    The message keeps its `seq`, empty and with a `deleted_at`. The sockets of all
    participants receive `chat:deleted`, and the copies in Telegram are deleted. Deleting it
    again is not an error.
    """
    deps, actor = await signed_in(request)
    return reply(message_document(await edits.delete_message(deps, actor, *message_ref(request))))


async def on_edit(deps: Deps, socket: Socket, data: Any) -> dict[str, Any]:
    """Handle `chat:edit`."""
    body = EditEventBody.model_validate(data)
    message = await edits.edit_message(deps, socket.user, body.swap_id, body.seq, body.message)
    return {"message": message_document(message)}


async def on_delete(deps: Deps, socket: Socket, data: Any) -> dict[str, Any]:
    """Handle `chat:delete`."""
    body = DeleteEventBody.model_validate(data)
    return {"message": message_document(await edits.delete_message(deps, socket.user, body.swap_id, body.seq))}


EVENTS: Final = {"chat:edit": on_edit, "chat:delete": on_delete}


def routes() -> list[web.RouteDef]:
    path = "/api/chat/{swap_id}/{seq}"
    return [web.put(path, put_message), web.delete(path, delete_message)]
