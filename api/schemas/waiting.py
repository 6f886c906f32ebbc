"""Schemas of what waits for a user."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from api.schemas.values import Id, iso
from handlers.waiting import KINDS, Waiting

Kind = Literal[KINDS]  # type: ignore[valid-type] # one of the operation's


class WaitingPerson(TypedDict):
    """One of the others whom it is about."""

    _id: Id
    name: str


class WaitingDocument(TypedDict):
    """Something that waits for you.

    `kind`: `answer` a request, `join` a circle, `agree` on one of the offered times, `answer_session`
    (did it take place?), `plan` a session, `state` your side of a dispute, `rate` somebody. `until`
    is null for what has no end. Before a circle is closed `people` is empty.
    """

    kind: Kind
    swap_id: Id
    is_circle: bool
    people: list[WaitingPerson]
    until: str | None
    session_id: str | None


class BadgesDocument(TypedDict):
    """Numbers of a navigation: what waits for you, and your conversations with unread messages."""

    waiting: int
    unread: int


def waiting_document(waiting: Waiting) -> WaitingDocument:
    """Return the document of something that waits."""
    return {
        "kind": waiting.kind,
        "swap_id": waiting.swap.id,
        "is_circle": waiting.swap.circle is not None,
        "people": [{"_id": person.id, "name": person.name} for person in waiting.people],
        "until": iso(waiting.until) if waiting.until is not None else None,
        "session_id": waiting.session_id or None,
    }
