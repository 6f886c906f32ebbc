"""Description of a route for the OpenAPI document, attached by the decorator `op`."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from api.http.bodies import count_ignored, reject_query
from api.http.context import context_of

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Operation:
    """Properties of a route beyond its path, method and docstring.

    `ok` is the type of the successful response, of the media type `content`, `also` further response types by status.
    `is_repeatable` routes accept `Idempotency-Key`, `is_conditional` ones `If-Match`. Routes of the contract ignore
    unknown query parameters, others reject them.
    """

    tags: tuple[str, ...]
    ok: Any
    status: int
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    upload: str | None
    is_public: bool
    errors: tuple[int, ...]
    also: Mapping[int, Any] = field(default_factory=dict)
    is_repeatable: bool = False
    is_conditional: bool = False
    is_contract: bool = False
    content: str = "application/json"

    def problems(self) -> list[int]:
        """Return the error statuses of the route, sorted."""
        statuses = {422, *self.errors}
        if not self.is_public:
            statuses |= {401, 429, 503}
        if self.body or self.upload:
            statuses |= {400, 403, 408, 413, 415}
        if self.is_repeatable:
            statuses |= {409}
        if self.is_conditional:
            statuses |= {412}
        return sorted(statuses)


def op(
    *,
    tags: tuple[str, ...],
    ok: Any,
    status: int = 200,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    upload: str | None = None,
    is_public: bool = False,
    errors: tuple[int, ...] = (),
    also: Mapping[int, Any] | None = None,
    is_repeatable: bool = False,
    is_conditional: bool = False,
    is_contract: bool = False,
    content: str = "application/json",
) -> Callable[[Route], Route]:
    """Describe a route for the OpenAPI document and add a deadline to its handler.

    Without `query`, query parameters are rejected, or ignored and counted if the route is of the
    contract. Routes with `upload` have a timeout of their own. See `Operation` for the parameters.
    """
    operation = Operation(
        tags,
        ok,
        status,
        body,
        query,
        upload,
        is_public,
        errors,
        also or {},
        is_repeatable,
        is_conditional,
        is_contract,
        content,
    )

    def decorate(handler: Route) -> Route:
        @functools.wraps(handler)
        async def route(request: web.Request) -> web.StreamResponse:
            if query is None and request.query_string:
                if not is_contract:
                    reject_query(request)
                count_ignored(request, len(request.query))
            if upload is not None:  # uploads have a timeout of their own
                return await handler(request)
            return await context_of(request).deadlines.keep(handler(request))

        route.operation = operation  # type: ignore[attr-defined]
        return route

    return decorate
