"""Forms that are sent twice: each form carries a number that was made with it, `once`, and the same form with the same
fields is carried out once. The second sending gets the first answer; one that comes meanwhile waits for it.

Each form also names the account that it was drawn for, `drawn_for`: signed in as another one, it is not carried out.

Both fields are put into every form that posts to a page when templates are compiled, so none can be forgotten.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from jinja2.ext import Extension

from api.auth.named_account import FIELD as DRAWN_FOR
from api.auth.named_account import require_account
from api.http.bodies import read_bytes
from api.pages.forms import FORM_TYPE, Form, read_form
from domain.errors import Conflict
from domain.users import User
from handlers.runtime import idempotency
from handlers.runtime.deps import Deps
from handlers.runtime.idempotency import Answer

FIELD: Final = "once"
MAX_LENGTH: Final = 64
ASKED: Final = "asked.html"
"""Template of signing in, and of questions that change nothing when they are answered twice."""
WAIT_SECONDS: Final = 0.1
MAX_WAITS: Final = 100
"""Looks at a form that is still being answered: ten seconds, longer than an answer may take."""

_FORM: Final = re.compile(r'<form(?=[^>]*method="post")(?![^>]*action="/api/)(?![^>]*enctype=)[^>]*>')


_FIELDS: Final = (
    '<input type="hidden" name="once" value="{{ once() }}">'
    '{% if user is defined and user %}<input type="hidden" name="drawn_for" value="{{ user.id }}">{% endif %}'
)


class OnceExtension(Extension):
    """Extension of Jinja that puts the fields into forms. Left out are those of signing in, which have a protocol of
    their own, and photos: their content is not a form of fields."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        if name == ASKED:
            return source
        return _FORM.sub(lambda form: form[0] + _FIELDS, source)


def new_once() -> str:
    """Return a number for a form."""
    return secrets.token_urlsafe(12)


async def answer_once(
    request: web.Request, deps: Deps, actor: User, answer: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Call `answer`, or return what an earlier request with the same form was answered.

    Only forms that were carried out are kept: one that was refused may be sent again. Raises Conflict if the form was
    drawn for another account.
    """
    form = await read_form(request) if request.content_type == FORM_TYPE else Form([])
    require_account(form.text(DRAWN_FOR) or request.query.get(DRAWN_FOR, ""), actor.id)
    key = form.text(FIELD)[:MAX_LENGTH]
    if not key:
        return await answer()
    # Other fields under the same number are another form: somebody has gone back and changed their words.
    digest = hashlib.sha256(await read_bytes(request)).hexdigest()
    held = idempotency.IdempotencyKey(actor.id, request.path, f"{key}:{digest}")
    holder = secrets.token_hex(8)
    stored = await _begin(deps, held, digest, holder)
    if stored is not None:
        return web.Response(status=stored.status, body=stored.body, headers=stored.headers)
    try:
        response = await answer()
    except BaseException:
        await idempotency.release(deps, held, holder)
        raise
    if response.status == 303:
        headers = {"Location": response.headers["Location"], "Cache-Control": "no-store"}
        await idempotency.finish(deps, held, holder, Answer(303, b"", headers))
    else:
        await idempotency.release(deps, held, holder)
    return response


async def _begin(deps: Deps, held: idempotency.IdempotencyKey, digest: str, holder: str) -> Answer | None:
    """Take the form, or return its answer. Raises Conflict while another request answers it for too long."""
    for waits in range(MAX_WAITS):
        try:
            return await idempotency.begin(deps, held, digest, holder)
        except Conflict:
            if waits == MAX_WAITS - 1:
                raise
            await asyncio.sleep(WAIT_SECONDS)
    raise AssertionError("the last wait raises")
