"""Schemas of the synchronisation after an absence."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.messages import MessageDocument, message_document
from api.schemas.swaps import SwapDocument
from api.schemas.users import OwnUser
from api.schemas.values import Body
from domain.messages import MAX_SEQ
from domain.sync import MAX_CURSORS, Missed


class ChatCursor(Body):
    """Your position in a conversation.

    `after` is the highest `seq` up to which you have all messages, `changes` the value from the
    last sync. Without `after` the newest messages are returned.
    """

    swap_id: Annotated[str, Field(max_length=100)]
    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    changes: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None


class SyncBody(Body):
    """One conversation, or several in `chats`. `since` is the `cursor` of the last sync."""

    swap_id: Annotated[str, Field(max_length=100)] | None = None
    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    changes: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    chats: Annotated[list[ChatCursor], Field(max_length=MAX_CURSORS)] = Field(default_factory=list)
    since: Annotated[str, Field(max_length=100)] | None = None


class MissedDocument(TypedDict):
    """Changes in a conversation since your position.

    `changed` are messages edited or deleted since, as they are now. Send `changes` with
    the next sync. With `has_more`, sync again for the rest. With `resync_required`,
    load the conversation anew.
    """

    swap_id: str
    messages: list[MessageDocument]
    changed: list[MessageDocument]
    changes: int
    reads: dict[str, int]
    has_more: bool
    resync_required: bool


class NewsDocument(TypedDict):
    """Changes since the last sync.

    `swaps` are those changed since the cursor that you sent. Send `cursor` with the next sync.
    """

    chats: list[MissedDocument]
    swaps: list[SwapDocument]
    user: OwnUser | None
    cursor: str
    resync_required: bool


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
