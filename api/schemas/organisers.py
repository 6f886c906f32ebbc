"""Schemas of what the organisers and one person write to each other."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import Body, Id, iso
from domain.correspondence import MAX_LETTER_LENGTH, Correspondence


class LetterBody(Body):
    text: Annotated[str, Field(min_length=1, max_length=MAX_LETTER_LENGTH)]


class LetterDocument(TypedDict):
    """`from_organisers`: written by a moderator, in the organisers' name."""

    at: str
    from_organisers: bool
    text: str


class LettersDocument(TypedDict):
    """Oldest first. `may_answer`: there is a letter or a decision that can be answered now."""

    letters: list[LetterDocument]
    may_answer: bool


class SignedLetterDocument(TypedDict):
    """`by` is the moderator who wrote it, null for the user. `decision` is the id of the audit's entry that an answer
    is about, `noted_by` the moderator who has marked an answer as read."""

    at: str
    by: Id | None
    text: str
    decision: Id | None
    noted_by: Id | None


class CorrespondenceDocument(TypedDict):
    """Oldest first. `turns`: answers that the last letter still takes."""

    user: Id
    letters: list[SignedLetterDocument]
    turns: int


def letters_document(known: Correspondence, may_answer: bool) -> LettersDocument:
    """Return the document for the person: it does not say which moderator wrote."""
    return {
        "letters": [
            {"at": iso(entry.at), "from_organisers": bool(entry.by), "text": entry.text} for entry in known.entries
        ],
        "may_answer": may_answer,
    }


def correspondence_document(known: Correspondence) -> CorrespondenceDocument:
    """Return the document for moderators."""
    return {
        "user": known.id,
        "letters": [
            {
                "at": iso(entry.at),
                "by": entry.by or None,
                "text": entry.text,
                "decision": entry.decision or None,
                "noted_by": entry.noted_by or None,
            }
            for entry in known.entries
        ],
        "turns": known.turns,
    }
