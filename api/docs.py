from __future__ import annotations

from typing import Any

from aiohttp import web


def docs_route(document: dict[str, Any]) -> web.RouteDef:
    async def get_docs(request: web.Request) -> web.Response:
        return web.Response(text="docs")

    return web.get("/docs", get_docs)
