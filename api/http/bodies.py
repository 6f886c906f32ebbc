"""Read request bodies and query parameters, and write JSON responses."""

from __future__ import annotations

import asyncio
from typing import Any, Final, TypeVar

import orjson
from aiohttp import hdrs, web
from pydantic import BaseModel

from api.http.context import context_of
from api.http.errors import Malformed, TooLarge, TooLate, Unsupported
from api.http.json_text import parse_json
from api.schemas.values import ContractBody, ContractQuery
from domain.errors import Invalid

MAX_BODY_BYTES: Final = 65_536
BODY_SECONDS: Final = 6.0  # below ANSWER_SECONDS: a slow upload must not be reported as a slow database

_JSON_HEADERS: Final = {"Content-Type": "application/json", "Cache-Control": "no-store"}

M = TypeVar("M", bound=BaseModel)


async def read_body(request: web.Request, model: type[M]) -> M:
    """Return the JSON body as an instance of `model`. Names that a ContractBody ignores are counted.

    Raises Unsupported, TooLarge, TooLate, Malformed or ValidationError.
    """
    if request.content_type != "application/json":
        raise Unsupported("unsupported_media_type", expected="application/json")
    data = parse_json(await read_bytes(request))
    if not isinstance(data, dict):
        raise Malformed("invalid_json")
    if issubclass(model, ContractBody):
        count_ignored(request, model.count_unknown(data))
    return model.model_validate(data)


async def read_bytes(request: web.Request) -> bytes:
    """Return the body, at most MAX_BODY_BYTES and within BODY_SECONDS. Raises TooLarge, TooLate."""
    length = request.content_length
    if length is not None and length > MAX_BODY_BYTES:
        raise TooLarge("request.too_large", max=MAX_BODY_BYTES)
    try:
        if request.content.is_eof():  # the whole body arrived together with the headers: no timer needed
            return await request.read()
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge("request.too_large", max=MAX_BODY_BYTES) from None
    except TimeoutError:
        raise TooLate("request.incomplete") from None


async def wait_for_body(request: web.Request) -> None:
    """Wait until the body has arrived, without consuming it; another library reads it afterwards.

    Raises TooLarge, TooLate.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise TooLarge("request.too_large", max=MAX_BODY_BYTES)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await request.content.wait_eof()
    except TimeoutError:
        raise TooLate("request.incomplete") from None


def read_query(request: web.Request, model: type[M]) -> M:
    """Return the query parameters as an instance of `model`.

    Unknown and repeated parameters are errors. A ContractQuery ignores and counts unknown ones, but not one of its own
    with an operator, as in `status[$ne]`: the answer would be a list that was not asked for. Raises Invalid,
    ValidationError.
    """
    if not request.query_string:
        return model()
    values: dict[str, Any] = {}
    is_contract = issubclass(model, ContractQuery)
    for name, value in request.query.items():
        if is_contract and name not in model.model_fields:
            if name.partition("[")[0] in model.model_fields:
                raise Invalid("unknown_field", errors=[{"field": name[:100], "message": "Takes a plain value only"}])
            count_ignored(request, 1)
            continue
        if name in values:
            raise Invalid("invalid_field", errors=[{"field": name[:100], "message": "Given more than once"}])
        values[name] = value
    return model.model_validate(values)


def count_ignored(request: web.Request, count: int) -> None:
    """Count unknown names that this request's route ignores."""
    if count:
        resource = request.match_info.route.resource
        context_of(request).metrics.ignored(resource.canonical if resource is not None else "", count)


def reject_query(request: web.Request) -> None:
    """Raise Invalid: the route takes no query parameters."""
    name = request.query_string.partition("=")[0][:100]
    raise Invalid("unknown_field", errors=[{"field": name, "message": "Extra inputs are not permitted"}])


def reply(document: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON response that no cache may store: its content depends on the user."""
    return reply_json(orjson.dumps(document), status=status, headers=headers)


def reply_json(text: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Like `reply`, with a document that is encoded already."""
    return web.Response(body=text, status=status, headers={**_JSON_HEADERS, **headers} if headers else _JSON_HEADERS)


def is_form(request: web.Request) -> bool:
    """Return True if the request's content type is multipart/form-data."""
    return request.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower() == "multipart/form-data"
