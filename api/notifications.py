"""No more mails: the page behind the link at the end of each, and the one button of mail programs."""

from __future__ import annotations

from html import escape

from aiohttp import web

from api.http.context import context_of
from api.pages.home import card, page
from handlers.unsubscribe import unsubscribe


async def show_stop(request: web.Request) -> web.Response:
    """Ask first: some mail programs open every link."""
    token = escape(request.query.get("token", ""))
    form = (
        f'<form method="post" action="/mail/stop?token={token}"><button class="primary">No more mails</button></form>'
    )
    return page(card("No more mails?", "<p>Telegram, if you use it, will make no sound any more either.</p>", form))


async def stop(request: web.Request) -> web.Response:
    """Turn a person's notifications off. The sealed token says whose; nobody has to be signed in."""
    context = context_of(request)
    if not await unsubscribe(context.deps, context.providers.seals, request.query.get("token", "")):
        return page(card("This link does not work", "<p>Turn notifications off in your profile.</p>"), status=404)
    return page(card("That is all", "<p>You will get no more mails. Your profile turns them on again.</p>"))


def routes() -> list[web.RouteDef]:
    return [web.get("/mail/stop", show_stop), web.post("/mail/stop", stop)]
