"""Faults on demand: failures of Telegram for the next calls of a method."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bot.sandbox.errors import ApiError

ANY = "*"
WORDS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
DEFAULT_RETRY_AFTER = 1


@dataclass(slots=True)
class _Rule:
    left: int
    seconds: float = 0
    error: ApiError | None = None


class Faults:
    """Faults by method name, in any case; "*" matches every method except getUpdates. They are used in the order of
    arrival."""

    def __init__(self) -> None:
        self._failures: dict[str, list[_Rule]] = defaultdict(list)
        self._delays: dict[str, list[_Rule]] = defaultdict(list)
        self._drops: dict[str, list[_Rule]] = defaultdict(list)

    def fail(self, method: str, times: int, status: int, retry_after: int | None, description: str | None) -> None:
        if status == 429:
            retry_after = retry_after if retry_after is not None else DEFAULT_RETRY_AFTER
            description = description or f"Too Many Requests: retry after {retry_after}"
        error = ApiError(status, description or WORDS.get(status, "Internal Server Error"), retry_after=retry_after)
        self._failures[method.lower()].append(_Rule(times, error=error))

    def delay(self, method: str, seconds: float, times: int) -> None:
        self._delays[method.lower()].append(_Rule(times, seconds))

    def drop(self, method: str, times: int) -> None:
        self._drops[method.lower()].append(_Rule(times))

    def clear(self) -> None:
        for rules in (self._failures, self._delays, self._drops):
            rules.clear()

    def next_failure(self, method: str) -> ApiError | None:
        rule = _take(self._failures, method)
        return rule.error if rule else None

    def next_delay(self, method: str) -> float:
        rule = _take(self._delays, method)
        return rule.seconds if rule else 0

    def next_drop(self, method: str) -> bool:
        return _take(self._drops, method) is not None


def _take(rules: dict[str, list[_Rule]], method: str) -> _Rule | None:
    for name in (method.lower(), *([ANY] if method.lower() != "getupdates" else [])):
        waiting = rules.get(name, [])
        if waiting:
            waiting[0].left -= 1
            return waiting[0] if waiting[0].left > 0 else waiting.pop(0)
    return None
