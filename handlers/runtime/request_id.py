"""The id of the current request, for log lines."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Set by the HTTP middleware for the time of one request; every line logged meanwhile shows it."""
