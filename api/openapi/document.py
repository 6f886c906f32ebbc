"""The OpenAPI 3.1 document, built from the routes and their operations."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterable, Set
from importlib.metadata import version
from typing import Any, Final

import orjson
from aiohttp import web
from pydantic import TypeAdapter

from api.openapi.examples import EXAMPLES
from api.openapi.extensions import in_place, problem_codes, socket_events
from api.openapi.operation import Operation
from api.schemas.problems import ProblemDocument
from domain.ids import ID_PATTERN
from handlers.runtime.texts import Texts

REFS: Final = "#/components/schemas/{model}"

VERSION: Final = version("skillswap")
"""The version of the package, from `pyproject.toml`."""


_ID: Final = {"type": "string", "pattern": f"^{ID_PATTERN}$"}


_PATH_PARAMETERS: Final = {
    "seq": {"type": "string", "pattern": "^[1-9][0-9]{0,15}$"},
    "sid": {"type": "string", "pattern": "^[1-9][0-9]?$"},
    "seat": {"type": "string", "enum": ["you_learn", "you_teach"]},
}
"""Schemas of the path parameters that are no ids."""


TAGS: Final = {
    "community": "The community that this service is for: its name, its rules, and how people come in.",
    "people": "Your profile, the profiles of others, skills, matches, alerts and blocks.",
    "moderation": "For moderators: decisions about skills, and lines written to them.",
    "swaps": "Swaps of two people, from the request to the end.",
    "ratings": "Ratings after a swap, shown when both are written or the time is over.",
    "circles": "Swaps of three people, where each teaches the next.",
    "chat": "The messages of accepted swaps and circles, and how far each person has read.",
    "photos": "Photos of profiles and messages.",
    "session": "Who is signed in here, and where else.",
    "accounts": "The accounts that sign you in, and the merge of two profiles.",
    "operation": "For supervisors and load balancers.",
}


STATUS_DESCRIPTIONS: Final = {
    200: "OK",
    201: "Created",
    202: "Kept: a moderator looks at it first",
    400: "The body is not valid JSON, or a cursor or header is not valid",
    401: "Not signed in: the session token is missing, invalid or expired",
    403: "Not allowed, or a request from another site",
    404: "Not found, or not visible to you",
    409: "Conflict with the present state; for swaps, circles and the community `current` is the document as it is now",
    408: "The request body did not arrive in time",
    412: "Changed since the version in `If-Match`; `current` is the document as it is now",
    413: "The request body is too large",
    415: "Unsupported content type",
    422: "The request is not valid; `errors` lists the fields",
    429: "Too many requests; retry after `Retry-After` seconds",
    502: "The photo host returned an invalid response",
    503: "Temporarily unavailable; retry after `Retry-After` seconds",
}


INTRODUCTION: Final = """\
People in a community trade skills: I teach you Python, you teach me the guitar. The API and the Telegram bot work on
the same data: a change made through one is visible in the other at once.

**Authentication**: the session cookie of NextAuth v4, or `Authorization: Bearer` with the same token. The command
`/web` of the bot sends a link that signs you in.

**Errors** are problem details (RFC 9457, `application/problem+json`). `code` is stable and meant for programs,
`detail` for people. The problem codes are listed at the end of this page.

**Formats**: times are ISO 8601 in UTC, ids are 24 hexadecimal digits. Lists are JSON arrays; the `Link` header with
`rel="next"` is the address of the next page.

**Socket.IO** at `/api/socket` (and `/socket.io`) delivers changes as they happen. Authenticate with the cookie, the
header, or `auth: {token}`. Each event of a client is acknowledged with `{ok: true, …}` or `{ok: false, error}`:
`chat:new {swap_id, message, client_id?, photo_url?, reply_to?}` returns `{message}`, `chat:sync {swap_id, after}`
returns `{messages, has_more, …}`; further events are `chat:edit`, `chat:delete`, `chat:read`, `chat:open`, `chat:close`
and `chat:typing`. The server sends `chat:receive`, `chat:edited` and `chat:deleted` (the message) to all sockets of all
participants, `swap:updated` (the swap), `session:updated` (`{swap_id, session}`), `review:revealed`
(`{swap_id}`: its ratings are shown now), `circle:updated` (the circle), `user:updated` (your profile), `chat:read`,
`chat:typing`, and `resync_required` when events may have been lost: reload what you show. A client that asks for no
acknowledgement gets `chat:error {event, swap_id, client_id, error}` when its event fails.
"""


def build_document(routes: Iterable[web.RouteDef], server_url: str, texts: Texts) -> dict[str, Any]:
    """Return the OpenAPI document of all routes that have an `Operation`, and of the events of sockets."""
    described = [
        (route, operation) for route in routes if (operation := getattr(route.handler, "operation", None)) is not None
    ]
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route, operation in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _describe(route, operation, schemas)
    used = set(schemas.components)
    events = socket_events(schemas.of)
    # Linters call a component unused that only an extension refers to.
    events = in_place(events, schemas.extra_since(used))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Skill Swap",
            "version": VERSION,
            "description": INTRODUCTION,
            "contact": {"name": "Skill Swap", "url": server_url},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server_url}],
        "tags": [
            {"name": name, "description": TAGS[name]}
            for name in dict.fromkeys(tag for _, operation in described for tag in operation.tags)
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "next-auth.session-token"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWE"},
            },
        },
        "security": [{"cookie": []}, {"bearer": []}],
        "x-problem-codes": problem_codes(texts),
        "x-socket-events": events,
    }


class _Schemas:
    """JSON Schemas of types; named object types are collected under `components`."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}
        self._known: dict[tuple[str, bool], dict[str, Any]] = {}

    def of(self, shape: Any, *, is_input: bool = False) -> dict[str, Any]:
        """Return the schema of a type, or a reference to its component."""
        known = self._known.get((repr(shape), is_input))
        if known is None:  # creating an adapter takes milliseconds, and most types occur often
            known = self._known[repr(shape), is_input] = self._build(shape, is_input)
        return known

    def extra_since(self, known: Set[str]) -> dict[str, Any]:
        """Remove and return the components that are not among `known`."""
        return {name: self.components.pop(name) for name in self.components.keys() - known}

    def _build(self, shape: Any, is_input: bool) -> dict[str, Any]:
        schema = TypeAdapter(shape).json_schema(ref_template=REFS, mode="validation" if is_input else "serialization")
        for name, part in schema.pop("$defs", {}).items():
            self.components[name] = _tidy(part)
        if schema.get("type") == "object" and (name := schema.get("title")):
            self.components[name] = _tidy(schema)
            return {"$ref": REFS.format(model=name)}
        return schema


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """Remove `null` defaults, which mean that a field is not given."""
    for part in schema.get("properties", {}).values():
        if part.get("default", "") is None:
            del part["default"]
    return schema


