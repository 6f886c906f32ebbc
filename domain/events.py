"""The events that a user can be notified of, in one table: every channel and every operation goes by it.

A delivery stores the name of its event, so a name that has been in use stays. A new event is a line in `EVENTS` and a
line in the dispatch of each channel (`bot/delivery/notification_sender.py`, `mail/notifications.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, DISPUTED, EXPIRED, LAPSED, NOT_HAPPENED, REJECTED

SWAP_PROPOSED: Final = "swap.proposed"
SWAP_COUNTERED: Final = "swap.countered"
SWAP_REASON_GIVEN: Final = "swap.reason_given"
SWAP_ACCEPTED: Final = "swap.accepted"
SWAP_REJECTED: Final = "swap.rejected"
SWAP_CANCELLED: Final = "swap.cancelled"
SWAP_EXPIRED: Final = "swap.expired"
SWAP_COMPLETED: Final = "swap.completed"
SWAP_NOT_HAPPENED: Final = "swap.not_happened"
SWAP_DISPUTED: Final = "swap.disputed"
SWAP_LAPSED: Final = "swap.lapsed"
SWAP_UNDECIDED: Final = "swap.undecided"
SWAP_ANSWER_SOON: Final = "swap.answer_soon"
SWAP_UNPLANNED: Final = "swap.unplanned"
SWAP_ARRANGED: Final = "swap.arranged"
SWAP_DONE: Final = "swap.done"
SESSION_CHANGED: Final = "session.changed"
SESSION_SOON: Final = "session.soon"
SESSION_ASKED: Final = "session.asked"
DISPUTE_OPEN: Final = "dispute.open"
REVIEW_SOON: Final = "review.soon"
REVIEW_REVEALED: Final = "review.revealed"
UNRELIABLE: Final = "user.unreliable"
SWAP_CARD_CHANGED: Final = "swap.card"
PARTNER_AWAY: Final = "swap.partner_away"
PERSON_LEFT: Final = "swap.person_left"
MESSAGE_SENT: Final = "message.sent"
MESSAGE_EDITED: Final = "message.edited"
MESSAGE_DELETED: Final = "message.deleted"
MESSAGE_HEADER_CHANGED: Final = "message.header"
CIRCLE_SEARCHING: Final = "circle.searching"
CIRCLE_POSSIBLE: Final = "circle.possible"
ALERT_FOUND: Final = "alert.found"
ALERT_ENDED: Final = "alert.ended"
SWAP_PARTNER_GONE: Final = "swap.partner_gone"
LETTER_SENT: Final = "letter.sent"

UNREAD_FOR: Final = timedelta(minutes=5)
"""A message that has not been read for so long is mailed, together with what has come since."""

SOON: Final = timedelta(seconds=30)
"""Delay of mail: an event undone within this time is not mailed."""


class Recipients(StrEnum):
    """The users who are notified of an event: for readers of the table; the operations name the users themselves."""

    ASKED = "the participants who are asked to take part"
    OTHERS = "every participant but the one who acted or is meant"
    PARTICIPANTS = "every participant"
    BYSTANDERS = "every participant, present or former, who gets no other notification of the same change"
    MODERATORS = "every moderator"
    OWNER = "the user to whom the alert or the news of circles belongs"


class Topic(StrEnum):
    """Subject of an event. No setting reads it yet; one for circles must also ask whether the swap is a circle."""

    REQUESTS = "requests"
    SWAPS = "swaps"
    MESSAGES = "messages"
    CIRCLES = "circles"
    ALERTS = "alerts"
    SESSIONS = "sessions"
    MODERATION = "moderation"


@dataclass(frozen=True, slots=True)
class EventKind:
    """One row of the table of events.

    `rings`: a new Telegram message about it makes a sound, unless the recipient has switched sounds off. `mail_after`:
    how long after the event it is mailed to a user whom Telegram does not reach; None for never. `is_answer_awaited`:
    others wait for an answer of the recipient, and are notified when the recipient cannot be reached.
    """

    name: str
    recipients: Recipients
    topic: Topic
    rings: bool = True
    mail_after: timedelta | None = None
    is_answer_awaited: bool = False


_KINDS: Final = (
    # A pair and a circle share these names.
    EventKind(SWAP_PROPOSED, Recipients.ASKED, Topic.REQUESTS, mail_after=SOON, is_answer_awaited=True),
    EventKind(SWAP_COUNTERED, Recipients.ASKED, Topic.REQUESTS, mail_after=SOON, is_answer_awaited=True),
    EventKind(SWAP_REASON_GIVEN, Recipients.OTHERS, Topic.SWAPS, rings=False),
    EventKind(SWAP_ACCEPTED, Recipients.OTHERS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_REJECTED, Recipients.OTHERS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_CANCELLED, Recipients.OTHERS, Topic.SWAPS),
    EventKind(SWAP_PARTNER_GONE, Recipients.OTHERS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_EXPIRED, Recipients.PARTICIPANTS, Topic.SWAPS),
    EventKind(SWAP_COMPLETED, Recipients.OTHERS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_NOT_HAPPENED, Recipients.OTHERS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_DISPUTED, Recipients.PARTICIPANTS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_LAPSED, Recipients.PARTICIPANTS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_UNDECIDED, Recipients.PARTICIPANTS, Topic.SWAPS, mail_after=SOON),
    EventKind(SWAP_ANSWER_SOON, Recipients.ASKED, Topic.REQUESTS, mail_after=timedelta(0)),
    EventKind(SWAP_UNPLANNED, Recipients.PARTICIPANTS, Topic.SESSIONS, mail_after=timedelta(0)),
    EventKind(SWAP_ARRANGED, Recipients.OTHERS, Topic.SESSIONS, rings=False),
    EventKind(SWAP_DONE, Recipients.OTHERS, Topic.SWAPS),
    EventKind(SESSION_CHANGED, Recipients.OTHERS, Topic.SESSIONS, mail_after=SOON, is_answer_awaited=True),
    EventKind(SESSION_SOON, Recipients.PARTICIPANTS, Topic.SESSIONS, mail_after=timedelta(0)),
    EventKind(SESSION_ASKED, Recipients.PARTICIPANTS, Topic.SESSIONS, mail_after=timedelta(0)),
    EventKind(REVIEW_SOON, Recipients.PARTICIPANTS, Topic.SESSIONS, mail_after=timedelta(0)),
    EventKind(REVIEW_REVEALED, Recipients.PARTICIPANTS, Topic.SESSIONS, mail_after=timedelta(0)),
    EventKind(UNRELIABLE, Recipients.OWNER, Topic.REQUESTS, mail_after=timedelta(0)),
    EventKind(DISPUTE_OPEN, Recipients.MODERATORS, Topic.MODERATION, mail_after=timedelta(0)),
    EventKind(SWAP_CARD_CHANGED, Recipients.BYSTANDERS, Topic.SWAPS, rings=False),
    EventKind(PARTNER_AWAY, Recipients.OTHERS, Topic.SWAPS, rings=False),
    # A participant has deleted their account: what the others' chats show of them is brought up to date.
    EventKind(PERSON_LEFT, Recipients.OTHERS, Topic.SWAPS, rings=False),
    EventKind(MESSAGE_SENT, Recipients.OTHERS, Topic.MESSAGES, mail_after=UNREAD_FOR, is_answer_awaited=True),
    # An edit changes the copy in the chat without a sound; only a part that is added to it is a new message.
    # The author is one of them when what they wrote in Telegram has been edited elsewhere.
    EventKind(MESSAGE_EDITED, Recipients.PARTICIPANTS, Topic.MESSAGES),
    EventKind(MESSAGE_DELETED, Recipients.PARTICIPANTS, Topic.MESSAGES, rings=False),
    EventKind(MESSAGE_HEADER_CHANGED, Recipients.OTHERS, Topic.MESSAGES, rings=False),
    EventKind(CIRCLE_SEARCHING, Recipients.OTHERS, Topic.CIRCLES),
    EventKind(CIRCLE_POSSIBLE, Recipients.OWNER, Topic.CIRCLES, mail_after=SOON),
    EventKind(ALERT_FOUND, Recipients.OWNER, Topic.ALERTS, mail_after=timedelta(0)),
    EventKind(ALERT_ENDED, Recipients.OWNER, Topic.ALERTS, mail_after=timedelta(0)),
    EventKind(LETTER_SENT, Recipients.OWNER, Topic.MODERATION, mail_after=timedelta(0)),
)

EVENTS: Final[Mapping[str, EventKind]] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Every event, by its name."""

