"""Routes and socket events of read marks, open conversations and typing."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, reply
from api.openapi.operation import op
from api.realtime.sockets import Socket
from api.schemas.reads import (
    ConversationDocument,
    ReadBody,
    ReadMarkDocument,
    conversation_document,
    read_mark_document,
)
from api.schemas.values import ConversationBody, SeqBody
from domain.errors import TooMany
from domain.reads import HEARTBEAT, TYPING_EVERY
from handlers import presence, reads
from handlers.runtime.deps import Deps

MAX_VIEWS = 10
"""Conversations that one socket may have open at a time."""


@op(tags=("chat",), ok=list[ConversationDocument])
async def list_conversations(request: web.Request) -> web.Response:
    """List your running conversations.

    The newest message, the number of unread messages and the read marks of each. At most 100,
    newest swap first; unread messages are counted up to 100.
    """
    deps, actor = await signed_in(request)
    return reply([conversation_document(conversation) for conversation in await reads.list_unread(deps, actor)])


@op(tags=("chat",), ok=ReadMarkDocument, body=SeqBody, errors=(404,))
async def put_read(request: web.Request) -> web.Response:
    """Set your read mark.

    The sockets of all participants receive `chat:read`. The mark never moves back. Messages read
    here no longer make a sound in Telegram.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, SeqBody)
    mark = await reads.mark_read(deps, actor, request.match_info["swap_id"], body.seq)
    return reply(read_mark_document(mark))


async def on_read(deps: Deps, socket: Socket, data: Any) -> dict[str, Any]:
    """Handle `chat:read`."""
    body = ReadBody.model_validate(data)
    return {"seq": (await reads.mark_read(deps, socket.user, body.swap_id, body.seq)).seq}


async def on_open(deps: Deps, socket: Socket, data: Any) -> dict[str, Any]:
    """Handle `chat:open`: the user is viewing the conversation. Repeat within `again_in` seconds."""
    await _open_view(deps, socket, ConversationBody.model_validate(data).swap_id)
    return {"again_in": HEARTBEAT.total_seconds()}


async def on_close(deps: Deps, socket: Socket, data: Any) -> dict[str, Any]:
    """Handle `chat:close`."""
    body = ConversationBody.model_validate(data)
    if body.swap_id in socket.views:
        socket.views.discard(body.swap_id)
        await presence.close_views(deps, [_view_id(socket, body.swap_id)])
    return {}


async def on_typing(deps: Deps, socket: Socket, data: Any) -> dict[str, Any]:
    """Handle `chat:typing`. More frequent events than TYPING_EVERY are dropped."""
    body = ConversationBody.model_validate(data)
    now = deps.now()
    if socket.typed_at is None or now - socket.typed_at >= TYPING_EVERY:
        await _open_view(deps, socket, body.swap_id, is_typing=True)
        socket.typed_at = now
    return {}


async def _open_view(deps: Deps, socket: Socket, swap_id: str, *, is_typing: bool = False) -> None:
    if swap_id not in socket.views and len(socket.views) >= MAX_VIEWS:
        raise TooMany("socket.too_fast", retry_after=1)
    await presence.open_view(deps, socket.user, swap_id, view_id=_view_id(socket, swap_id), is_typing=is_typing)
    socket.views.add(swap_id)


async def close_views_of(deps: Deps, socket: Socket) -> None:
    """Close all views of a disconnected socket."""
    if socket.views:
        await presence.close_views(deps, [_view_id(socket, swap_id) for swap_id in socket.views])


def _view_id(socket: Socket, swap_id: str) -> str:
    return f"{socket.sid}:{swap_id.lower()}"


EVENTS = {"chat:read": on_read, "chat:open": on_open, "chat:close": on_close, "chat:typing": on_typing}


def routes() -> list[web.RouteDef]:
    return [web.get("/api/chat", list_conversations), web.put("/api/chat/{swap_id}/read", put_read)]
