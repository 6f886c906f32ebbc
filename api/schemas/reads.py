"""Read marks and conversations: the bodies that are read, the documents that are sent."""

from __future__ import annotations

from typing_extensions import TypedDict

from api.schemas.messages import MessageDocument, message_document
from api.schemas.values import ConversationBody, Id, SeqBody
from domain.reads import ReadMark
from handlers.reads import Conversation


class ReadBody(ConversationBody, SeqBody):
    """Everything up to this message has been read."""


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


def read_mark_document(mark: ReadMark) -> ReadMarkDocument:
    return {"swap_id": mark.swap_id, "user_id": mark.user_id, "seq": mark.seq}


def conversation_document(found: Conversation) -> ConversationDocument:
    return {
        "swap_id": found.swap.id,
        "last": message_document(found.last) if found.last is not None else None,
        "unread": found.unread,
        "reads": found.reads,
    }
