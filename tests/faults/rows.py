"""Rows of a fault run: a promise, the measured figure, and whether the promise holds."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    number: str
    promise: str
    figure: str
    holds: bool
    kills: Mapping[str, int] = field(default_factory=dict)
    """Number of kills by kind."""
    lost: int = 0
    """Lost messages among the acknowledged ones."""


def show(rows: Sequence[Row]) -> None:
    """Print the table; exit with 1 when a promise does not hold."""
    width = max(len(row.promise) for row in rows)
    for row in rows:
        print(
            f"{row.number:>3}  {row.promise:<{width}}  {'holds ' if row.holds else 'BROKEN'}  {row.figure}", flush=True
        )
    if not all(row.holds for row in rows):
        sys.exit(1)
