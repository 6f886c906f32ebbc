"""The Mini App: the page that Telegram opens, and where the payload of a deep link leads in it.

Only this page may stand in a frame. Its script signs in by Telegram's init data (`api/auth/mini_app.py`), and from then
on fetches the other pages into it, as `assets/navigate.js` does everywhere.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web

from api.auth.current_user import reader_texts
from api.http.context import ApiContext, context_of
from api.http.language import texts_of
from api.pages.forms import on_to
from api.pages.layout import render
from api.pages.problems import as_page
from domain.links import INVITE, REPORT, SKILL, SWAP, USER, read_link

APP: Final = "/app"
TELEGRAM_WEB: Final = ("https://web.telegram.org",)
"""Web versions of Telegram, which open a Mini App in a frame; the apps open it by itself."""
_PAGES: Final = {USER: "/people/", SWAP: "/swaps/", REPORT: "/report/", INVITE: "/i/"}


def frames_of(context: ApiContext) -> tuple[str, ...]:
    """Return the origins of pages that may show the Mini App in a frame: Telegram's, and the sandbox while it runs."""
    if context.sandbox_page is None:
        return TELEGRAM_WEB
    port = urlsplit(context.sandbox_page).port
    return (*TELEGRAM_WEB, f"http://127.0.0.1:{port}", f"http://localhost:{port}")


async def show_app(request: web.Request) -> web.Response:
    """Return the page that Telegram opens. Opened elsewhere, it says where it belongs."""
    texts, frames = await reader_texts(request), frames_of(context_of(request))
    return render(request, texts, "app.html", frames=" ".join(frames), origins=" ".join(frames))


@as_page
async def follow_link(request: web.Request) -> web.Response:
    """Go on to the page that a deep link (`t.me/<bot>?startapp=<payload>`) leads to; to the first one for any other."""
    link, vocabulary = read_link(request.match_info["payload"]), context_of(request).deps.vocabulary
    if link is None:
        return on_to("/")
    if link.kind == SKILL:
        return on_to(f"/discover?q={quote(vocabulary.name_of(link.target, texts_of(request).locale))}")
    return on_to(_PAGES[link.kind] + quote(link.target))


def routes() -> list[web.RouteDef]:
    return [web.get(APP, show_app), web.get(f"{APP}/{{payload}}", follow_link)]
