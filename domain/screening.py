"""Screening: a newcomer's first words with a way out of the service wait until a moderator has looked at them.

waiting ──let through, or after SCREENED_FOR──▶ released ──▶ delivered as any other words
   ├─────refuse, or a decision against the person──▶ refused ──▶ the writer reads why, and the words again
   └─────taken back, or there is nobody to read them any more──▶ dropped

First are the words before anybody has said yes. A request waits as a whole: while it does, only its asker is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.messages import Message
from domain.outcomes import taken_apart
from domain.quotas import has_swapped, is_in_first_day
from domain.swaps import ANSWER_WITHIN, PENDING, WORDS_REFUSED, Swap
from domain.users import MEMBER, User

SCREENED_FOR: Final = timedelta(hours=12)
"""Time after which words are let through if nobody has looked at them."""
MAX_WAITING: Final = 20
"""Words of one person that may wait at a time."""
SHOWN_AFTER: Final = timedelta(minutes=1)
"""Time after which words that no case has been opened for, since the process died, get one."""

WAITING, RELEASED, REFUSED, DROPPED = "waiting", "released", "refused", "dropped"
STATES: Final = (WAITING, RELEASED, REFUSED, DROPPED)

REQUEST, NOTE, MESSAGE, EDIT = "request", "note", "message", "edit"
KINDS: Final = (REQUEST, NOTE, MESSAGE, EDIT)
"""Kinds of words: a request with its note, the note of a counter-offer, a message, the new text of a message."""


@dataclass(frozen=True, slots=True)
class ScreenedWords:
    """Words of the user `by` to `to`. `message` is what is sent once they are released, None for a request.

    `settle_at` is when something is to be done for them next: they are let through, or what was decided is carried out;
    None when that is done. `is_shown`: a case has been opened for them.
    """

    id: str
    by: str
    to: str
    swap_id: str
    kind: str
    text: str
    at: datetime
    client_id: str
    settle_at: datetime | None = None
    message: Message | None = None
    state: str = WAITING
    decided_by: str = ""
    reason: str = ""
    is_shown: bool = False

    def decided(self, state: str, *, by: str, reason: str = "", at: datetime) -> ScreenedWords:
        """Return the words with a decision, which is still to be carried out."""
        return replace(self, state=state, decided_by=by, reason=reason, settle_at=at)


def is_newcomer(user: User, at: datetime) -> bool:
    """Return whether the first words of this user are screened: in the first day, and before a completed swap."""
    return user.role == MEMBER and (is_in_first_day(user, at) or not has_swapped(user))


def screened(swap: Swap, at: datetime) -> Swap:
    """Return a new request that waits for a moderator: nobody but its asker is in it, and its time has not begun."""
    return replace(swap, participants=(swap.from_user_id,), due_at=None, screened_at=at)


def unscreened(swap: Swap, at: datetime) -> Swap:
    """Return the request as it goes to the other one, whose time to answer begins now."""
    after = swap.moved(PENDING, "released", by="", at=at)
    people = (swap.from_user_id, swap.to_user_id)
    return replace(after, participants=people, due_at=at + ANSWER_WITHIN, screened_at=None)


def refused(swap: Swap, at: datetime) -> Swap:
    """Return the request ended, unseen, because a moderator has refused its words."""
    return taken_apart(swap, reason=WORDS_REFUSED, at=at)


def partners_of(swap: Swap, user_id: str) -> tuple[str, ...]:
    """Return the others of a swap as this user knows them: with the one whom a screened request is to."""
    is_screened = swap.screened_at is not None and user_id == swap.from_user_id
    return (swap.to_user_id,) if is_screened else swap.others(user_id)
