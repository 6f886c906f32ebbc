"""Socket.IO server: events from clients, and committed changes sent to the sockets
of the users involved.

Handlers of client events emit nothing themselves. All sockets are fed by the change feed, so a
change made through any channel, in any process, arrives the same way; a message that this process
has written may go ahead of it (`own_messages.py`). A client that was disconnected asks for what it
missed with `chat:sync`. Only refusals come from here: as the acknowledgement of an event, or as
`chat:error` if none was asked for.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import socketio
from aiohttp import hdrs, web

from api import edits, reads
from api.auth.named_account import require_account
from api.auth.tokens import bearer_token, cookie_token
from api.gate import Busy
from api.http.bodies import wait_for_body
from api.http.connections import Connection
from api.http.context import ApiContext
from api.http.errors import Internal, body_of, problem_of
from api.http.handover import hand_over
from api.http.json_text import require_valid
from api.http.language import locale_of, set_reader
from api.http.origins import foreign_origin
from api.http.rights import EVENTS, STRICTEST
from api.http.tracebacks import drop_tracebacks
from api.messages import send
from api.realtime.address import get_socket, is_engine_request
from api.realtime.engine_sessions import SocketServer
from api.realtime.own_messages import OwnMessages
from api.realtime.rooms import Rooms
from api.realtime.seen_sessions import SeenSessions
from api.realtime.sockets import OrjsonCodec, Socket, Sockets
from api.realtime.throttle import Throttle
from api.schemas.circles import circle_document
from api.schemas.messages import MessageBody, message_document
from api.schemas.problems import current_document
from api.schemas.reads import read_mark_document
from api.schemas.sessions import session_document
from api.schemas.swaps import swap_document
from api.schemas.users import own_user
from api.sync import on_sync
from domain.errors import NotFound, Problem, TooMany, Unauthenticated, Unavailable
from domain.languages import DEFAULT_LOCALE, locale_or_default
from domain.messages import Message
from domain.planning import people_of
from domain.reads import ReadMark, Typing
from domain.swaps import Swap
from domain.users import BANNED, DELETED, User
from handlers import circles, users
from handlers.auth import authentication, sessions
from handlers.reads import list_listeners
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS
from handlers.runtime.rate_limits import Rate
from handlers.standing import require_right

log = logging.getLogger(__name__)

PATHS: Final = ("/api/socket", "/socket.io")
MAX_FRAME_BYTES: Final = 65_536
PING_SECONDS: Final = 25
PONG_SECONDS: Final = 20
MAX_STRIKES: Final = 20
"""Unknown or rejected events after which a socket is closed."""
RECHECK_BATCH: Final = 500
"""Users read from the database in one query after a gap in the change stream."""
HANDSHAKE_RATE: Final = Rate(burst=60, seconds=1)
"""New connections from one address, authenticated or not."""
RETRY_SECONDS: Final = 30
"""`retry_after` for an address with too many sockets."""
STOPPING_RETRY_SECONDS: Final = 2
"""`retry_after` while the process is about to stop."""

EventHandler = Callable[..., Awaitable[dict[str, Any]]]


class Realtime:
    """Socket.IO server with one namespace. Each user has a room that holds the user's sockets."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._deps = context.deps
        self._io = SocketServer(
            refuse_namespace=self._refuse_namespace,
            place=context.place,
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
            json=OrjsonCodec,
            logger=False,
            engineio_logger=False,
        )
        self._sockets = Sockets(self._io, context.metrics.refusals)
        self._throttle = Throttle(self._sockets, context.deadlines)
        self._seen_sessions = SeenSessions()
        self._own_messages = OwnMessages()
        context.on_sent.append(self.hand_on)
        self._is_stopped = False
        self._io.on("connect", self._connect)
        self._io.on("disconnect", self._disconnect)
        self._io.on("chat:new", self._acknowledged("chat:new", self._send_message))
        for event, handler in ({"chat:sync": on_sync} | reads.EVENTS | edits.EVENTS).items():
            self._io.on(event, self._acknowledged(event, partial(handler, self._deps)))
        self._io.on("*", self._on_unknown_event)

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
        """Close all sockets. A second call does nothing."""
        if not self._is_stopped:
            self._is_stopped = True
            await self._sockets.stop()
            await self._io.shutdown()

    async def drain(self, seconds: float) -> None:
        """Close the sockets evenly over `seconds`; clients reconnect to other processes."""
        await self._sockets.drain(seconds)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if not is_engine_request(request):
            return await get_socket(request)
        if self._context.stopping.is_set() and "sid" not in request.query:
            raise Unavailable("service.stopping", retry_after=STOPPING_RETRY_SECONDS)
        self._sockets.record_upgrade(request)
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and not self._context.is_trusted(origin, request.host):
            raise foreign_origin(self._context, request)  # the library would say only that it is not accepted
        place = self._context.place
        owner = place.owner_of(request.query.get("sid", "")) if place is not None else None
        if request.method == "POST" or owner is not None:  # a body is handed over whole, also one that a GET announces
            await wait_for_body(request)
        if place is not None and owner is not None and await hand_over(place, request, owner):
            return web.Response()  # not sent: the connection is another process's now
        address = self._context.client_addresses.of(request)
        if address and "sid" not in request.query:
            self._deps.rates.take("socket", address, HANDSHAKE_RATE, at=self._deps.now())
        with contextlib.suppress(ConnectionError):  # the client has disconnected
            response: web.StreamResponse = await self._io.handle_request(request)
            return response
        return web.Response(status=400)

    def _is_trusted(self, origin: str | None, environ: dict[str, Any]) -> bool:
        return origin is not None and self._context.is_trusted(origin, environ.get("HTTP_HOST", ""))

    # Events from clients

    def _refuse_namespace(self, request: web.Request) -> dict[str, Any]:
        return self._problem_body(NotFound("socket.no_namespace"), "", locale_of(request))

    async def _connect(self, sid: str, environ: dict[str, Any], data: Any = None) -> None:
        request: web.Request = environ["aiohttp.request"]
        try:
            token = data.get("token") if isinstance(data, dict) else None
            if not isinstance(token, str):
                token = cookie_token(self._context, request) or bearer_token(request)
            user = await self._context.deadlines.keep(authentication.authenticate(self._deps, token))
            set_reader(request, user)
            if isinstance(data, dict) and isinstance(named := data.get("account"), str):
                require_account(named, user.id)
            claims = self._deps.session_tokens.read(token, now=self._deps.real_now()) if token else None
            if claims is None:
                raise Unauthenticated("unauthenticated")
            address = self._context.client_addresses.of(request)
            if self._sockets.is_full(address):
                raise TooMany("socket.too_many", retry_after=RETRY_SECONDS)
        except Exception as error:  # noqa: BLE001 - every error is reported to the client
            body = self._problem_body(error, "", locale_of(request))
            raise socketio.exceptions.ConnectionRefusedError(body["detail"], body) from None
        await self._io.enter_room(sid, f"u:{user.id}")
        await self._sockets.add(
            Socket(
                sid, self._io.manager.eio_sid_from_sid(sid, "/"), user, claims.exp, claims.session_id, address=address
            )
        )

        if isinstance(request.protocol, Connection):
            request.protocol.finish_handshake()

    async def _disconnect(self, sid: str, reason: Any = None) -> None:
        socket = self._sockets.find(sid)
        self._sockets.remove(sid)
        if socket is not None:
            with contextlib.suppress(*DATABASE_ERRORS, Unavailable):  # open views expire by themselves
                await self._context.deadlines.keep(reads.close_views_of(self._deps, socket))
            if reason == self._io.reason.CLIENT_DISCONNECT:  # the only namespace: another socket is another connection
                await self._sockets.close(socket.eio_sid)

    def _acknowledged(self, event: str, handler: EventHandler) -> Callable[..., Awaitable[dict[str, Any]]]:
        """Wrap a handler so that it always acknowledges: `{ok: true, …}` or `{ok: false, error}`.

        An exception that reached the library would leave the client without an answer.
        """

        async def handle(sid: str, *args: Any) -> dict[str, Any]:
            socket = self._sockets.find(sid)
            if socket is None:
                return {
                    "ok": False,
                    "error": self._problem_body(Unauthenticated("unauthenticated"), "", DEFAULT_LOCALE),
                }
            try:
                await self._throttle.wait_for_turn(socket, event)
                if event == "chat:new":
                    self._context.gate.require_room()
                await require_right(self._deps, socket.user, EVENTS.get(event, STRICTEST))
                said = require_valid(args[0] if args else None)
                return {"ok": True, **await self._context.deadlines.keep(handler(socket, said))}
            except Exception as error:  # noqa: BLE001 - as above
                if isinstance(error, TooMany):
                    await self._add_strike(socket)
                elif isinstance(error, Busy) and self._context.gate.refuses_many:
                    self._throttle.pause_messages(socket, error.wait)
                answer = {"ok": False, "error": self._problem_body(error, socket.user.id, socket.user.locale)}
                drop_tracebacks(error)
                return answer

        return handle

    def _problem_body(self, error: Exception, viewer_id: str, locale: str) -> dict[str, Any]:
        problem: Problem = problem_of(error)
        request_id = secrets.token_hex(8)
        if isinstance(problem, Internal):
            log.error("socket event %s failed", request_id, exc_info=error)
        texts = self._deps.texts[locale_or_default(locale)]
        current = current_document(problem.current, viewer_id, self._deps.now(), texts)
        return body_of(problem, request_id, texts, current)

    async def _send_message(self, socket: Socket, data: Any) -> dict[str, Any]:
        if isinstance(data, dict):
            self._context.metrics.ignored("chat:new", MessageBody.count_unknown(data))
        gate = self._context.gate
        with self._sockets.reading_paused(socket.eio_sid) if gate.is_full else contextlib.nullcontext():
            credit = await gate.admit()
        try:
            message = await send(self._context, socket.user, MessageBody.model_validate(data), credit)
        finally:
            gate.settle(credit)
        return {"message": message_document(message)}

    async def _on_unknown_event(self, event: str, sid: str, *args: Any) -> Any:
        socket = self._sockets.find(sid)
        if socket is not None:
            await self._add_strike(socket)
        return self._io.not_handled

    async def _add_strike(self, socket: Socket) -> None:
        socket.strikes += 1
        if socket.strikes >= MAX_STRIKES:
            await self._sockets.close(socket.eio_sid)

    # Events to clients

    async def hand_on(self, message: Message) -> None:
        """Emit a message that this process has just written, if it need not wait for the change feed."""
        try:
            if self._own_messages.goes_ahead(message):
                await self._emit_message("chat:receive", message)
        except Exception:  # it is stored: its sender is told so
            log.exception("handing on a message failed")

    async def on_change(self, change: Change) -> None:
        """Emit a committed change to the sockets of the users involved."""
        if change.kind == "lost":
            self._seen_sessions.forget()
            self._own_messages.forget()
            await self._io.emit("resync_required", {})
            await self._recheck_sessions()
        elif change.message is not None:
            if change.kind != "message" or self._own_messages.is_new(change.message):
                await self._emit_message(_message_event(change), change.message)
        elif change.kind == "reviews" and change.swap is not None:
            rooms = [f"u:{person}" for person in change.swap.participants if self._sockets.has(person)]
            if rooms:
                await self._io.emit("review:revealed", {"swap_id": change.swap.id}, room=rooms)
        elif change.swap is not None:
            await self._emit_swap(change.swap)
            await self._emit_sessions(change.swap)
        elif (signal := change.read or change.typing) is not None:
            await self._emit_chat_signal(signal)
        elif change.session is not None:
            await self._sockets.close_session(change.session.user_id, change.session.id)
        elif change.user is not None and self._sockets.has(change.user.id):
            await self._refresh_user(change.user.id, change.user)
            if self._sockets.has(change.user.id):
                await self._io.emit("user:updated", own_user(change.user), room=f"u:{change.user.id}")

    async def _emit_message(self, event: str, message: Message) -> None:
        rooms = [f"u:{person}" for person in message.people if self._sockets.has(person)]
        if rooms:
            await self._io.emit(event, message_document(message), room=rooms)

    async def _emit_swap(self, swap: Swap) -> None:
        if swap.circle is not None:
            await self._emit_circle(swap)
            return
        for person in filter(self._sockets.has, swap.participants):
            user = await self._deps.store.users.find_recent(person)
            texts = self._deps.texts[locale_or_default(user.locale if user is not None else "")]
            document = swap_document(swap, person, self._deps.now(), texts)
            await self._io.emit("swap:updated", document, room=f"u:{person}")

    async def _emit_sessions(self, swap: Swap) -> None:
        """Emit the sessions of a swap that have changed, each to its two people."""
        for session in self._seen_sessions.changed(swap):
            for person in filter(self._sockets.has, people_of(swap, session)):
                document = session_document(swap, session, person, self._deps.now())
                said = {"swap_id": swap.id, "session": document}
                await self._io.emit("session:updated", said, room=f"u:{person}")

    async def _emit_circle(self, swap: Swap) -> None:
        """Emit a circle to its participants and to users who have left it, each with their own view."""
        outsiders = swap.circle.gone if swap.circle is not None else ()
        for person in filter(self._sockets.has, (*swap.participants, *outsiders)):
            view = await circles.view_circle(self._deps, swap, person)
            if view is not None:
                await self._io.emit("circle:updated", circle_document(view, self._deps.now()), room=f"u:{person}")

    async def _emit_chat_signal(self, signal: ReadMark | Typing) -> None:
        people = await list_listeners(self._deps, signal)
        rooms = [f"u:{person}" for person in people if self._sockets.has(person)]
        if rooms and isinstance(signal, ReadMark):
            await self._io.emit("chat:read", read_mark_document(signal), room=rooms)
        elif rooms:
            await self._io.emit("chat:typing", {"swap_id": signal.swap_id, "user_id": signal.user_id}, room=rooms)

    async def _recheck_sessions(self) -> None:
        """Close the sockets of users and sessions that ended while the change stream was interrupted."""
        user_ids = self._sockets.user_ids()
        for start in range(0, len(user_ids), RECHECK_BATCH):
            batch = tuple(user_ids[start : start + RECHECK_BATCH])
            people = await users.get_people(self._deps, batch)
            for user_id in batch:
                await self._refresh_user(user_id, people.get(user_id))
            open_sessions = self._sockets.sessions_of(batch)
            ended = await sessions.which_ended(self._deps, [session_id for _, session_id in open_sessions])
            for user_id, session_id in open_sessions:
                if session_id in ended:
                    await self._sockets.close_session(user_id, session_id)

    async def _refresh_user(self, user_id: str, user: User | None) -> None:
        """Update the user in their sockets, or close these if the user is banned or deleted."""
        if user is None or user.status in (BANNED, DELETED):
            await self._sockets.close_user(user_id)
        else:
            await self._sockets.update_user(user)


def _message_event(change: Change) -> str:
    if change.kind == "message" or change.message is None:
        return "chat:receive"
    return "chat:edited" if change.message.deleted_at is None else "chat:deleted"
