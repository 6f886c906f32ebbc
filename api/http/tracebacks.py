"""Errors that have been answered give up what they hold."""

from __future__ import annotations


def drop_tracebacks(error: BaseException | None) -> None:
    """Drop the tracebacks of an error, of its causes and of its contexts, once they have been logged.

    Their frames hold the connection, or the stream of its body, that keeps the error. What holds itself is in memory
    until garbage is looked for.
    """
    left, seen = [error], set[int]()
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = None
            left += (one.__context__, one.__cause__)
