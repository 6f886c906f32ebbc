"""Schemas of messages and their edits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import (
    Body,
    ContractBody,
    ContractQuery,
    ConversationBody,
    Id,
    Limit,
    ReadOnlyText,
    Seq,
    SeqBody,
    iso,
)
from domain.attachments import Attachment
from domain.messages import MAX_CLIENT_ID_LENGTH, MAX_MESSAGE_LENGTH, MAX_SEQ, WEB, Message

_ATTACHMENT_FIELDS: Final = tuple(Attachment.__dataclass_fields__)
_NO_SIZE: Final = (None, None)


class AttachmentDocument(TypedDict):
    """Attachment of a message from Telegram: neither words nor a photo; it can be seen or heard there.

    `kind` is voice, video_note, video, audio, animation, document, sticker, location, venue or
    contact. `bytes` and `seconds` are 0, `lat` and `lon` null where they do not apply.
    """

    kind: str
    name: str
    mime: str
    bytes: int
    seconds: int
    lat: float | None
    lon: float | None


class MessageDocument(TypedDict):
    """A message. `seq` counts 1, 2, 3 … within the swap, without gaps.

    `changed` is 0, or the number of its last edit or deletion within the swap. A deleted message
    keeps its `seq`, is empty and has a `deleted_at`. `reply_to` is the `seq` of an earlier message.
    `photo_width` and `photo_height` are pixels, for the place of a photo before it is loaded; null for those
    of before they were kept. With an `attachment`, the first line of `message` says what it is.
    `is_screened`: a moderator looks at it first, as it is one of your first and has a link, a name or a
    number in it. Until then nobody else has it, and a new one has the `seq` 0.
    """

    _id: Id
    swap_id: Id
    seq: int
    from_user_id: Id
    to_user_id: Id
    message: str
    photo_url: str | None
    photo_width: int | None
    photo_height: int | None
    client_id: str
    via: str
    created_at: str
    reply_to: int | None
    edited_at: str | None
    deleted_at: str | None
    changed: int
    attachment: AttachmentDocument | None
    is_screened: bool


def _client_id(client_id: str, via: str, message_id: str) -> str:
    """Return the client id, without the Telegram chat id that those of the bot contain."""
    return client_id if via == WEB else f"{via}:{message_id}"


def message_document(message: Message) -> MessageDocument:
    return {
        "_id": message.id,
        "swap_id": message.swap_id,
        "seq": message.seq,
        "from_user_id": message.from_user_id,
        "to_user_id": message.to_user_id,
        "message": message.message,
        "photo_url": message.photo_url,
        "photo_width": message.photo_size[0] if message.photo_size is not None else None,
        "photo_height": message.photo_size[1] if message.photo_size is not None else None,
        "client_id": _client_id(message.client_id, message.via, message.id),
        "via": message.via,
        "created_at": iso(message.created_at),
        "reply_to": message.reply_to,
        "edited_at": iso(message.edited_at) if message.edited_at is not None else None,
        "deleted_at": iso(message.deleted_at) if message.deleted_at is not None else None,
        "changed": message.changed,
        "attachment": _attachment_document(message.attachment),
        "is_screened": message.is_screened,
    }


def stored_message_document(doc: Mapping[str, Any]) -> MessageDocument:
    """Return what `message_document` returns for the message of this stored document, without making the message.

    A page has up to 200, and is read more often than anything else of a conversation.
    """
    get = doc.get
    message_id, via, sent_at = str(doc["_id"]), get("via", WEB), doc["created_at"]
    edited_at, attachment = get("edited_at"), get("attachment")
    deleted_at = get("deleted_at") or (sent_at if get("is_erased") else None)
    size = get("photo_size") or _NO_SIZE
    return {
        "_id": message_id,
        "swap_id": str(doc["swap_id"]),
        "seq": doc["seq"],
        "from_user_id": str(get("from_user_id") or ""),
        "to_user_id": str(get("to_user_id") or ""),
        "message": get("message") or "",
        "photo_url": get("photo_url"),
        "photo_width": size[0],
        "photo_height": size[1],
        "client_id": _client_id(get("client_id", ""), via, message_id),
        "via": via,
        "created_at": iso(sent_at),
        "reply_to": get("reply_to"),
        "edited_at": None if edited_at is None else iso(edited_at),
        "deleted_at": None if deleted_at is None else iso(deleted_at),
        "changed": get("changed") or 0,
        "attachment": None if attachment is None else _attachment_document(_stored_attachment(attachment)),
        "is_screened": get("is_screened") or False,
    }


def _stored_attachment(doc: Mapping[str, Any]) -> Attachment:
    return Attachment(**{name: value for name in _ATTACHMENT_FIELDS if (value := doc.get(name)) is not None})


def _attachment_document(attachment: Attachment | None) -> AttachmentDocument | None:
    if attachment is None:
        return None
    return {
        "kind": attachment.kind,
        "name": attachment.name,
        "mime": attachment.mime,
        "bytes": attachment.size,
        "seconds": attachment.seconds,
        "lat": attachment.lat,
        "lon": attachment.lon,
    }


class MessageBody(ContractBody):
    """A new message.

    `client_id` is chosen by the client: a message sent again with the same one is stored once.
    `reply_to` is the `seq` of the message that this one replies to. `from_user_id` can only be yourself, `to_user_id`
    another participant of the swap; further fields are ignored.
    """

    document = MessageDocument
    read_only = ("from_user_id",)

    swap_id: Annotated[str, Field(max_length=100)]
    message: Annotated[str, Field(max_length=4 * MAX_MESSAGE_LENGTH)] = ""
    client_id: Annotated[str, Field(max_length=4 * MAX_CLIENT_ID_LENGTH)] | None = None
    photo_url: Annotated[str, Field(max_length=2048)] | None = None
    reply_to: Annotated[int, Field(ge=1, le=MAX_SEQ)] | None = None
    from_user_id: ReadOnlyText = None
    to_user_id: ReadOnlyText = None


class EditBody(Body):
    """The new text of a message."""

    message: Annotated[str, Field(max_length=4 * MAX_MESSAGE_LENGTH)]


class EditEventBody(EditBody, ConversationBody, SeqBody):
    """The new text of a message, and which message."""


class DeleteEventBody(ConversationBody, SeqBody):
    """The message to delete."""


class ChatQuery(ContractQuery):
    """Range of messages: `after` or `before` a `seq`."""

    after: Seq | None = None
    before: Seq | None = None
    limit: Limit | None = None
