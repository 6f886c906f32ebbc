"""Attachments of messages from Telegram, beside words and photos: a voice message, a file, a place …"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VOICE, VIDEO_NOTE, VIDEO, AUDIO, ANIMATION = "voice", "video_note", "video", "audio", "animation"
DOCUMENT, STICKER, LOCATION, VENUE, CONTACT = "document", "sticker", "location", "venue", "contact"

SIGNS: Final = {
    VOICE: "🎤",
    VIDEO_NOTE: "📹",
    VIDEO: "🎬",
    AUDIO: "🎵",
    ANIMATION: "🎞",
    DOCUMENT: "📎",
    STICKER: "🏷",
    LOCATION: "📍",
    VENUE: "📍",
    CONTACT: "👤",
}
"""Sign of each kind. Signs instead of words, because a message is read in several languages."""

SAYS_ALL: Final = (LOCATION, VENUE, CONTACT)
"""Kinds whose line says everything; the others can be seen or heard in Telegram only."""

WITH_CAPTION: Final = (VOICE, VIDEO, AUDIO, ANIMATION, DOCUMENT)
"""Kinds that Telegram shows with a caption."""

MAP: Final = "https://www.openstreetmap.org/?mlat={lat:.5f}&mlon={lon:.5f}#map=17/{lat:.5f}/{lon:.5f}"
KILOBYTE, MEGABYTE = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attachment:
    """Attachment of a message. `name` is that of a file, a piece of music, a place or a person, or a sticker's emoji.

    `size` in bytes, `seconds` of sound or film, `lat` and `lon` in degrees. `unique_id` tells Telegram's file from
    others. `is_live`: the sender's place moves on, and its copy does not.
    """

    kind: str
    name: str = ""
    mime: str = ""
    size: int = 0
    seconds: int = 0
    lat: float | None = None
    lon: float | None = None
    phone: str = ""
    unique_id: str = ""
    is_live: bool = False

    @property
    def line(self) -> str:
        """Return the line that stands for it in the text of its message, wherever only text is shown."""
        length = f"{self.seconds // 60}:{self.seconds % 60:02}" if self.seconds else ""
        place = "" if self.lat is None or self.lon is None else MAP.format(lat=self.lat, lon=self.lon)
        size = _size(self.size) if self.kind == DOCUMENT and self.size else ""
        shown = " ".join(filter(None, (SIGNS[self.kind], self.name, self.phone, length, size, place)))
        return shown if self.kind in SAYS_ALL else f"{shown} · Telegram"


def _size(size: int) -> str:
    return f"({size / MEGABYTE:.1f} MB)" if size >= MEGABYTE else f"({max(1, round(size / KILOBYTE))} kB)"
