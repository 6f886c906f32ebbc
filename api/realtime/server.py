"""Socket.IO: what is said comes in, every committed change goes out to the sockets of those whom it concerns.

Nothing is emitted by the one who caused it: sockets are fed by the change feed alone, so a change made at any door,
in any process, arrives the same way. A socket that was away asks for what it missed (`chat:sync`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import socketio
from aiohttp import web

from api import edits, reads
from api.auth.tokens import bearer_token, cookie_token
from api.http.bodies import wait_for_body
from api.http.connections import Connection
from api.http.context import ApiContext
from api.http.deadlines import in_time
from api.http.errors import Internal, body_of, problem_of
from api.http.language import locale_of, set_reader
from api.messages import send
from api.realtime.engine_sessions import SocketServer
from api.realtime.rooms import Rooms
from api.realtime.sockets import Socket, Sockets, WireJson
from api.schemas.circles import circle_document
from api.schemas.messages import MessageBody, message_document
from api.schemas.problems import current_document
from api.schemas.reads import read_mark_document
from api.schemas.swaps import swap_document
from api.schemas.users import own_user
from api.sync import on_sync
from domain.errors import Problem, TooMany, Unauthenticated, Unavailable
from domain.languages import DEFAULT_LOCALE, locale_or_default
from domain.reads import ReadMark, Typing
from domain.swaps import Swap
from domain.users import BANNED, DELETED, User
from handlers import circles, users
from handlers.auth import authentication, sessions
from handlers.reads import list_listeners
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS
from handlers.runtime.rate_limits import Rate

log = logging.getLogger(__name__)

PATHS: Final = ("/api/socket", "/socket.io")
MAX_FRAME_BYTES: Final = 65_536
PING_SECONDS: Final = 25
PONG_SECONDS: Final = 20
MAX_STRIKES: Final = 20
"""Unknown or refused events after which a socket is closed."""
EVENTS_AT_ONCE: Final = 10
EVENT_SECONDS: Final = 0.5
"""Ten of a socket's events are handled at once, and beyond that one in so many seconds: what comes faster waits in its
connection. Nothing is refused, and fifty clients that ask without a pause take a tenth of what they took."""
TURN_LOOK_SECONDS: Final = 2.0
"""What waits its turn looks so often whether its socket is still there."""
LOOKED_AT_ONCE: Final = 500
HANDSHAKES: Final = Rate(burst=60, seconds=1)
"""New connections from one address, signed in or not."""
RETRY_SECONDS: Final = 30
STOPPING_RETRY_SECONDS: Final = 2

Answer = Callable[..., Awaitable[dict[str, Any]]]


class Realtime:
    """One Socket.IO server with one namespace; a room for each person holds their sockets."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._deps = context.deps
        self._io = SocketServer(
            async_mode="aiohttp",
            client_manager=Rooms(),
            async_handlers=False,  # True would handle one client's events out of order
            always_connect=False,
            namespaces=["/"],
            max_http_buffer_size=MAX_FRAME_BYTES,
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            http_compression=False,
            cors_allowed_origins=self._is_trusted,
            cors_credentials=True,
            json=WireJson,
            logger=False,
            engineio_logger=False,
        )
        self._sockets = Sockets(self._io, context.metrics.refusals)
        self._is_stopped = False
        self._io.on("connect", self._connect)
        self._io.on("disconnect", self._disconnect)
        self._io.on("chat:new", self._answering(self._send))
        for event, operation in ({"chat:sync": on_sync} | reads.EVENTS | edits.EVENTS).items():
            self._io.on(event, self._answering(partial(operation, self._deps)))
        self._io.on("*", self._ignore)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route(method, path + end, self._handle)
            for path in PATHS
            for end in ("", "/")
            for method in ("GET", "POST", "OPTIONS")
        ]

    def count_sockets(self) -> int:
        return len(self._sockets)

    def start(self) -> None:
        self._sockets.start()

    async def stop(self) -> None:
        """Say goodbye to every socket; a second call finds nothing to do."""
        if not self._is_stopped:
            self._is_stopped = True
            await self._sockets.stop()
            await self._io.shutdown()

    async def drain(self, seconds: float) -> None:
        """Send the sockets elsewhere, evenly over this time."""
        await self._sockets.drain(seconds)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self._context.stopping.is_set() and "sid" not in request.query:
            raise Unavailable("service.stopping", retry_after=STOPPING_RETRY_SECONDS)
        self._sockets.note_upgrade(request)
        if request.method == "POST":
            await wait_for_body(request)
        address = self._context.client_addresses.of(request)
        if address and "sid" not in request.query:
            self._deps.rates.take("socket", address, HANDSHAKES, at=self._deps.now())
        with contextlib.suppress(ConnectionError):  # the client has gone in the middle of it
            response: web.StreamResponse = await self._io.handle_request(request)
            return response
        return web.Response(status=400)

    def _is_trusted(self, origin: str | None, environ: dict[str, Any]) -> bool:
        return origin is not None and self._context.is_trusted(origin, environ.get("HTTP_HOST", ""))

    # ---- in ----------------------------------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: dict[str, Any], said: Any = None) -> None:
        request: web.Request = environ["aiohttp.request"]
        try:
            given = said.get("token") if isinstance(said, dict) else None
            token = given if isinstance(given, str) else cookie_token(self._context, request) or bearer_token(request)
            user = await in_time(authentication.authenticate(self._deps, token))
            set_reader(request, user)
            claims = self._deps.sessions.read(token, now=self._deps.now()) if token else None
            if claims is None:
                raise Unauthenticated("unauthenticated")
            address = self._context.client_addresses.of(request)
            if self._sockets.is_full(address):
                raise TooMany("socket.too_many", retry_after=RETRY_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever it was, the client is told
            body = self._problem(error, "", locale_of(request))
            raise socketio.exceptions.ConnectionRefusedError(body["detail"], body) from None
        await self._io.enter_room(sid, f"u:{user.id}")
        await self._sockets.add(
            Socket(
                sid, self._io.manager.eio_sid_from_sid(sid, "/"), user, claims.exp, claims.session_id, address=address
            )
        )

        if isinstance(request.protocol, Connection):
            request.protocol.arrived()

    async def _disconnect(self, sid: str, reason: Any = None) -> None:
        socket = self._sockets.find(sid)
        self._sockets.remove(sid)
        if socket is not None:
            with contextlib.suppress(*DATABASE_ERRORS, Unavailable):  # it ends by itself a little later
                await in_time(reads.leave(self._deps, socket))

    def _answering(self, operation: Answer) -> Callable[..., Awaitable[dict[str, Any]]]:
        """An event handler that always acknowledges: a raised error would leave the browser waiting."""

        async def answer(sid: str, *said: Any) -> dict[str, Any]:
            socket = self._sockets.find(sid)
            if socket is None:
                return {"ok": False, "error": self._problem(Unauthenticated("unauthenticated"), "", DEFAULT_LOCALE)}
            try:
                await self._wait_for_turn(socket)
                return {"ok": True, **await in_time(operation(socket, said[0] if said else None))}
            except Exception as error:  # noqa: BLE001 - likewise
                if isinstance(error, TooMany):
                    await self._strike(socket)
                return {"ok": False, "error": self._problem(error, socket.user.id, socket.user.locale)}

        return answer

    async def _wait_for_turn(self, socket: Socket) -> None:
        """Raises Unauthenticated when the socket is closed meanwhile: nobody acts by a session that has ended."""
        now = time.monotonic()
        due = now + socket.turn_in(EVENTS_AT_ONCE, EVENT_SECONDS, now=now)
        while due > now:
            await asyncio.sleep(min(due - now, TURN_LOOK_SECONDS))
            self._require_open(socket)
            now = time.monotonic()
        if self._sockets.is_behind(socket.eio_sid):
            await in_time(self._sockets.let_read(socket.eio_sid))
            self._require_open(socket)

    def _require_open(self, socket: Socket) -> None:
        if self._sockets.find(socket.sid) is not socket:
            raise Unauthenticated("unauthenticated")

    def _problem(self, error: Exception, viewer_id: str, locale: str) -> dict[str, Any]:
        problem: Problem = problem_of(error)
        request_id = secrets.token_hex(8)
        if isinstance(problem, Internal):
            log.error("socket event %s failed", request_id, exc_info=error)
        texts = self._deps.texts[locale_or_default(locale)]
        return body_of(problem, request_id, texts, current_document(problem.current, viewer_id))

    async def _send(self, socket: Socket, said: Any) -> dict[str, Any]:
        message = await send(self._deps, socket.user, MessageBody.model_validate(said))
        return {"message": message_document(message)}

    async def _ignore(self, event: str, sid: str, *said: Any) -> Any:
        socket = self._sockets.find(sid)
        if socket is not None:
            await self._strike(socket)
        return self._io.not_handled

    async def _strike(self, socket: Socket) -> None:
        socket.strikes += 1
        if socket.strikes >= MAX_STRIKES:
            await self._sockets.close(socket.eio_sid)

    # ---- out ---------------------------------------------------------------------------------------------------

    async def on_change(self, change: Change) -> None:
        """Pass a committed change on to the sockets of those whom it concerns."""
        if change.kind == "lost":
            await self._io.emit("resync_required", {})
            await self._look_again()
        elif change.message is not None:
            rooms = [f"u:{person}" for person in change.message.people if self._sockets.has(person)]
            if rooms:
                await self._io.emit(_event_of(change), message_document(change.message), room=rooms)
        elif change.swap is not None:
            if change.swap.circle is not None:
                await self._show_circle(change.swap)
                return
            for person in change.swap.participants:
                if self._sockets.has(person):
                    await self._io.emit("swap:updated", swap_document(change.swap, person), room=f"u:{person}")
        elif (sign := change.read or change.typing) is not None:
            await self._pass_on(sign)
        elif change.session is not None:
            await self._sockets.close_session(change.session.user_id, change.session.id)
        elif change.user is not None and self._sockets.has(change.user.id):
            await self._meet(change.user.id, change.user)
            if self._sockets.has(change.user.id):
                await self._io.emit("user:updated", own_user(change.user), room=f"u:{change.user.id}")

    async def _show_circle(self, swap: Swap) -> None:
        """To each of its people, and to whoever is out of it, what they may see."""
        out = swap.circle.gone if swap.circle is not None else ()
        for person in filter(self._sockets.has, (*swap.participants, *out)):
            view = await circles.view_circle(self._deps, swap, person)
            if view is not None:
                await self._io.emit("circle:updated", circle_document(view), room=f"u:{person}")

    async def _pass_on(self, sign: ReadMark | Typing) -> None:
        people = await list_listeners(self._deps, sign)
        rooms = [f"u:{person}" for person in people if self._sockets.has(person)]
        if rooms and isinstance(sign, ReadMark):
            await self._io.emit("chat:read", read_mark_document(sign), room=rooms)
        elif rooms:
            await self._io.emit("chat:typing", {"swap_id": sign.swap_id, "user_id": sign.user_id}, room=rooms)

    async def _look_again(self) -> None:
        """Whoever left or signed out in the gap, here or everywhere, is sent away now."""
        held = self._sockets.people()
        for start in range(0, len(held), LOOKED_AT_ONCE):
            batch = tuple(held[start : start + LOOKED_AT_ONCE])
            people = await users.get_people(self._deps, batch)
            for user_id in batch:
                await self._meet(user_id, people.get(user_id))
            open_sessions = self._sockets.sessions_of(batch)
            ended = await sessions.which_ended(self._deps, [session_id for _, session_id in open_sessions])
            for user_id, session_id in open_sessions:
                if session_id in ended:
                    await self._sockets.close_session(user_id, session_id)

    async def _meet(self, user_id: str, user: User | None) -> None:
        if user is None or user.status in (BANNED, DELETED):
            await self._sockets.close_all_of(user_id)
        else:
            await self._sockets.renew(user)


def _event_of(change: Change) -> str:
    if change.kind == "message" or change.message is None:
        return "chat:receive"
    return "chat:edited" if change.message.deleted_at is None else "chat:deleted"
