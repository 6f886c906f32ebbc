"""A letter: what the service, or the organisers through it, say to one person about that person, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `kind` names its texts, `letter.<kind>`; `words` fill them in: plain values, and times in UTC, which
    are worded by the reader's clock. `key` is unique: what is said once has one."""

    id: str
    to: str
    kind: str
    key: str
    at: datetime
    words: Mapping[str, Any] = field(default_factory=dict, hash=False)
    message_id: int = 0
    """Its message in the reader's chat with the bot; 0 before it is sent."""
