"""Routes of the chat of a swap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from api.auth.current_user import signed_in
from api.gate import Credit
from api.http.bodies import read_body, read_query, reply
from api.http.context import ApiContext, context_of
from api.http.cursors import next_page
from api.http.idempotency import client_id_of, key_of, once
from api.openapi.operation import op
from api.schemas.messages import ChatQuery, MessageBody, MessageDocument, message_document, stored_message_document
from domain.errors import Invalid
from domain.messages import MAX_PAGE, WEB, Message
from domain.users import User
from handlers import messages
from handlers.messages import Draft


@op(tags=("chat",), ok=list[MessageDocument], query=ChatQuery, errors=(404,), is_contract=True)
async def list_messages(request: web.Request) -> web.Response:
    """List the messages of a swap, in order.

    `after` (a `seq`) gives the messages after it, `before` those just before it; without either,
    the newest. At most 200 per page; when there are more in that direction, the `Link` header
    names the next page.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, ChatQuery)
    if query.after is not None and query.before is not None:
        raise Invalid("invalid_field", errors=[{"field": "before", "message": "Give either after or before"}])
    limit = min(query.limit or MAX_PAGE, MAX_PAGE)
    swap_id = request.match_info["swap_id"]
    page = await messages.read_page(deps, actor, swap_id, after=query.after, before=query.before, limit=limit)
    headers = _next_page(swap_id, query, page, limit) if len(page) == limit else None
    return reply([stored_message_document(message) for message in page], headers=headers)


def _next_page(swap_id: str, query: ChatQuery, page: Sequence[Mapping[str, Any]], limit: int) -> dict[str, str]:
    """Return the `Link` to the next page: forward with `after`, else back in time."""
    position = {"before": page[0]["seq"]} if query.after is None else {"after": page[-1]["seq"]}
    return next_page(f"/api/chat/{swap_id}", **position, limit=limit)


@op(
    tags=("chat",),
    ok=MessageDocument,
    status=201,
    body=MessageBody,
    errors=(404, 409),
    also={200: MessageDocument, 202: MessageDocument},
    is_repeatable=True,
    is_contract=True,
)
async def post_message(request: web.Request) -> web.Response:
    """Send a message in a swap.

    In an accepted swap, and for 14 days after a completed one, without limit. While a request is
    pending, the user whose turn it is writes freely, and the other one three messages until they
    are answered; for 14 days after a no or an expiry both write three messages until answered.
    More is 409 `chat.wait_for_answer`. When more arrives than can be passed on, messages wait for
    their turn up to a second; beyond that they are refused with 503 `chat.busy` and
    `Retry-After`. 201 once the message is stored durably. A repeated `client_id` returns the first
    message with 200. 202 when a moderator looks at it first (`is_screened`).
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, MessageBody)
    context = context_of(request)
    key = key_of(request)
    if key is None:
        return await _send_response(context, actor, body)
    content = body.model_dump_json().encode()
    if body.client_id is None:
        body = body.model_copy(update={"client_id": client_id_of(key)})
    return await once(request, deps, actor, content, lambda: _send_response(context, actor, body))


async def _send_response(context: ApiContext, actor: User, body: MessageBody) -> web.Response:
    started = context.deps.now()
    credit = await context.gate.admit()
    try:
        message = await send(context, actor, body, credit)
    finally:
        context.gate.settle(credit)
    status = 202 if message.is_screened else 201 if message.created_at >= started else 200
    return reply(message_document(message), status=status)


async def send(context: ApiContext, actor: User, body: MessageBody, credit: Credit) -> Message:
    """Send a message under a credit; shared by `POST /api/chat` and the event `chat:new`."""
    body.require_same({"from_user_id": actor.id})
    draft = Draft(
        body.swap_id,
        body.message,
        WEB,
        client_id=body.client_id,
        photo_url=body.photo_url,
        reply_to=body.reply_to,
        to_user_id=body.to_user_id or None,
        id=credit.message_id,
    )
    message = await messages.send_message(context.deps, actor, draft)
    credit.is_written = message.id == credit.message_id and not message.is_screened
    if credit.is_written:
        for tell in context.on_sent:
            await tell(message)
    return message


def routes() -> list[web.RouteDef]:
    return [web.get("/api/chat/{swap_id}", list_messages), web.post("/api/chat", post_message)]
