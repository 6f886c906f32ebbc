"""Values that many documents hold."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

Id = Annotated[str, Field(pattern="^[0-9a-f]{24}$")]


def iso(moment: datetime) -> str:
    """A time in UTC with milliseconds, as JavaScript writes it: 2026-11-22T10:00:00.000Z."""
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"  # off goes "+00:00"
