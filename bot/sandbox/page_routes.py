"""The page at /sandbox: its files, its JSON routes, and its event stream (server-sent events)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import re
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionResetError

from bot.sandbox import inline, people
from bot.sandbox.groups import Groups
from bot.sandbox.mini_app import address_of
from bot.sandbox.model import Json
from bot.sandbox.page_actions import HEADERS, guarded, person_id, problem
from bot.sandbox.page_groups import GroupPage
from bot.sandbox.page_view import answer_json, chat_json, group_json, inline_json, message_json, person_json, state_json
from bot.sandbox.world import World

FOLDER = Path(__file__).parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
MAX_BACKLOG = 2_000
"""Events that a page may be behind; beyond that it is asked to reload."""
HEARTBEAT = 15.0
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{0,512}")

Events = asyncio.Queue[Json | None]


class Page:
    """Routes under /sandbox. Changes are POSTs of JSON; the guard admits only pages of this machine."""

    def __init__(self, world: World, groups: Groups, token: str) -> None:
        self._world = world
        self._token = token
        self._groups = GroupPage(world, groups)
        self._readers: set[Events] = set()
        self._is_listening = False

    def routes(self) -> list[web.RouteDef]:
        one = "/sandbox/api/people/{person}"
        clock = [web.post("/sandbox/api/clock", guarded(self._move_clock))] if self._world.clock.move else []
        return [
            *clock,
            *self._groups.routes(),
            web.get("/", _go_to_page),
            web.get("/sandbox", _file),
            web.get("/sandbox/static/{name}", _file),
            web.get("/sandbox/file/{file_id}", self._content),
            web.get("/sandbox/api/state", self._state),
            web.get("/sandbox/api/events", self._events),
            web.get(f"{one}/chat", self._chat),
            web.post("/sandbox/api/people", guarded(self._add_person)),
            web.post(f"{one}/text", guarded(self._text)),
            web.post(f"{one}/photo", guarded(self._photo)),
            web.post(f"{one}/profile-photo", guarded(self._profile_photo)),
            web.post(f"{one}/press", guarded(self._press)),
            web.post(f"{one}/edit", guarded(self._edit)),
            web.post(f"{one}/inline", guarded(self._inline)),
            web.post(f"{one}/choose", guarded(self._choose)),
            web.post(f"{one}/other", guarded(self._other)),
            web.post(f"{one}/block", guarded(self._block)),
            web.post(f"{one}/mini-app", guarded(self._mini_app)),
        ]

    def close(self) -> None:
        """End the event streams, so that the server can stop at once."""
        self._world.listeners.discard(self._tell)
        for reader in self._readers:
            reader.put_nowait(None)

    # Reading

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(state_json(self._world), headers=HEADERS)

    async def _chat(self, request: web.Request) -> web.Response:
        try:
            person = self._world.person(person_id(request))
        except LookupError as error:
            return problem(404, error)
        return web.json_response(chat_json(self._world, person), headers=HEADERS)

    async def _content(self, request: web.Request) -> web.Response:
        file = self._world.file_of(request.match_info["file_id"])
        if file is None or not self._world.blobs.get(file.id):
            raise web.HTTPNotFound
        headers = {**HEADERS, "Cache-Control": "private, max-age=3600"}
        is_picture = file.mime in PICTURES and file.width > 0
        if not is_picture:
            headers["Content-Disposition"] = "attachment"
        mime = file.mime if is_picture else "application/octet-stream"
        return web.Response(body=self._world.blobs[file.id], content_type=mime, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """One JSON object per event; see `_described` for their shapes."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        reader: Events = asyncio.Queue()
        self._readers.add(reader)
        self._world.listeners.add(self._tell)
        try:
            await response.prepare(request)
            await response.write(b'data: {"type": "hello"}\n\n')
            while (event := await _next(reader)) is not None:
                await response.write(b": still here\n\n" if not event else f"data: {json.dumps(event)}\n\n".encode())
        except (ConnectionResetError, ClientConnectionResetError):
            pass  # the page was closed
        finally:
            self._readers.discard(reader)
        return response

    def _tell(self, event: Json) -> None:
        if not self._readers:
            return
        described = self._described(event)
        for reader in self._readers:
            if reader.qsize() < MAX_BACKLOG:
                reader.put_nowait(described)
            elif reader.qsize() == MAX_BACKLOG:
                reader.put_nowait({"type": "hello"})

    def _described(self, event: Json) -> Json:
        world = self._world
        match event["type"]:
            case "message":
                message = world.chats[event["person"]][event["id"]]
                return {**event, "message": message_json(world, message)}
            case "person":
                return {**event, "person": person_json(world, world.people[event["person"]])}
            case "answer":
                return {**event, "answer": answer_json(world, event["query"])}
            case "group":
                return {**event, "group": group_json(world, world.groups[event["group"]])}
            case "clock":
                return {**event, "clock": world.clock.as_json()}
            case "inline":
                return {**event, **inline_json(world, event["query"])}
        return event

    # Doing

    async def _move_clock(self, request: web.Request, given: Json) -> Json:
        await self._world.move_clock(timedelta(seconds=int(given.get("seconds") or 0)))
        return self._world.clock.as_json()

    async def _add_person(self, request: web.Request, given: Json) -> Json:
        person = people.add_person(
            self._world,
            str(given.get("first_name") or ""),
            last_name=str(given.get("last_name") or "")[: people.MAX_NAME] or None,
            username=str(given.get("username") or "")[: people.MAX_NAME] or None,
            language_code=str(given.get("language_code") or "en")[:8],
        )
        if given.get("photo"):
            await people.set_profile_photo(self._world, person.id, _bytes(given, "photo"))
        await self._world.commit()
        return person_json(self._world, person)

    async def _text(self, request: web.Request, given: Json) -> Json:
        reply_to = given.get("reply_to")
        sent = await people.send_text(
            self._world, person_id(request), str(given.get("text") or ""), reply_to=int(reply_to) if reply_to else None
        )
        return {"message_id": sent}

    async def _photo(self, request: web.Request, given: Json) -> Json:
        reply_to = given.get("reply_to")
        sent = await people.send_photo(
            self._world,
            person_id(request),
            _bytes(given, "data"),
            caption=str(given.get("caption") or "") or None,
            as_document=bool(given.get("as_document")),
            reply_to=int(reply_to) if reply_to else None,
            name=str(given.get("name") or "photo.jpg")[:100],
        )
        return {"message_id": sent}

    async def _profile_photo(self, request: web.Request, given: Json) -> Json:
        await people.set_profile_photo(self._world, person_id(request), _bytes(given, "data"))
        return {}

    async def _press(self, request: web.Request, given: Json) -> Json:
        query = await people.press(
            self._world, person_id(request), int(given.get("message_id") or 0), str(given.get("button") or "")
        )
        return {"query": query}

    async def _inline(self, request: web.Request, given: Json) -> Json:
        text, offset = str(given.get("text") or ""), str(given.get("offset") or "")
        return {"query": await inline.ask(self._world, person_id(request), text, offset)}

    async def _choose(self, request: web.Request, given: Json) -> Json:
        query, result = str(given.get("query") or ""), str(given.get("result") or "")
        return {"message_id": await inline.choose(self._world, person_id(request), query, result)}

    async def _edit(self, request: web.Request, given: Json) -> Json:
        message_id = int(given.get("message_id") or 0)
        await people.edit_text(self._world, person_id(request), message_id, str(given.get("text") or ""))
        return {}

    async def _other(self, request: web.Request, given: Json) -> Json:
        return {"message_id": await people.send_other(self._world, person_id(request), str(given.get("kind") or ""))}

    async def _mini_app(self, request: web.Request, given: Json) -> Json:
        person = self._world.person(person_id(request))
        start = str(given.get("start") or "")
        if not START_PARAMETER.fullmatch(start):
            raise ValueError("start: up to 512 of A-Z a-z 0-9 _ and - expected")
        return {"url": address_of(self._world, person, self._token, start)}

    async def _block(self, request: web.Request, given: Json) -> Json:
        await people.set_blocked(self._world, person_id(request), bool(given.get("blocked")))
        return {}


def _bytes(given: Json, name: str) -> bytes:
    try:
        return base64.b64decode(str(given.get(name) or ""), validate=True)
    except binascii.Error:
        raise ValueError(f"{name}: base64 expected") from None


async def _next(reader: Events) -> Json | None:
    """Return the next event, {} when there was none for a while, None at the end."""
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(reader.get(), HEARTBEAT)
    return {}


async def _go_to_page(request: web.Request) -> web.Response:
    raise web.HTTPFound("/sandbox")


async def _file(request: web.Request) -> web.StreamResponse:
    name = request.match_info.get("name", "index.html")
    path = FOLDER / name
    if path.parent != FOLDER or path.suffix not in TYPES or not await asyncio.to_thread(path.is_file):
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={**HEADERS, "Content-Type": f"{TYPES[path.suffix]}; charset=utf-8"})
