"""Data of the sandbox: users, messages, files and calls. Shapes inside are those of the Bot API."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Json = dict[str, Any]

KINDS = (
    "text", "photo", "animation", "document", "sticker", "voice", "video_note", "video", "audio",
    "venue", "location", "contact", "poll", "dice",
)  # fmt: skip
"""Content fields. An animation comes with a document, a venue with a location: the first present one names the
message."""


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, as Telegram counts: 😀 is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class Person:
    """A made-up Telegram user. `id` is also the id of the private chat with the bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str = "en"
    photo_file: str | None = None
    has_started: bool = False
    has_blocked: bool = False
    may_be_written_until: int = 0
    """Until when the bot may write without having been started: this user has asked to join a group of its."""
    reply_keyboard: Json | None = None
    """The keyboard under the input field: the markup as sent, with `message_id` of the message that brought it."""
    pinned: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name

    def as_user(self) -> Json:
        return {"id": self.id, "is_bot": False, **self._names(), "language_code": self.language_code}

    def as_chat(self) -> Json:
        return {"id": self.id, "type": "private", **self._names()}

    def _names(self) -> Json:
        given = {"first_name": self.first_name, "last_name": self.last_name, "username": self.username}
        return {key: value for key, value in given.items() if value is not None}

    def as_json(self) -> Json:
        return asdict(self)


@dataclass(slots=True)
class StoredMessage:
    """One message of a private chat or a group. `body` has the Bot API's content fields: text, entities, photo,
    caption …

    `markup` is the reply_markup as sent, whichever of its four kinds.
    """

    id: int
    chat_id: int
    from_bot: bool
    date: int
    body: Json
    markup: Json | None = None
    reply_to: int | None = None
    edit_date: int | None = None
    edited_after: int = 0
    """The newest message id at the last edit: shows whether the edit came after a given message."""
    is_deleted: bool = False
    photo_url: str | None = None
    """Address of a photo that the bot sent by address. It is never fetched here; the page loads it."""
    reactions: list[str] = field(default_factory=list)
    sender_id: int | None = None
    """The member of a group who wrote it; in a private chat the user of the chat."""
    is_anonymous: bool = False
    """Sent in the name of the group, by an administrator who remains anonymous."""
    thread_id: int | None = None
    """The topic of a forum."""

    def as_json(self) -> Json:
        return asdict(self)

    @property
    def inline_keyboard(self) -> Json | None:
        """Return the reply_markup of the Bot API's Message: inline keyboards only."""
        return self.markup if self.markup and "inline_keyboard" in self.markup else None

    @property
    def kind(self) -> str:
        """Return "text", "photo", "document", "sticker" …"""
        return next((key for key in KINDS if key in self.body), "other")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file; `id` is its file_id, `path` is the answer of getFile."""

    id: str
    path: str
    name: str
    mime: str
    size: int
    width: int = 0
    height: int = 0

    def as_json(self) -> Json:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message (`data` or `url`), or one of the keyboard under the input field (neither)."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its reader sees it now; a later edit gives a new `Message`."""

    id: int
    from_bot: bool
    text: str | None
    caption: str | None
    photo: bytes | str | None
    keyboard: list[list[Button]]
    reply_keyboard: list[list[Button]]
    entities: list[Json]
    edited: bool
    edited_after: int
    reply_to: int | None
    deleted: bool
    kind: str
    date: int
    sender_id: int | None = None
    thread_id: int | None = None

    @property
    def words(self) -> str:
        """Return the text or the caption."""
        return self.text or self.caption or ""

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.keyboard for button in row]

    def __str__(self) -> str:
        who = "bot" if self.from_bot else f"person {self.sender_id or ''}".rstrip()
        marks = "".join(
            (f" ↩{self.reply_to}" if self.reply_to else "", " (edited)" * self.edited, " (deleted)" * self.deleted)
        )
        what = self.words if self.kind == "text" else f"[{self.kind}] {self.words}".rstrip()
        rows = "".join("\n    " + " ".join(f"[{button.label}]" for button in row) for row in self.keyboard)
        return f"{self.id} {who}{marks}: {what}{rows}"


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One result of an inline query; `text` is the message that it would send."""

    id: str
    title: str
    description: str
    text: str


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """The bot's answer to "@bot …"; `button` is the label of the button above the results."""

    query_id: str
    results: list[InlineResult]
    next_offset: str
    button: str | None
    is_personal: bool
    cache_time: int


@dataclass(frozen=True, slots=True)
class Toast:
    """The bot's answer to a pressed button: a short note on top, or an alert to be closed."""

    query_id: str
    text: str
    is_alert: bool
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a Bot API method. `at`: monotonic seconds at its arrival; `status` 0: no answer was sent."""

    method: str
    params: Json
    at: float
    status: int
