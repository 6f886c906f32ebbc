"""Content of a Telegram message as it is stored: its words, and a photo or an attachment."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from telegram import Message

from bot.views.lengths import short
from bot.words import words_of
from domain import attachments
from domain.attachments import Attachment
from domain.text import balanced

MAX_NAME: Final = 64
"""Characters kept of the name of a file, a place or a person."""

FILES: Final = {
    attachments.ANIMATION: "animation",  # before the file that Telegram sends with it
    attachments.VOICE: "voice",
    attachments.VIDEO_NOTE: "video_note",
    attachments.VIDEO: "video",
    attachments.AUDIO: "audio",
    attachments.STICKER: "sticker",
    attachments.DOCUMENT: "document",
}
"""Attribute of a message with the file of each kind."""


def content_of(message: Message) -> dict[str, Any]:
    """Return what is sent of a message: its words, and the photo or the attachment with the line that stands for it."""
    words, attachment = words_of(message), attachment_of(message)
    if attachment is None:
        return {"text": words, **file_fields(message)}
    text = "\n".join(filter(None, (attachment.line, words)))
    return {"text": text, "attachment": asdict(attachment)}


def file_fields(message: Message) -> dict[str, Any]:
    """Return what is kept of the photo or file of a message; nothing when it has none."""
    file = message.photo[-1] if message.photo else message.document
    if file is None:
        return {}
    kept = {"file_id": file.file_id, "unique_id": file.file_unique_id}
    return {**kept, "is_photo": True} if message.photo else kept


def attachment_of(message: Message) -> Attachment | None:
    """Return what a message carries; None for words, for photos and pictures, and for what cannot be passed on."""
    if message.photo:
        return None
    for kind, name in FILES.items():
        if (file := getattr(message, name)) is not None:
            return None if kind == attachments.DOCUMENT and is_picture(message) else _file(kind, file)
    if (contact := message.contact) is not None:
        name = " ".join(filter(None, (contact.first_name, contact.last_name)))
        return Attachment(attachments.CONTACT, _line(name), phone=_line(contact.phone_number))
    if (venue := message.venue) is not None:
        name = ", ".join(filter(None, (venue.title, venue.address)))
        return Attachment(attachments.VENUE, _line(name), lat=venue.location.latitude, lon=venue.location.longitude)
    if (place := message.location) is not None:
        is_live = bool(place.live_period)
        return Attachment(attachments.LOCATION, lat=place.latitude, lon=place.longitude, is_live=is_live)
    return None


def is_picture(message: Message) -> bool:
    """Return whether a message is a photo, or a picture that was sent as a file."""
    if message.photo:
        return True
    file = message.document
    return message.animation is None and file is not None and (file.mime_type or "").startswith("image/")


def _file(kind: str, file: Any) -> Attachment:
    title = " – ".join(filter(None, (getattr(file, "performer", None), getattr(file, "title", None))))
    name = title or (file.emoji if kind == attachments.STICKER else None)
    if kind == attachments.DOCUMENT or (kind == attachments.AUDIO and not name):
        name = file.file_name
    seconds = getattr(file, "duration", None) or 0
    return Attachment(
        kind,
        _line(name or ""),
        mime=getattr(file, "mime_type", None) or "",
        size=file.file_size or 0,
        seconds=int(seconds.total_seconds()) if isinstance(seconds, timedelta) else int(seconds),
        unique_id=file.file_unique_id,
    )


def _line(name: str) -> str:
    return balanced(short(" ".join(unicodedata.normalize("NFC", name).split()), MAX_NAME))
