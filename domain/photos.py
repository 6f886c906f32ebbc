"""A photo that somebody gave us, cleaned and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PROFILE: Final = "profile"
CHAT: Final = "chat"


@dataclass(frozen=True, slots=True)
class Photo:
    """`url` is where anyone who knows it can fetch it; `width` and `height` are pixels of what is kept.

    `telegram_file_id` is set once Telegram has it: sending it again then needs no upload.
    """

    id: str
    owner_id: str
    purpose: str
    url: str
    width: int
    height: int
    telegram_file_id: str | None = None
