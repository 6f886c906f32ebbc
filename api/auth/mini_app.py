"""Sign-in of a Mini App: Telegram's init data for a bearer token.

In the frame of another site browsers hold back the session cookie, so the Mini App gets no cookie: it keeps the token
in memory, sends it as `Authorization: Bearer` with each request, pages included, and names it when its socket connects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aiohttp import hdrs, web

from api.http.bodies import read_body, reply
from api.http.context import ApiContext, context_of
from api.http.language import locale_of
from api.openapi.operation import op
from api.schemas.accounts import InitDataBody, MiniAppSession
from api.schemas.values import iso
from domain.errors import Invalid, NotFound, Unauthenticated
from domain.languages import match_locale
from handlers.auth import telegram_sign_in
from handlers.auth.identities import sign_in
from handlers.auth.sessions import open_session
from handlers.runtime.rate_limits import FAILED_PROOFS

PROVIDER: Final = "telegram"
THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")


@op(tags=("session",), ok=MiniAppSession, body=InitDataBody, is_public=True, errors=(401, 404, 409, 429))
async def post_mini_app(request: web.Request) -> web.Response:
    """Sign in a Telegram Mini App.

    `init_data` is `Telegram.WebApp.initData`, unchanged; it is accepted once, within an hour. The token is a session
    like any other: send it as `Authorization: Bearer`, and as `auth: {token}` when a socket connects. No cookie is set.
    """
    context = context_of(request)
    deps, bot_token = context.deps, _token_of(context, request)
    body = await read_body(request, InitDataBody)
    if bot_token is None:
        raise NotFound("not_found")
    try:
        identity = await telegram_sign_in.prove_init_data(deps, body.init_data, bot_token)
    except Invalid:
        if client := context.client_addresses.of(request):
            await deps.rates.spend("failed_proof", client, FAILED_PROOFS, at=deps.now())
        raise Unauthenticated("auth.init_data_refused") from None
    user = await sign_in(deps, replace(identity, locale=match_locale(identity.locale) or locale_of(request)))
    agent = request.headers.get(hdrs.USER_AGENT, "")
    token = await open_session(deps, user, provider=PROVIDER, user_agent=agent)
    expires = deps.real_now() + deps.session_tokens.max_age
    document: MiniAppSession = {"token": token, "expires": iso(expires), "user_id": user.id}
    return reply(document)


def _token_of(context: ApiContext, request: web.Request) -> str | None:
    """Return the bot's token, which init data is signed with.

    Anybody can sign with the token of the sandbox: it is taken from browsers of this machine only.
    """
    if context.providers.bot_token is not None:
        return context.providers.bot_token
    is_here = context.client_addresses.is_this_machine(request) and request.url.host in THIS_MACHINE
    return context.sandbox_token if is_here else None


def routes() -> list[web.RouteDef]:
    return [web.post("/api/auth/mini-app", post_mini_app)]
