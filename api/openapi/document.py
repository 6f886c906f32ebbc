"""The OpenAPI 3.1 document, built from the routes and their operations."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

import orjson
from aiohttp import web
from pydantic import TypeAdapter

from api.openapi.examples import EXAMPLES
from api.openapi.operation import Operation
from api.schemas.problems import ProblemDocument

REFS: Final = "#/components/schemas/{model}"

VERSION: Final = version("skillswap")
"""The version of the package, from `pyproject.toml`."""


_ID: Final = {"type": "string", "pattern": "^[0-9a-f]{24}$"}


_SEQ: Final = {"type": "string", "pattern": "^[1-9][0-9]{0,15}$"}


MEANINGS: Final = {
    200: "As it stands",
    201: "Made",
    400: "Not valid JSON, or a cursor that is none",
    401: "Nobody is signed in",
    403: "Not allowed, or asked from a foreign page",
    404: "Absent, or not yours: the two look the same",
    409: "Things have moved on; `current` says how they stand",
    408: "It did not arrive in time",
    412: "Changed since the version that `If-Match` names; `current` says how it stands",
    413: "Too large",
    415: "Another content type is expected",
    422: "Cannot be used; `errors` names the fields",
    429: "Too many; wait for `Retry-After` seconds",
    502: "The photo service answered nonsense",
    503: "Not available now; wait for `Retry-After` seconds",
}


INTRODUCTION: Final = """\
People in a community trade skills: I teach you Python, you teach me the guitar. What is done here is seen at once in
the Telegram bot, and the other way round.

**Who is asking** is read from the session cookie of NextAuth v4, or else from `Authorization: Bearer` with the same
token. `/web` in the bot gives a link that signs you in. **Failures** are problem JSON (RFC 9457): `code` is for the
front end, `detail` for people. **Times** are ISO 8601 in UTC, ids 24 hexadecimal digits. **Lists** are arrays; the
`Link` header names the next page.

**Live**: Socket.IO at `/api/socket` (and `/socket.io`), with the cookie, the header, or `auth: {token}`. You send
`chat:new {swap_id, message, client_id?, photo_url?}`, acknowledged with `{ok: true, message}` or
`{ok: false, error}`, and `chat:sync {swap_id, after}`, acknowledged with `{ok: true, messages, has_more}`. You get
`chat:receive` (the message) on all sockets of everybody in the conversation, `swap:updated` (the swap), `user:updated`
(your profile), and `resync_required` when you may have missed something: reload what you show.
"""


def build_document(routes: Iterable[web.RouteDef], server_url: str) -> dict[str, Any]:
    """The document of all routes that carry an operation."""
    described = [
        (route, operation) for route in routes if (operation := getattr(route.handler, "operation", None)) is not None
    ]
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route, operation in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _describe(route, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Skill Swap", "version": VERSION, "description": INTRODUCTION},
        "servers": [{"url": server_url}],
        "tags": [{"name": name} for name in dict.fromkeys(tag for _, found in described for tag in found.tags)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "next-auth.session-token"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWE"},
            },
        },
        "security": [{"cookie": []}, {"bearer": []}],
    }


class _Schemas:
    """JSON Schemas of types, with what they share under `components`."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}
        self._known: dict[tuple[str, bool], dict[str, Any]] = {}

    def of(self, shape: Any, *, is_input: bool = False) -> dict[str, Any]:
        known = self._known.get((repr(shape), is_input))
        if known is None:  # making an adapter takes milliseconds, and a problem is in every operation
            known = self._known[repr(shape), is_input] = self._make(shape, is_input)
        return known

    def _make(self, shape: Any, is_input: bool) -> dict[str, Any]:
        schema = TypeAdapter(shape).json_schema(ref_template=REFS, mode="validation" if is_input else "serialization")
        self.components.update(schema.pop("$defs", {}))
        if schema.get("type") == "object" and (name := schema.get("title")):
            self.components[name] = _tidy(schema)
            return {"$ref": REFS.format(model=name)}
        return schema


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """Without `null` defaults: they stand for "not given"."""
    for part in schema.get("properties", {}).values():
        if part.get("default", "") is None:
            del part["default"]
    return schema


def _describe(route: web.RouteDef, operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(route.handler.__doc__ or "").partition("\n")
    example = EXAMPLES.get(f"{route.method} {route.path}", {})
    answers = {operation.status: operation.ok, **operation.also}
    responses: dict[str, Any] = {
        str(status): {
            "description": MEANINGS[status],
            "content": {"application/json": _content(schemas.of(shape), example.get("answer"))},
        }
        for status, shape in answers.items()
    }
    for status in operation.problems():
        if status not in answers:
            content = {"application/problem+json": {"schema": schemas.of(ProblemDocument)}}
            responses[str(status)] = {"description": MEANINGS[status], "content": content}
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
        form = {
            "type": "object",
            "required": [operation.upload],
            "properties": {
                operation.upload: {"type": "string", "contentMediaType": "application/octet-stream"},
                "purpose": {"enum": ["profile", "chat"], "default": "profile"},
            },
        }
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    if operation.is_public:
        described["security"] = []
    return described


def _content(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _SEQ if name == "seq" else _ID}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = TypeAdapter(operation.query).json_schema(ref_template=REFS)
    required = schema.get("required", ())
    found = []
    for name, part in schema["properties"].items():
        kinds = [kind for kind in part.get("anyOf", [part]) if kind.get("type") != "null"]
        shape = {key: value for key, value in kinds[0].items() if key not in ("title", "default")}
        found.append({"name": name, "in": "query", "required": name in required, "schema": shape})
    return found


def _headers(operation: Operation) -> list[dict[str, Any]]:
    return [
        _HEADERS[name]
        for name, is_taken in (
            ("Idempotency-Key", operation.is_repeatable),
            ("If-Match", operation.is_conditional),
        )
        if is_taken
    ]


_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Sent again with the same key within a day, the request is not carried out again and gets the "
        "first answer. 409 while the first is under way, 422 when the content differs.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of what you have seen: 412 when it has changed since.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,15}")$'},
    },
}


class Reference:
    """The document and what is made of it: built in a thread when somebody first asks, then kept."""

    def __init__(self, routes: Iterable[web.RouteDef], server_url: str) -> None:
        self._routes = list(routes)
        self._server_url = server_url
        self._lock = asyncio.Lock()
        self._document: dict[str, Any] | None = None
        self._text = b""

    async def document(self) -> dict[str, Any]:
        async with self._lock:
            if self._document is None:
                self._document = await asyncio.to_thread(build_document, self._routes, self._server_url)
            return self._document

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/openapi.json", self.get_openapi)]

    async def get_openapi(self, request: web.Request) -> web.Response:
        if not self._text:  # some hundred kilobytes: written once, not for everybody who asks
            self._text = orjson.dumps(await self.document(), option=orjson.OPT_INDENT_2)
        return web.Response(body=self._text, content_type="application/json", headers={"Cache-Control": "no-cache"})
