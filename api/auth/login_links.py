"""Sign-in links sent by the Telegram bot: the confirmation page and its form."""

from __future__ import annotations

from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from api.auth.current_user import current_user, reader_texts, refuse_cross_site
from api.auth.session_cookies import set_session
from api.http.bodies import read_bytes, read_query
from api.http.context import context_of
from api.http.errors import Unsupported
from api.pages.layout import render
from api.schemas.accounts import LinkQuery
from domain.errors import Invalid
from handlers.auth import login_links
from handlers.runtime.texts import Texts


async def confirm_link(request: web.Request) -> web.Response:
    """Show the confirmation page of a sign-in link.

    Opening it does not use the link up: link previews and mail scanners open links, too.
    """
    token = read_query(request, LinkQuery).token
    texts = await reader_texts(request)
    if not await login_links.check_login_link(context_of(request).deps, token):
        if token and await current_user(request) is not None:  # a second press: the session is there
            return _lead_home()
        return _expired(request, texts, status=410 if token else 400)
    return render(
        request,
        texts,
        "asked.html",
        title=texts.plain("page.sign_in.title"),
        key="page.link",
        action="/api/auth/callback/telegram-link",
        fields={"token": token},
        quiet="page.link.quiet",
    )


async def redeem_link(request: web.Request) -> web.Response:
    """Redeem the link: set the session cookie and redirect to the home page."""
    context = context_of(request)
    refuse_cross_site(context, request)
    if request.content_type != "application/x-www-form-urlencoded":
        raise Unsupported("unsupported_media_type", expected="application/x-www-form-urlencoded")
    form = dict(parse_qsl((await read_bytes(request)).decode("ascii", "replace")))
    try:
        _, session = await login_links.redeem_login_link(
            context.deps, form.get("token", ""), user_agent=request.headers.get(hdrs.USER_AGENT, "")
        )
    except Invalid:
        if await current_user(request) is not None:
            return _lead_home()
        texts = await reader_texts(request)
        return _expired(request, texts, status=410)
    response = _lead_home()
    set_session(context, request, response, session)
    return response


def _expired(request: web.Request, texts: Texts, *, status: int) -> web.Response:
    title = texts.plain("page.link.expired.title")
    key = "page.link.expired"
    return render(request, texts, "said.html", title=title, status=status, key=key, parts=("text", "new"))


def _lead_home() -> web.Response:
    return web.Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})


def routes() -> list[web.RouteDef]:
    path = "/api/auth/callback/telegram-link"
    return [web.get(path, confirm_link), web.post(path, redeem_link)]
