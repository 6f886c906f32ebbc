"""Expected failures, by kind.

    Problem (kind, code, params)
    ├─ Invalid          the input cannot be used
    ├─ Unauthenticated  no user is signed in
    ├─ Forbidden        signed in, but not allowed
    ├─ NotFound         absent, or not the user's own: both look the same
    ├─ Conflict         the document has changed; `current` carries its present state
    ├─ TooMany          a quota or rate limit is used up; `retry_after` in seconds
    └─ Unavailable      a service that is needed does not answer; try again

A problem is raised by the domain, an operation or the store and worded by a channel: the code selects the text, the
params fill it in.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Problem(Exception):
    """An expected failure. `code` is `noun.what_happened`; `params` are plain values for the text."""

    kind: ClassVar[str] = "problem"

    def __init__(self, code: str, *, current: Any = None, retry_after: int | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
        self.current = current
        self.retry_after = retry_after


class Invalid(Problem):
    kind = "invalid"


class Unauthenticated(Problem):
    kind = "unauthenticated"


class Forbidden(Problem):
    kind = "forbidden"


class NotFound(Problem):
    kind = "not_found"


class Conflict(Problem):
    kind = "conflict"


class TooMany(Problem):
    kind = "too_many"


class Unavailable(Problem):
    kind = "unavailable"
