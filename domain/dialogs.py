"""Where a person stands in the bot: it outlives the process, so nobody is asked twice or forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialog:
    """`flow` and `step` name the question that is open ("" when none is); `data` is what the flow has gathered.

    `active_swap_id` is the conversation that the next plain message goes to. `last_update` is the newest Telegram
    update whose effect is in here: seen again, it must only be answered, not acted on a second time.
    """

    telegram_id: int
    flow: str = ""
    step: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    active_swap_id: str | None = None
    last_update: int = 0
