"""What is said in a swap: numbered without gaps, written once however often it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.swaps import ACCEPTED, Swap
from domain.text import clean_text

MAX_MESSAGE_LENGTH = 4000
MAX_CLIENT_ID_LENGTH = 64
MAX_PAGE = 200

EDITABLE = timedelta(hours=48)
"""As long as Telegram lets its people edit; their edits are never refused for being late by a little."""

EDIT_GRACE = timedelta(minutes=5)
"""What an edit may take on its way from Telegram."""

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

    `reply_to` is the seq of an earlier message of the swap. `changed` counts the edits and deletions of the whole swap:
    the newest one has the highest number, 0 is a message as it was written. A deleted one keeps its place, empty.
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
    reply_to: int | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    changed: int = 0

    @property
    def people(self) -> tuple[str, ...]:
        """Whom it concerns: who wrote it and everybody to whom."""
        return (self.from_user_id, self.to_user_id, *self.also_to)

    def says_the_same(self, other: Message) -> bool:
        """Is `other` a repeat of this, rather than another text under the same client id?

        What has been changed since cannot be compared any more: its id vouches for it.
        """
        if self.swap_id != other.swap_id or self.changed:
            return self.swap_id == other.swap_id
        return (self.message, self.photo_url) == (other.message, other.photo_url)

    def copies_of(self, user_id: str) -> tuple[Copy, ...]:
        """Where it stands in this person's Telegram chat, in order."""
        return tuple(copy for copy in self.copies if copy.user_id == user_id)

    def edit(self, *, by: str, text: str, at: datetime) -> Message:
        """Say it differently. Raises Forbidden, Invalid, or Conflict when it is deleted or too old."""
        self._require_author(by)
        text = clean_message(text, has_photo=self.photo_url is not None)
        if self.deleted_at is not None:
            raise Conflict("message.deleted")
        if text == self.message:
            return self
        if at - self.created_at > EDITABLE + EDIT_GRACE:
            raise Conflict("message.too_old", hours=int(EDITABLE.total_seconds() // 3600))
        return replace(self, message=text, edited_at=at)

    def delete(self, *, by: str, at: datetime) -> Message:
        """Take the words back, for everybody; the place in the order stays. Raises Forbidden."""
        self._require_author(by)
        if self.deleted_at is not None:
            return self
        return replace(self, message="", photo_url=None, deleted_at=at)

    def _require_author(self, user_id: str) -> None:
        if user_id != self.from_user_id:
            raise Forbidden("message.not_yours")


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
