"""What can go wrong, as a user may be told it.

    Problem (kind, code, params)
    ├─ Invalid          what was sent cannot be used
    ├─ Unauthenticated  nobody is signed in
    ├─ Forbidden        signed in, but not allowed to do this
    ├─ NotFound         absent, or not yours: the two are never told apart
    ├─ Conflict         the thing has moved on; `current` carries how it stands now
    ├─ TooMany          a quota or rate is used up; `retry_after` in seconds
    └─ Unavailable      something we depend on does not answer; try again

A problem is raised below and worded only at a door: the code picks the text, the params fill it.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Problem(Exception):
    """An expected failure. `code` is `noun.what_happened`; `params` are plain values for the wording."""

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
