"""Messages of a swap: numbered without gaps, and stored once however often they are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.attachments import Attachment
from domain.errors import Conflict, Forbidden, Invalid
from domain.text import clean_text

MAX_MESSAGE_LENGTH = 4096
"""Characters of a message, as many as Telegram lets a user write at once."""

MAX_STORED_LENGTH = 2 * MAX_MESSAGE_LENGTH
"""Characters of a message from Telegram with what the bot adds to its words, so that nothing of them is lost."""

MAX_CLIENT_ID_LENGTH = 64
MAX_PAGE = 200

MAX_SEQ = 2**53 - 1
"""The largest integer that every JSON parser represents exactly."""

EDITABLE = timedelta(hours=48)
"""Time for which a message can be edited, the same as Telegram's own limit."""

EDIT_GRACE = timedelta(minutes=5)
"""Time that an edit may take on its way from Telegram without being refused as late."""

WEB, TELEGRAM = "web", "telegram"

_CLIENT_ID = re.compile(rf"[A-Za-z0-9_:.-]{{1,{MAX_CLIENT_ID_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a message in a user's Telegram chat: the original there, or a relayed one.

    `is_outdated`: it shows former words that Telegram does not let the bot change, and others stand below it.
    """

    user_id: str
    chat_id: int
    message_id: int
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `seq` counts 1, 2, 3 … within the swap; `client_id` is chosen by the sender and unique per sender.

    `to_user_id` is the partner of a swap; in a circle it is one of the others, and `also_to` names the rest.

    `reply_to` is the seq of an earlier message of the swap. `changed` numbers the edits and deletions of the whole
    swap: the newest has the highest number, 0 is a message as it was written. A deleted message keeps its seq and is
    empty.

    What it carries from Telegram beside words and photos (`attachment`) has a line of its own above the words in
    `message`.
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
    attachment: Attachment | None = None
    photo_size: tuple[int, int] | None = None
    """Width and height of the photo in pixels; None for one that was sent before sizes were kept."""
    is_screened: bool = False
    """It waits for a moderator's look, and only its author knows of it; a new one has no seq yet."""

    @property
    def people(self) -> tuple[str, ...]:
        """Return the sender and all recipients."""
        return (self.from_user_id, self.to_user_id, *self.also_to)

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to show."""
        return not self.message and self.photo_url is None and self.attachment is None

    @property
    def caption(self) -> str:
        """Return the words without the line of the attachment."""
        line = self.attachment.line if self.attachment is not None else ""
        return self.message[len(line) :].lstrip("\n") if line and self.message.startswith(line) else self.message

    def says_the_same(self, other: Message) -> bool:
        """Return whether `other` repeats this message, rather than being another text under the same client id.

        A message that has been edited since cannot be compared: its client id decides.
        """
        if self.swap_id != other.swap_id or self.changed:
            return self.swap_id == other.swap_id
        return (self.message, self.photo_url) == (other.message, other.photo_url)

    def copies_of(self, user_id: str) -> tuple[Copy, ...]:
        """Return the copies in this user's Telegram chat that show the message as it is, in order."""
        return tuple(copy for copy in self.all_copies_of(user_id) if not copy.is_outdated)

    def all_copies_of(self, user_id: str) -> tuple[Copy, ...]:
        """Return the copies in this user's Telegram chat, outdated ones too, in order."""
        return tuple(copy for copy in self.copies if copy.user_id == user_id)

    def edit(
        self,
        *,
        by: str,
        text: str,
        at: datetime,
        photo_url: str | None = None,
        photo_size: tuple[int, int] | None = None,
        via: str = WEB,
    ) -> Message:
        """Return the message with another text, and with another photo if one is given. Raises Forbidden, Invalid, or
        Conflict when it is deleted or too old."""
        self._require_author(by)
        if photo_url in (None, self.photo_url):
            photo_url, photo_size = self.photo_url, self.photo_size
        text = clean_message(text, has_photo=photo_url is not None or self.attachment is not None, via=via)
        if self.deleted_at is None and (text, photo_url) == (self.message, self.photo_url):
            return self
        self.require_editable(by=by, at=at)
        return replace(self, message=text, photo_url=photo_url, photo_size=photo_size, edited_at=at)

    def require_editable(self, *, by: str, at: datetime) -> None:
        """Require that this user may edit the message now. Raises Forbidden, or Conflict when it is deleted or too
        old."""
        self._require_author(by)
        if self.deleted_at is not None:
            raise Conflict("message.deleted")
        if at - self.created_at > EDITABLE + EDIT_GRACE:
            raise Conflict("message.too_old", hours=int(EDITABLE.total_seconds() // 3600))

    def delete(self, *, by: str, at: datetime) -> Message:
        """Return the message emptied for everybody; it keeps its seq. Raises Forbidden."""
        self._require_author(by)
        if self.deleted_at is not None:
            return self
        return replace(self, message="", photo_url=None, photo_size=None, attachment=None, deleted_at=at)

    def _require_author(self, user_id: str) -> None:
        if user_id != self.from_user_id:
            raise Forbidden("message.not_yours")


def clean_message(text: str, *, has_photo: bool, via: str = WEB) -> str:
    """Return the text to store; a photo may have none. Raises Invalid."""
    max_length = MAX_STORED_LENGTH if via == TELEGRAM else MAX_MESSAGE_LENGTH
    return clean_text(text, "message", max_length=max_length, required=not has_photo)


def check_client_id(client_id: str) -> str:
    if not _CLIENT_ID.fullmatch(client_id):
        raise Invalid("message.client_id", field="client_id", max=MAX_CLIENT_ID_LENGTH)
    return client_id
