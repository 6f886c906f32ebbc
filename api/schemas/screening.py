"""Schemas of words that wait for a moderator's look."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from api.schemas.values import Id, iso
from domain.screening import KINDS, STATES, ScreenedWords


class ScreenedWordsDocument(TypedDict):
    """Words of yours that a moderator looks at first: the note of a `request`, the `note` of another offer, a `message`
    or an `edit`. They are let through at `until` at the latest."""

    _id: Id
    kind: Literal[KINDS]  # type: ignore[valid-type] # one of the domain's
    swap_id: Id
    text: str
    created_at: str
    until: str | None


class CaseWordsDocument(ScreenedWordsDocument):
    """Words in a case, with what was decided about them. `to` is whom they are for."""

    to: Id
    photo_url: str | None
    state: Literal[STATES]  # type: ignore[valid-type]


def screened_document(words: ScreenedWords) -> ScreenedWordsDocument:
    """Return the document of words for their writer."""
    return {
        "_id": words.id,
        "kind": words.kind,
        "swap_id": words.swap_id,
        "text": words.text,
        "created_at": iso(words.at),
        "until": iso(words.settle_at) if words.settle_at is not None else None,
    }


def case_words_document(words: ScreenedWords) -> CaseWordsDocument:
    """Return the document of words for a moderator."""
    photo_url = words.message.photo_url if words.message is not None else None
    return {**screened_document(words), "to": words.to, "photo_url": photo_url, "state": words.state}
