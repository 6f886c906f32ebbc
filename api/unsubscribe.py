"""No more mails: the page behind the link at the end of each, and the one button of mail programs."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from api.auth.current_user import reader_texts
from api.http.context import context_of
from api.pages.layout import render
from handlers.runtime.texts import Texts
from handlers.unsubscribe import unsubscribe


async def show_stop(request: web.Request) -> web.Response:
    """Ask first: some mail programs open every link."""
    texts = await reader_texts(request)
    token = quote(request.query.get("token", ""), safe="")
    return render(
        request,
        texts,
        "asked.html",
        title=texts.plain("page.stop.title"),
        key="page.stop",
        action=f"/mail/stop?token={token}",
        fields={},
    )


async def stop(request: web.Request) -> web.Response:
    """Turn a person's notifications off. The sealed token says whose; nobody has to be signed in."""
    context = context_of(request)
    texts = await reader_texts(request)
    if not await unsubscribe(context.deps, context.providers.sealed_cookies, request.query.get("token", "")):
        return _said(request, texts, "page.stop.invalid", status=404)
    return _said(request, texts, "page.stop.done")


def _said(request: web.Request, texts: Texts, key: str, *, status: int = 200) -> web.Response:
    title = texts.plain(f"{key}.title")
    return render(request, texts, "said.html", title=title, status=status, key=key, parts=("text",))


def routes() -> list[web.RouteDef]:
    return [web.get("/mail/stop", show_stop), web.post("/mail/stop", stop)]
