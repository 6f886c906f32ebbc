"""Cards for moderators: one for each thing to be decided, in the moderators' group or in each one's private chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DISPUTE: Final = "dispute"
CASE: Final = "case"
STAFF_GROUP: Final = "staff_group"
ANSWER: Final = "answer"
APPLICATION: Final = "application"
SKILLS: Final = "skills"
"""Kinds of cards; a kind is worded by a function of the bot (`bot/staff/kinds.py`)."""

LEASE: Final = timedelta(seconds=60)
"""The time in which all copies of a card are sent or edited; after that the card is due again."""

NOTED_AHEAD: Final = timedelta(seconds=15)
"""A card is due so long after its change was announced, in case the process is killed in between."""

MAX_PAUSE: Final = timedelta(minutes=5)
MAX_PROMPTS: Final = 20
"""Open questions of one card that are remembered."""

MAX_COPIES: Final = 50


@dataclass(frozen=True, slots=True)
class CardCopy:
    """A message that shows a card. `user_id` is the moderator in whose private chat it is, "" in the group; `version`
    is that of the card when it was last written."""

    chat_id: int
    message_id: int
    user_id: str = ""
    version: int = 0
    has_photo: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question in the moderators' group: the answer is the reply to it of the moderator who was asked."""

    chat_id: int
    message_id: int
    by: str
    action: str


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A card. `version` counts the changes of what it shows; `due_at` is set while its copies are not up to date.

    `is_closed`: there is nothing left to decide.
    """

    id: str
    kind: str
    subject: str
    version: int = 1
    is_closed: bool = False
    due_at: datetime | None = None
    attempts: int = 0
    copies: tuple[CardCopy, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    names: tuple[str, ...] = ()
    """Users whom its copies name, by id: it is written anew when one of them leaves."""

    def copy_in(self, chat_id: int) -> CardCopy | None:
        return next((copy for copy in self.copies if copy.chat_id == chat_id), None)

    def prompt_at(self, chat_id: int, message_id: int) -> Prompt | None:
        return next((p for p in self.prompts if (p.chat_id, p.message_id) == (chat_id, message_id)), None)


def card_id(kind: str, subject: str) -> str:
    return f"{kind}:{subject}"


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the nth failure: two seconds after the first, doubled each time."""
    return min(MAX_PAUSE, timedelta(seconds=2 ** min(attempts, 10)))
