"""A person of the story on the web: REST over HTTP, and the events of a real Socket.IO client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import socketio

from skillswap.demo.scene import STEP_SECONDS, StepFailed


class WebSide:
    """One signed-in person. Every answer with another status than the expected one fails the step."""

    def __init__(self, http: aiohttp.ClientSession, client: Any) -> None:
        self._http = http
        self._received: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        for event in ("swap:updated", "session:updated", "review:revealed"):
            client.on(event, self._keeper(event))

    def _keeper(self, event: str) -> Callable[[Any], Any]:
        async def keep(data: Any) -> None:
            await self._received.put((event, data))

        return keep

    async def get(self, path: str) -> Any:
        return await self.send("GET", path, status=200)

    async def send(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        async with self._http.request(method, path, json=body) as reply:
            if reply.status != status:
                raise StepFailed(f"{method} {path} answered {reply.status}: {await reply.text()}")
            return await (reply.json() if reply.content_type == "application/json" else reply.text())

    async def hears(self, event: str, fits: Callable[[Any], bool]) -> Any:
        """Return what comes with an event, as soon as one fits."""
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                name, data = await self._received.get()
                if name == event and fits(data):
                    return data


@asynccontextmanager
async def on_the_web(http: aiohttp.ClientSession, address: str) -> AsyncIterator[WebSide]:
    """Connect a signed-in browser's socket for as long as the block runs."""
    client = socketio.AsyncClient()
    web = WebSide(http, client)
    async with http:
        await client.connect(address, headers=dict(http.headers), transports=["websocket"])
        try:
            yield web
        finally:
            await client.disconnect()
