"""Albums: photos that a user sends at once. Telegram delivers them one by one, in order, with one id for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

ALBUM_SIZE: Final = 10
"""Photos of one album in Telegram: so many count as one upload."""

MAX_ALBUMS: Final = 5
"""Albums of a user that are remembered, the newest ones."""

UNDECIDED, TO_QUESTION, TO_SWAP, ON_HOLD, TO_NOBODY = "", "question", "swap", "held", "nobody"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for which photos of an album were refused, as its sender reads it, and how many were."""

    code: str
    text: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Album:
    """The album that began with the message `first_id`. All of it goes where the first photo went.

    `place` says where that was: to the open question, to a swap, held until its sender has chosen, or to nobody.
    `is_answered`: the question has had its answer. `taken` counts the photos stored; `marked` is the message that bears
    the sign that they have arrived. `refused` are the reasons told in the message `told_in`.
    """

    group_id: str
    first_id: int
    place: str = UNDECIDED
    question: str = ""
    swap_id: str = ""
    is_answered: bool = False
    is_told: bool = False
    taken: int = 0
    marked: int | None = None
    refused: tuple[Refusal, ...] = ()
    told_in: int | None = None

    @property
    def is_counted(self) -> bool:
        """Return whether the next photo stored begins a new upload of the user's allowance."""
        return self.taken % ALBUM_SIZE == 0

    def may_answer(self, question: str) -> bool:
        """Return whether a further photo may answer the open question: those before it were refused as answers."""
        return self.place == TO_QUESTION and not self.is_answered and self.question == question

    def with_refusal(self, code: str, text: str) -> Album:
        """Return the album with one more refused photo. Of the same reason, the latest words stay."""
        counts = {one.code: one.count for one in self.refused}
        texts = {one.code: one.text for one in self.refused} | {code: text}
        counts[code] = counts.get(code, 0) + 1
        return replace(self, refused=tuple(Refusal(one, texts[one], count) for one, count in counts.items()))
