"""`Idempotency-Key`: a post that is sent again under its key is not done again, and gets the first answer."""

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
    """The key that came with a request. Raises Invalid for one that is none."""
    given = request.headers.get(HEADER)
    if given is not None and (not _KEY.fullmatch(given) or len(request.headers.getall(HEADER)) > 1):
        raise Invalid("idempotency.key", field=HEADER, max=MAX_KEY_LENGTH)
    return given


async def once(
    request: web.Request,
    deps: Deps,
    actor: User,
    content: bytes,
    respond: Callable[[], Awaitable[web.Response]],
) -> web.Response:
    """Do it, or give the answer of the time before. `content` is what makes two requests the same.

    Only what was done is kept: after a refusal the same key may be tried again.
    Raises Conflict (still under way), Invalid (the key belongs to another content).
    """
    key = key_of(request)
    if key is None:
        return await respond()
    idempotency_key = idempotency.IdempotencyKey(actor.id, request.path, key)
    digest = hashlib.sha256(content).hexdigest()
    holder = secrets.token_hex(8)
    known = await idempotency.begin(deps, idempotency_key, digest, holder)
    if known is not None:
        return web.Response(status=known.status, body=known.body, headers={**known.headers, REPLAYED: "true"})
    try:
        response = await respond()
    except BaseException:
        await idempotency.give_back(deps, idempotency_key, holder)
        raise
    body = response.body
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    await idempotency.finish(
        deps, idempotency_key, holder, Answer(response.status, body if isinstance(body, bytes) else b"", headers)
    )
    return response


def client_id_of(key: str) -> str:
    """The client id of a message that has only the key: should its sender's process die, it is still sent once."""
    return f"key:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
