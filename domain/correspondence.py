"""Letters that the organisers and one person write to each other, through the service: moderators write in the
organisers' name, the person answers, and whoever was warned, suspended or banned answers once about that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.errors import Conflict
from domain.text import clean_text

MAX_LETTER_LENGTH: Final = 1000
ANSWERS_TO_A_LETTER: Final = 3
"""Answers that a letter of the organisers may get before they write again."""

MAX_ENTRIES: Final = 200
"""Entries that are kept for one person; older ones go first."""

APPEALABLE: Final = ("warn", "suspend", "ban")
"""Decisions that may be answered once, as they are named in the audit."""

TAKEN_BACK: Final = ("undo", "lift", "unban")
"""Decisions after which there is nothing to answer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One letter, or an answer: `by` is the moderator who wrote it, "" for the person. `decision` is the id of the
    audit's entry that an answer is about, "" for an answer to a letter; `noted_by` the moderator who has seen it.

    `card` is the moderators' card that it belongs to, "kind:subject".
    """

    id: str
    at: datetime
    by: str
    text: str
    card: str = ""
    decision: str = ""
    noted_by: str = ""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """All entries, oldest first. `turns`: answers that the person may still write to the last letter."""

    id: str
    entries: tuple[Entry, ...] = ()
    turns: int = 0
    appealed: tuple[str, ...] = ()
    version: int = 0

    def find(self, entry_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    @property
    def last_card(self) -> str:
        """Return the card that the last letter of the organisers was written from."""
        return next((entry.card for entry in reversed(self.entries) if entry.by), "")

    def reply_to(self, entry: Entry) -> Entry | None:
        """Return the organisers' next letter after an entry."""
        later = self.entries[self.entries.index(entry) + 1 :]
        return next((each for each in later if each.by), None)

    def written(self, entry: Entry) -> Correspondence:
        """Return it with a letter of the organisers, which may be answered."""
        return replace(self._with(entry), turns=ANSWERS_TO_A_LETTER)

    def may_answer(self, decision: str) -> bool:
        """Return whether the person may write now; `decision` is the one that is in force, "" for none."""
        return self.turns > 0 or (decision != "" and decision not in self.appealed)

    def answered(self, entry: Entry, decision: str) -> Correspondence:
        """Return it with an answer: to a letter, or else about the decision in force. Raises Conflict."""
        if self.turns > 0:
            return replace(self._with(entry), turns=self.turns - 1)
        if not self.may_answer(decision):
            raise Conflict("organisers.nothing_to_answer")
        about = replace(entry, decision=decision)
        return replace(self._with(about), appealed=(*self.appealed, decision)[-MAX_ENTRIES:])

    def noted(self, entry_id: str, by: str) -> Correspondence:
        """Return it with an answer that a moderator has seen."""
        entries = tuple(
            replace(entry, noted_by=by) if entry.id == entry_id and not entry.noted_by else entry
            for entry in self.entries
        )
        return self if entries == self.entries else replace(self, entries=entries, version=self.version + 1)

    def _with(self, entry: Entry) -> Correspondence:
        return replace(self, entries=(*self.entries, entry)[-MAX_ENTRIES:], version=self.version + 1)


def clean_letter(text: str) -> str:
    """Return the text of a letter or an answer. Raises Invalid."""
    return clean_text(text, "text", max_length=MAX_LETTER_LENGTH)
