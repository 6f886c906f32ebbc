from __future__ import annotations

from aiohttp import web


def page(text: str, *, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")


def link_expired() -> str:
    return "expired"


def confirm_link(token: str) -> str:
    return token


def routes() -> list[web.RouteDef]:
    return []
