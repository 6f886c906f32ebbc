"""Talk in a swap: when its participants may write to each other, and how much before the other one answers.

While a request is pending, the one who has to answer may write freely, and the other one a few messages: a question is
better asked before the answer than after it. After a no or an expiry either may, for two weeks, so that nobody has to
end without a word. In a running swap nothing is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.declines import may_give_reason
from domain.errors import Conflict, NotFound
from domain.messages import Message
from domain.swaps import ACCEPTED, COMPLETED, EXPIRED, PENDING, REJECTED, Swap

TALK_AFTER_END = timedelta(days=14)
"""Time for which a conversation goes on after a no, an expiry or a completed swap."""

MAX_UNANSWERED = 3
"""Messages in a row to somebody who has not said yes, until they write, too."""

TALKS_ON = (REJECTED, EXPIRED, COMPLETED)
"""Ends after which a conversation goes on for a time. A request that was taken back and a swap that one has ended are
not among them: whoever does that wants no more of it."""


def is_talk_open(swap: Swap, at: datetime) -> bool:
    """Return whether the participants may write to each other now."""
    if swap.status == ACCEPTED:
        return True
    if swap.is_parted or swap.screened_at is not None or (swap.circle is not None and not swap.has_run):
        return False
    return swap.status == PENDING or (swap.status in TALKS_ON and at < swap.updated_at + TALK_AFTER_END)


def actions(swap: Swap, user_id: str, at: datetime) -> tuple[str, ...]:
    """Return the verbs that are open to this user now, those included that are so for a time after the end."""
    can = tuple(verb for verb in swap.can(user_id) if verb != "state" or may_state(swap, at))
    is_in = user_id in swap.participants and swap.is_disclosed
    chat = ("chat",) if "chat" not in can and is_in and is_talk_open(swap, at) else ()
    reason = ("reason",) if may_give_reason(swap, user_id, at) else ()
    again = ("again",) if may_ask_again(swap, user_id, at) else ()
    return (*can, *chat, *reason, *again)


def may_state(swap: Swap, at: datetime) -> bool:
    """Return whether the time to tell one's side of the dispute is not over."""
    ends = swap.plan.statements_end
    return ends is not None and at <= ends


def may_ask_again(swap: Swap, user_id: str, at: datetime) -> bool:
    """Return whether this user may ask for the same swap again: either of the two after an expiry, after a no only
    whoever has declined."""
    if swap.circle is not None or user_id not in swap.participants or swap.is_parted:
        return False
    is_free = swap.status == EXPIRED or (swap.status == REJECTED and user_id == swap.answerer)
    return is_free and at < swap.updated_at + TALK_AFTER_END


def require_talk(swap: Swap, user_id: str, at: datetime) -> None:
    """Require that this user may write in this swap now. Raises NotFound or Conflict."""
    if user_id not in swap.participants:
        raise NotFound("swap.not_found")
    if not is_talk_open(swap, at):
        raise Conflict("chat.closed", current=swap, status=swap.status)


def is_counted(swap: Swap, user_id: str) -> bool:
    """Return whether this user may write only a few messages until the other one has answered."""
    if swap.status in (ACCEPTED, COMPLETED):
        return False
    return swap.status != PENDING or user_id == swap.author


def require_answered(swap: Swap, user_id: str, last: Sequence[Message]) -> None:
    """Require that this user has not used up the messages that may go unanswered.

    `last` are the last MAX_UNANSWERED messages of the conversation. A request, an offer and a no count as an answer, an
    expiry does not. Raises Conflict.
    """
    since = max((event.at for event in swap.history if event.by), default=swap.created_at)
    own = [one for one in last if one.from_user_id == user_id and one.created_at >= since]
    if len(own) >= MAX_UNANSWERED:
        raise Conflict("chat.wait_for_answer", current=swap, limit=MAX_UNANSWERED)
