"""A stored photo, cleaned of metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PROFILE: Final = "profile"
CHAT: Final = "chat"


@dataclass(frozen=True, slots=True)
class Photo:
    """`url` is public to all who know it; `width` and `height` are pixels of the stored photo.

    `telegram_file_id` is set once Telegram has the photo: sending it again needs no upload.
    """

    id: str
    owner_id: str
    purpose: str
    url: str
    width: int
    height: int
    telegram_file_id: str | None = None
