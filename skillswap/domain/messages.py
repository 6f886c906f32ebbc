"""What is said in a swap: numbered without gaps, written once however often it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from skillswap.domain.errors import Conflict, Invalid, NotFound
from skillswap.domain.swaps import ACCEPTED, Swap
from skillswap.domain.words import clean_text

MAX_MESSAGE_LENGTH = 4000
MAX_CLIENT_ID_LENGTH = 64
MAX_PAGE = 200

WEB, TELEGRAM = "web", "telegram"

_CLIENT_ID = re.compile(rf"[A-Za-z0-9_:.-]{{1,{MAX_CLIENT_ID_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Copy:
    """Where a message stands in somebody's Telegram chat: the original there, or a relayed copy."""

    user_id: str
    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Message:
    """`seq` counts 1, 2, 3 … within the swap; `client_id` is the sender's own, unique per sender for ever.

    `to_user_id` is the other side of a swap; in a circle it is one of the others, and `also_to` names the rest.
    """

    id: str
    swap_id: str
    seq: int
    from_user_id: str
    to_user_id: str
    message: str
    client_id: str
    via: str
    created_at: datetime
    photo_url: str | None = None
    copies: tuple[Copy, ...] = ()
    also_to: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Whom it concerns: who wrote it and everybody to whom."""
        return (self.from_user_id, self.to_user_id, *self.also_to)

    def says_the_same(self, other: Message) -> bool:
        """Is `other` a repeat of this, rather than another text under the same client id?"""
        return (self.swap_id, self.message, self.photo_url) == (other.swap_id, other.message, other.photo_url)


def clean_message(text: str, *, has_photo: bool) -> str:
    """The text to keep; a photo may go without words. Raises Invalid."""
    return clean_text(text, "message", max_length=MAX_MESSAGE_LENGTH, required=not has_photo)


def check_client_id(client_id: str) -> str:
    if not _CLIENT_ID.fullmatch(client_id):
        raise Invalid("message.client_id", field="client_id", max=MAX_CLIENT_ID_LENGTH)
    return client_id


def require_talk(swap: Swap, user_id: str) -> None:
    """May this person write in this swap now? Raises NotFound or Conflict."""
    if user_id not in swap.participants:
        raise NotFound("swap.not_found")
    if swap.status != ACCEPTED:
        raise Conflict("chat.closed", current=swap, status=swap.status)
