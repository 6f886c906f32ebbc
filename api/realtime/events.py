"""Socket events and their shapes: what clients send and are answered, and what the server sends.

The OpenAPI document has them under `x-socket-events`, and typed clients are generated from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typing_extensions import TypedDict

from api.schemas.circles import CircleDocument
from api.schemas.messages import DeleteEventBody, EditEventBody, MessageBody, MessageDocument
from api.schemas.problems import ProblemDocument
from api.schemas.reads import ReadBody, ReadMarkDocument
from api.schemas.sessions import SwapSessionDocument
from api.schemas.swaps import SwapDocument
from api.schemas.sync import MissedDocument, NewsDocument, SyncBody
from api.schemas.users import OwnUser
from api.schemas.values import ConversationBody, Id


class MessageAnswer(TypedDict):
    """The message, once it is stored for good."""

    message: MessageDocument


class ReadAnswer(TypedDict):
    """The read mark as it is now."""

    seq: int


class ViewAnswer(TypedDict):
    """Seconds within which the event has to be repeated."""

    again_in: float


class Nothing(TypedDict):
    """No fields."""


class TypingSignal(TypedDict):
    """A participant is typing."""

    swap_id: Id
    user_id: Id


class ChangedSession(TypedDict):
    """A session that has changed, and its swap."""

    swap_id: Id
    session: SwapSessionDocument


class RevealedReviews(TypedDict):
    """A swap whose ratings are shown now."""

    swap_id: Id


class FailedEvent(TypedDict):
    """An event that was sent without an acknowledgement and has failed."""

    event: str
    swap_id: str | None
    client_id: str | None
    error: ProblemDocument


FROM_CLIENTS: Final[Mapping[str, tuple[Any, Any]]] = {
    "chat:new": (MessageBody, MessageAnswer),
    "chat:edit": (EditEventBody, MessageAnswer),
    "chat:delete": (DeleteEventBody, MessageAnswer),
    "chat:sync": (SyncBody, MissedDocument | NewsDocument),
    "chat:read": (ReadBody, ReadAnswer),
    "chat:open": (ConversationBody, ViewAnswer),
    "chat:close": (ConversationBody, Nothing),
    "chat:typing": (ConversationBody, Nothing),
}
"""Events that a client sends, and the answer beside `ok: true`."""

TO_CLIENTS: Final[Mapping[str, Any]] = {
    "chat:receive": MessageDocument,
    "chat:edited": MessageDocument,
    "chat:deleted": MessageDocument,
    "chat:read": ReadMarkDocument,
    "chat:typing": TypingSignal,
    "swap:updated": SwapDocument,
    "session:updated": ChangedSession,
    "review:revealed": RevealedReviews,
    "circle:updated": CircleDocument,
    "user:updated": OwnUser,
    "chat:error": FailedEvent,
    "resync_required": Nothing,
}
"""Events that the server sends."""
