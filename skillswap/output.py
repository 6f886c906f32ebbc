"""Printed output of commands."""

from __future__ import annotations


def say(text: str) -> None:
    """Print a text to the standard output at once, also where that is a pipe."""
    print(text, flush=True)  # noqa: T201 - the output of a command
