"""The documents of a chat beyond its messages: what is read, what is unread, what was missed."""

from __future__ import annotations

from typing_extensions import TypedDict

from api.schemas import MessageDocument, OwnUser, SwapDocument, message_document
from api.values import Id
from domain.reads import ReadMark
from domain.sync import Missed
from handlers.reads import Conversation


class ReadMarkDocument(TypedDict):
    """This person has read everything up to `seq`."""

    swap_id: Id
    user_id: Id
    seq: int


class ConversationDocument(TypedDict):
    """A running conversation: `reads` is how far each person has read, `unread` counts to 100."""

    swap_id: Id
    last: MessageDocument | None
    unread: int
    reads: dict[str, int]


class MissedDocument(TypedDict):
    """What you missed in a conversation. `changed` are messages as they read now, edited or deleted since; send
    `changes` next time. With `has_more` there is more: ask again. With `resync_required`, read the chat anew."""

    swap_id: str
    messages: list[MessageDocument]
    changed: list[MessageDocument]
    changes: int
    reads: dict[str, int]
    has_more: bool
    resync_required: bool


class NewsDocument(TypedDict):
    """What you missed. `swaps` have changed since the cursor that you sent; send `cursor` next time."""

    chats: list[MissedDocument]
    swaps: list[SwapDocument]
    user: OwnUser | None
    cursor: str
    resync_required: bool


def read_mark_document(mark: ReadMark) -> ReadMarkDocument:
    return {"swap_id": mark.swap_id, "user_id": mark.user_id, "seq": mark.seq}


def conversation_document(found: Conversation) -> ConversationDocument:
    return {
        "swap_id": found.swap.id,
        "last": message_document(found.last) if found.last is not None else None,
        "unread": found.unread,
        "reads": found.reads,
    }


def missed_document(missed: Missed) -> MissedDocument:
    return {
        "swap_id": missed.swap_id,
        "messages": [message_document(message) for message in missed.messages],
        "changed": [message_document(message) for message in missed.changed],
        "changes": missed.changes,
        "reads": missed.reads,
        "has_more": missed.has_more,
        "resync_required": missed.is_lost,
    }
