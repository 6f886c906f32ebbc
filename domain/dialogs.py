"""The state of a user's dialog with the bot, kept in the store so that it outlives the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialog:
    """`flow` and `step` name the open question ("" for none); `data` is what the flow has gathered.

    `active_swap_id` is the conversation that receives the next plain message. `last_update` is the newest Telegram
    update whose effect is stored here: when the update is processed again, only the reply is repeated.
    """

    telegram_id: int
    flow: str = ""
    step: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    active_swap_id: str | None = None
    last_update: int = 0
