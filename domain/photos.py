"""A stored photo, cleaned of metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import Invalid

PROFILE: Final = "profile"
CHAT: Final = "chat"

MEGABYTE: Final = 1024 * 1024
MAX_PHOTO_BYTES: Final = 10 * MEGABYTE
"""Telegram's limit for photos, applied by every channel."""


def photo_too_large() -> Invalid:
    """Return the problem of a photo above MAX_PHOTO_BYTES."""
    return Invalid("photo.too_large", limit_mb=MAX_PHOTO_BYTES // MEGABYTE)


@dataclass(frozen=True, slots=True)
class Photo:
    """`url` is public to all who know it; `width` and `height` are pixels of the stored photo.

    `telegram_file_id` is set once Telegram has the photo: sending it again needs no upload. `telegram_unique_id` is
    that of the file which its owner has sent there, so that another one in its place is noticed.
    """

    id: str
    owner_id: str
    purpose: str
    url: str
    width: int
    height: int
    telegram_file_id: str | None = None
    telegram_unique_id: str | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        return self.width, self.height
