"""`GET /api/socket` of something that is no Socket.IO client: front ends fetch it once, to wake the server."""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs, web
from typing_extensions import TypedDict

from api.http.bodies import reply
from api.openapi.operation import op

ENGINE_PARAMETERS: Final = frozenset(("EIO", "transport", "sid"))
ENGINE_IO: Final = 4
SOCKET_IO: Final = 5


class SocketAddress(TypedDict):
    """The `path` option of `socket.io-client`, and the protocol versions of the server."""

    path: str
    engine_io: int
    socket_io: int


@op(tags=("chat",), ok=SocketAddress, is_public=True, is_contract=True)
async def get_socket(request: web.Request) -> web.Response:
    """Get the path and the versions of the Socket.IO server.

    This is the answer without Engine.IO's parameters; with them, a Socket.IO client connects here.
    """
    return reply({"path": request.path.rstrip("/"), "engine_io": ENGINE_IO, "socket_io": SOCKET_IO})


def is_engine_request(request: web.Request) -> bool:
    """Return True if the request is one of Engine.IO, perhaps a faulty one."""
    return (
        request.method != hdrs.METH_GET
        or hdrs.UPGRADE in request.headers
        or not ENGINE_PARAMETERS.isdisjoint(request.query)
    )


def described_routes() -> list[web.RouteDef]:
    """Return the route for the OpenAPI document; `Realtime` serves it together with Engine.IO's requests."""
    return [web.get("/api/socket", get_socket)]
