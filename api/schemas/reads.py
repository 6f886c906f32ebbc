"""Schemas of read marks and conversations."""

from __future__ import annotations

from typing_extensions import TypedDict

from api.schemas.messages import MessageDocument, message_document
from api.schemas.values import ConversationBody, Id, SeqBody
from domain.reads import ReadMark
from handlers.reads import Conversation


class ReadBody(ConversationBody, SeqBody):
    """A read mark: everything up to `seq` has been read."""


class ReadMarkDocument(TypedDict):
    """A user's read mark: everything up to `seq` has been read."""

    swap_id: Id
    user_id: Id
    seq: int


class ConversationDocument(TypedDict):
    """A running conversation. `reads` are the read marks by user id; `unread` counts to 100."""

    swap_id: Id
    last: MessageDocument | None
    unread: int
    reads: dict[str, int]


def read_mark_document(mark: ReadMark) -> ReadMarkDocument:
    return {"swap_id": mark.swap_id, "user_id": mark.user_id, "seq": mark.seq}


def conversation_document(conversation: Conversation) -> ConversationDocument:
    return {
        "swap_id": conversation.swap.id,
        "last": message_document(conversation.last) if conversation.last is not None else None,
        "unread": conversation.unread,
        "reads": conversation.reads,
    }
