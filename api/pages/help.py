"""Help and privacy: how the service works, and what it keeps about people. For visitors, too."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import current_user
from api.http.language import texts_of
from api.pages.layout import render
from api.pages.problems import as_page

QUESTIONS: Final = ("how", "nobody", "waiting", "meeting", "wrong")
KEYS: Final = (
    ("/", "page.help.key.search"),
    ("g d", "page.nav.discover"),
    ("g s", "page.nav.swaps"),
    ("g c", "page.nav.chats"),
    ("g m", "page.nav.me"),
    ("j k", "page.help.key.list"),
)
"""Keys, and the texts that say what they do."""
PRIVACY: Final = (("kept", 4), ("seen", 2), ("gone", 3))
"""Parts of the page about privacy, each with the number of its paragraphs."""


@as_page
async def show_help(request: web.Request) -> web.Response:
    """Show what people ask, and the keys."""
    user = await current_user(request)
    texts = texts_of(request)
    title = texts.plain("page.help.title")
    return render(request, texts, "help.html", user=user, title=title, questions=QUESTIONS, keys=KEYS)


@as_page
async def show_privacy(request: web.Request) -> web.Response:
    """Show what is kept, who sees it, and how it goes away."""
    user = await current_user(request)
    texts = texts_of(request)
    return render(request, texts, "privacy.html", user=user, title=texts.plain("page.privacy.title"), parts=PRIVACY)


def routes() -> list[web.RouteDef]:
    return [web.get("/help", show_help), web.get("/privacy", show_privacy)]
