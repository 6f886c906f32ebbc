"""No more mails: the page behind the link at the end of each, and the one button of mail programs."""

from __future__ import annotations

from html import escape

from aiohttp import web

from api.auth.current_user import reader_texts
from api.http.context import context_of
from api.pages.home import card, page
from handlers.unsubscribe import unsubscribe


async def show_stop(request: web.Request) -> web.Response:
    """Ask first: some mail programs open every link."""
    token = escape(request.query.get("token", ""))
    texts = await reader_texts(request)
    form = (
        f'<form method="post" action="/mail/stop?token={token}">'
        f'<button class="primary">{texts("page.stop.button")}</button></form>'
    )
    return page(texts, card(texts("page.stop.title"), f"<p>{texts('page.stop.text')}</p>", form))


async def stop(request: web.Request) -> web.Response:
    """Turn a person's notifications off. The sealed token says whose; nobody has to be signed in."""
    context = context_of(request)
    texts = await reader_texts(request)
    if not await unsubscribe(context.deps, context.providers.sealed_cookies, request.query.get("token", "")):
        invalid = card(texts("page.stop.invalid.title"), f"<p>{texts('page.stop.invalid.text')}</p>")
        return page(texts, invalid, status=404)
    return page(texts, card(texts("page.stop.done.title"), f"<p>{texts('page.stop.done.text')}</p>"))


def routes() -> list[web.RouteDef]:
    return [web.get("/mail/stop", show_stop), web.post("/mail/stop", stop)]
