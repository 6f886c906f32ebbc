"""Catching up after an absence: the body that is read, the documents that are sent."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.messages import MessageDocument, message_document
from api.schemas.swaps import SwapDocument
from api.schemas.users import OwnUser
from api.schemas.values import MAX_SEQ, Body
from domain.sync import MAX_CURSORS, Missed


class ChatCursor(Body):
    """Your place in a conversation: the highest `seq` up to which you have everything, and the `changes` of the last
    sync. Without `after` you have nothing yet, and get the newest messages."""

    swap_id: Annotated[str, Field(max_length=100)]
    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    changes: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None


class SyncBody(Body):
    """Either one conversation, or many in `chats`; `since` is the `cursor` of the last sync."""

    swap_id: Annotated[str, Field(max_length=100)] | None = None
    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    changes: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    chats: Annotated[list[ChatCursor], Field(max_length=MAX_CURSORS)] = Field(default_factory=list)
    since: Annotated[str, Field(max_length=100)] | None = None


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
