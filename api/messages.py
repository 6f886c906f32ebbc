"""The chat of a swap."""

from __future__ import annotations

from aiohttp import web

from api.auth import signed_in
from api.bodies import read_body, read_query, reply
from api.inputs import ChatQuery, MessageBody
from api.openapi import op
from api.schemas import MessageDocument, message_document
from handlers import messages
from handlers.deps import Deps
from handlers.messages import Draft
from skillswap.domain.messages import MAX_PAGE, WEB, Message
from skillswap.domain.users import User


@op(tags=("chat",), ok=list[MessageDocument], query=ChatQuery, errors=(404,))
async def list_messages(request: web.Request) -> web.Response:
    """Read the chat of a swap, in order.

    With `after` (a `seq`) what came after it, without it the newest. At most 200 at once.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, ChatQuery)
    limit = min(query.limit or MAX_PAGE, MAX_PAGE)
    found = await messages.list_messages(deps, actor, request.match_info["swap_id"], after=query.after, limit=limit)
    return reply([message_document(message) for message in found])


@op(tags=("chat",), ok=MessageDocument, status=201, body=MessageBody, errors=(404, 409), also={200: MessageDocument})
async def post_message(request: web.Request) -> web.Response:
    """Write in an accepted swap.

    201 when the message is stored for good. The same `client_id` again gives the first message back, with 200.
    """
    deps, actor = await signed_in(request)
    started = deps.now()
    message = await send(deps, actor, await read_body(request, MessageBody))
    return reply(message_document(message), status=201 if message.created_at >= started else 200)


async def send(deps: Deps, actor: User, body: MessageBody) -> Message:
    """What `POST /api/chat` and the event `chat:new` both do."""
    draft = Draft(body.swap_id, body.message, WEB, client_id=body.client_id, photo_url=body.photo_url)
    return await messages.send_message(deps, actor, draft)


def routes() -> list[web.RouteDef]:
    return [web.get("/api/chat/{swap_id}", list_messages), web.post("/api/chat", post_message)]
