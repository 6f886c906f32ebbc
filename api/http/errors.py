"""Errors as RFC 9457 problem details, the same body for REST responses, Socket.IO
acknowledgements and refused connections.

kind → status: invalid 422 · unauthenticated 401 · forbidden 403 · not_found 404 · conflict 409 ·
too_many 429 · unavailable 503. Kinds of the web channel alone: malformed 400 · not_allowed 405 ·
too_late 408 · stale 412 · too_large 413 · unsupported 415 · internal 500.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web
from pydantic import ValidationError

from api.http.deadlines import RETRY_AFTER_SECONDS
from api.http.language import language_headers
from api.schemas.quotas import quota_document
from domain.errors import Invalid, NotFound, Problem, Unavailable
from domain.quotas import Quota
from handlers.runtime.deps import DATABASE_ERRORS
from handlers.runtime.texts import Texts

log = logging.getLogger(__name__)

MAX_FIELD_ERRORS: Final = 20

_STATUS: Final = {
    "invalid": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "too_many": 429,
    "unavailable": 503,
    "malformed": 400,
    "not_allowed": 405,
    "too_late": 408,
    "stale": 412,
    "too_large": 413,
    "unsupported": 415,
    "internal": 500,
}
# A picture that is none is the wrong media type; a host that answers nonsense is a bad gateway.
_STATUS_OF_CODE: Final = {
    "photo.not_an_image": 415,
    "photo.heic": 415,
    "photo.animated": 415,
    "photo.too_large": 413,
    "photo.host_failed": 502,
}
_TITLES: Final = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    412: "Changed since it was read",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be used",
    429: "Too many requests",
    500: "Something went wrong",
    502: "Bad gateway",
    503: "Not available now",
}


class Malformed(Problem):
    kind = "malformed"


class NotAllowed(Problem):
    kind = "not_allowed"


class TooLate(Problem):
    kind = "too_late"


class TooLarge(Problem):
    kind = "too_large"


class Unsupported(Problem):
    kind = "unsupported"


class Stale(Problem):
    kind = "stale"


class Internal(Problem):
    kind = "internal"


def problem_of(error: BaseException) -> Problem:
    """Return the Problem that represents `error` to the client.

    Database errors are logged and become Unavailable. Unknown errors become Internal;
    the caller logs them.
    """
    match error:
        case Problem():
            return error
        case ValidationError():
            return _invalid(error)
        case web.HTTPRequestEntityTooLarge():
            return TooLarge("request.too_large", max=getattr(error, "max_size", "…"))
        case web.HTTPMethodNotAllowed():
            return NotAllowed("method_not_allowed", allow=", ".join(sorted(error.allowed_methods)))
        case web.HTTPNotFound():
            return NotFound("not_found")
        case web.HTTPException() if 400 <= error.status < 500:
            return Malformed("request.malformed")
        case _ if isinstance(error, DATABASE_ERRORS):
            log.warning("the database did not answer: %s %s", type(error).__name__, getattr(error, "code", None) or "")
            return Unavailable("database.unavailable", retry_after=RETRY_AFTER_SECONDS)
    return Internal("internal")


def _invalid(error: ValidationError) -> Problem:
    """Return the fields and the rules they broke, never the values sent."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_FIELD_ERRORS]
    if any(item["type"] == "json_invalid" for item in found):
        return Malformed("invalid_json")
    errors = [{"field": ".".join(str(part) for part in item["loc"])[:100], "message": item["msg"]} for item in found]
    is_unknown = all(item["type"] == "extra_forbidden" for item in found)
    return Invalid("unknown_field" if is_unknown else "invalid_field", errors=errors)


def status_of(problem: Problem) -> int:
    """Return the HTTP status of a problem."""
    return _STATUS_OF_CODE.get(problem.code) or _STATUS.get(problem.kind, 500)


def retry_after_of(problem: Problem) -> int | None:
    """Return the seconds after which to try again, if that helps."""
    return RETRY_AFTER_SECONDS if problem.retry_after is None and status_of(problem) == 503 else problem.retry_after


class _Blanks(dict[str, Any]):
    """Params of a text; a missing one is shown as "…"."""

    def __missing__(self, name: str) -> str:
        return "…"


def detail_of(code: str, params: Mapping[str, Any], texts: Texts) -> str:
    """Return the text of a code (`detail.<code>`), filled in as far as `params` go; a general one for other codes."""
    filled = _Blanks(params)
    for name in ("status", "state"):
        if name in params and texts.has(key := f"api.{name}.{params[name]}"):
            filled[name] = texts.plain(key)
    key = f"detail.{code}"
    return texts.template(key if texts.has(key) else "api.unworded").format_map(filled)


def body_of(problem: Problem, request_id: str, texts: Texts, current: Any = None) -> dict[str, Any]:
    """Return the problem document. `current` is the resource's present state, for a conflict."""
    status = status_of(problem)
    detail = detail_of(problem.code, problem.params, texts)
    body: dict[str, Any] = {
        "type": f"/docs#{problem.code}",
        "title": _TITLES[status],
        "status": status,
        "code": problem.code,
        "detail": detail,
        "request_id": request_id,
    }
    if errors := problem.params.get("errors"):
        body["errors"] = errors
    elif field := problem.params.get("field"):
        body["errors"] = [{"field": field, "message": detail}]
    if isinstance(quota := problem.params.get("quota"), Quota):
        body["quota"] = quota_document(quota)
    if current is not None:
        body["current"] = current
    if (seconds := retry_after_of(problem)) is not None:
        body["retry_after"] = seconds
    return body


def response_of(problem: Problem, request_id: str, texts: Texts, current: Any = None) -> web.Response:
    """Return the problem as a response, with `Retry-After` and `Allow` where they apply."""
    status = status_of(problem)
    response = web.Response(
        status=status,
        body=orjson.dumps(body_of(problem, request_id, texts, current)),
        headers={
            "Content-Type": "application/problem+json",
            "Cache-Control": "no-store",
            **language_headers(texts),
        },
    )
    if (seconds := retry_after_of(problem)) is not None:
        response.headers["Retry-After"] = str(seconds)
    if allow := problem.params.get("allow"):
        response.headers["Allow"] = allow
    return response
