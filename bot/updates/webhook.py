"""The webhook: updates pushed by Telegram are checked, stored, and only then acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json

import orjson
from aiohttp import StreamReader, web

from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.telegram_updates import reject_unreadable, store_update

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
MAX_UPDATE_BYTES = 1024 * 1024
BODY_SECONDS = 6.0
STORE_SECONDS = 8.0


async def _read(content: StreamReader) -> bytes:
    """Read the body, up to a little more than the largest update. Raises TimeoutError."""
    body = bytearray()
    async with asyncio.timeout(BODY_SECONDS):
        async for part in content.iter_any():
            body += part
            if len(body) > MAX_UPDATE_BYTES:
                break
    return bytes(body)


def _parsed(body: bytes) -> object:
    """Return the JSON of a body, read as leniently as polling reads it: half of a surrogate pair is none for `orjson`.
    None for what is no JSON at all."""
    for loads in (orjson.loads, json.loads):
        with contextlib.suppress(ValueError, RecursionError):
            return loads(body)
    return None


def webhook_route(deps: Deps, *, bot_id: int, path: str, secret: str) -> web.RouteDef:
    """Return the webhook's route for the API server. It stores updates; the process that holds the update lease handles
    them."""

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return web.Response(status=403)
        if request.content_type != "application/json":
            return web.Response(status=415)
        if (request.content_length or 0) > MAX_UPDATE_BYTES:
            return web.Response(status=413)
        try:
            body = await _read(request.content)
        except TimeoutError:
            return web.Response(status=408)
        if len(body) > MAX_UPDATE_BYTES:
            return web.Response(status=413)
        update = _parsed(body)
        if not isinstance(update, dict):
            reject_unreadable(deps)  # refused, Telegram would send it for a day, and what comes after it later
            return web.Response()
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await store_update(deps, bot_id, update)
        except (TimeoutError, *DATABASE_ERRORS):  # perhaps not stored: Telegram sends it again
            return web.Response(status=503, headers={"Retry-After": "2"})
        return web.Response()  # empty: Telegram would take a body for a method call

    return web.post(path, receive)
