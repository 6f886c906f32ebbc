"""`Idempotency-Key`: a POST repeated with the same key is not executed again; it
gets the first response.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from domain.errors import Invalid
from domain.users import User
from handlers.runtime import idempotency
from handlers.runtime.deps import Deps
from handlers.runtime.idempotency import Answer

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
MAX_KEY_LENGTH: Final = 255
KEPT_HEADERS: Final = ("Content-Type", "Cache-Control", "Location", "ETag")

_KEY: Final = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_LENGTH}}}")


def key_of(request: web.Request) -> str | None:
    """Return the request's idempotency key, or None. Raises Invalid for a
    malformed or repeated header.
    """
    key = request.headers.get(HEADER)
    if key is not None and (not _KEY.fullmatch(key) or len(request.headers.getall(HEADER)) > 1):
        raise Invalid("idempotency.key", field=HEADER, max=MAX_KEY_LENGTH)
    return key


async def once(
    request: web.Request,
    deps: Deps,
    actor: User,
    content: bytes,
    respond: Callable[[], Awaitable[web.Response]],
) -> web.Response:
    """Call `respond`, or return the stored response of an earlier request with the same key.

    `content` identifies the request body: the same key with other content is an error.
    Only successful responses are stored, so the same key may be tried again after an
    error. Raises Conflict while the first request is still running, Invalid when the key
    was used with other content.
    """
    key = key_of(request)
    if key is None:
        return await respond()
    idempotency_key = idempotency.IdempotencyKey(actor.id, request.path, key)
    digest = hashlib.sha256(content).hexdigest()
    holder = secrets.token_hex(8)
    stored = await idempotency.begin(deps, idempotency_key, digest, holder)
    if stored is not None:
        return web.Response(status=stored.status, body=stored.body, headers={**stored.headers, REPLAYED: "true"})
    try:
        response = await respond()
    except BaseException:
        await idempotency.release(deps, idempotency_key, holder)
        raise
    body = response.body
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    await idempotency.finish(
        deps, idempotency_key, holder, Answer(response.status, body if isinstance(body, bytes) else b"", headers)
    )
    return response


def client_id_of(key: str) -> str:
    """Return a message `client_id` derived from the idempotency key.

    Should the process die after the message is stored, a repeated request still sends it only once.
    """
    return f"key:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
