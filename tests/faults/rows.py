"""What a fault run has to say: a promise, what was seen, whether it holds."""

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
    """What was killed for it, how often."""
    lost: int = 0
    """Of what had been acknowledged."""


def show(rows: Sequence[Row]) -> None:
    """Print the table; end with 1 when something does not hold."""
    width = max(len(row.promise) for row in rows)
    for row in rows:
        print(
            f"{row.number:>3}  {row.promise:<{width}}  {'holds ' if row.holds else 'BROKEN'}  {row.figure}", flush=True
        )
    if not all(row.holds for row in rows):
        sys.exit(1)