def _describe(route: web.RouteDef, operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    """Return the operation object. The first line of the handler's docstring is the summary,
    the rest the description.
    """
    summary, _, description = inspect.cleandoc(route.handler.__doc__ or "").partition("\n")
    example = EXAMPLES.get(f"{route.method} {route.path}", {})
    successes = {operation.status: operation.ok, **operation.also}
    responses: dict[str, Any] = {
        str(status): {
            "description": STATUS_DESCRIPTIONS[status],
            "content": {operation.content: _content(schemas.of(shape), example.get("response"))},
        }
        for status, shape in successes.items()
    }
    for status in operation.problems():
        if status not in successes:
            content = {"application/problem+json": {"schema": schemas.of(ProblemDocument)}}
            responses[str(status)] = {"description": STATUS_DESCRIPTIONS[status], "content": content}
    described: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": summary.rstrip("."),
        "tags": list(operation.tags),
        "responses": responses,
    }
    if text := description.strip():
        described["description"] = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    parameters = [*_path_parameters(route.path), *_query_parameters(operation, schemas), *_headers(operation)]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        content = _content(schemas.of(operation.body, is_input=True), example.get("body"))
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    if operation.upload is not None:
        form = {"multipart/form-data": {"schema": _upload_form(operation.upload)}}
        described["requestBody"] = {"required": True, "content": form}
    if operation.is_public:
        described["security"] = []
    return described


def _upload_form(file: str) -> dict[str, Any]:
    """Return the schema of a form with a file. OpenAPI 3.1 names the content by `contentMediaType`, but generators of
    clients take a property for a file by the `format` of OpenAPI 3.0 alone, and would send text.
    """
    return {
        "type": "object",
        "required": [file],
        "properties": {
            file: {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"},
            "purpose": {"type": "string", "enum": ["profile", "chat"], "default": "profile"},
        },
    }


def _content(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_PARAMETERS.get(name, _ID)}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = TypeAdapter(operation.query).json_schema(ref_template=REFS)
    required = schema.get("required", ())
    parameters = []
    for name, part in schema["properties"].items():
        kinds = [kind for kind in part.get("anyOf", [part]) if kind.get("type") != "null"]
        shape = {key: value for key, value in kinds[0].items() if key not in ("title", "default")}
        parameters.append({"name": name, "in": "query", "required": name in required, "schema": shape})
    return parameters


def _headers(operation: Operation) -> list[dict[str, Any]]:
    return [
        _HEADERS[name]
        for name, is_accepted in (
            ("Idempotency-Key", operation.is_repeatable),
            ("If-Match", operation.is_conditional),
        )
        if is_accepted
    ]


_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A request repeated with the same key within 24 hours is not executed again and gets the first "
        "response. 409 while the first request is running, 422 when the body differs.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the version that you have read. 412 when it has changed since.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,15}")$'},
    },
}


class Reference:
    """The OpenAPI document of the application, built in a thread on first use and cached."""

    def __init__(self, routes: Iterable[web.RouteDef], server_url: str, texts: Texts) -> None:
        self._routes = list(routes)
        self._server_url = server_url
        self._texts = texts
        self._lock = asyncio.Lock()
        self._document: dict[str, Any] | None = None
        self._text = b""

    async def document(self) -> dict[str, Any]:
        async with self._lock:
            if self._document is None:
                self._document = await asyncio.to_thread(build_document, self._routes, self._server_url, self._texts)
            return self._document

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/openapi.json", self.get_openapi)]

    async def get_openapi(self, request: web.Request) -> web.Response:
        if not self._text:  # hundreds of kilobytes, so it is serialised once
            self._text = orjson.dumps(await self.document(), option=orjson.OPT_INDENT_2)
        return web.Response(body=self._text, content_type="application/json", headers={"Cache-Control": "no-cache"})