_STATUS_OF_EVENT: Final = {
    SWAP_ACCEPTED: ACCEPTED,
    SWAP_REJECTED: REJECTED,
    SWAP_CANCELLED: CANCELLED,
    SWAP_EXPIRED: EXPIRED,
    SWAP_COMPLETED: COMPLETED,
    SWAP_NOT_HAPPENED: NOT_HAPPENED,
    SWAP_DISPUTED: DISPUTED,
    SWAP_LAPSED: LAPSED,
}
_EVENT_OF_STATUS: Final = {status: name for name, status in _STATUS_OF_EVENT.items()}


def event_kind(name: str) -> EventKind:
    """Return the row of an event. Raises ValueError for a name that is not in the table."""
    try:
        return EVENTS[name]
    except KeyError:
        raise ValueError(f"there is no event {name!r}") from None


def event_of_status(status: str) -> str:
    """Return the event of a swap that has reached this status. Raises ValueError when the status has none."""
    try:
        return _EVENT_OF_STATUS[status]
    except KeyError:
        raise ValueError(f"there is no event for the status {status!r}") from None


def status_of_event(name: str) -> str:
    """Return the status that a swap has reached by this event. Raises ValueError for an event of another sort."""
    try:
        return _STATUS_OF_EVENT[name]
    except KeyError:
        raise ValueError(f"the event {name!r} has no status") from None
