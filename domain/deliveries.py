"""A delivery: one event on its way to one user through one channel, stored in the document that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.events import EVENTS, LETTER_SENT, event_kind
from domain.users import BANNED, DELETED, User

TELEGRAM, MAIL = "telegram", "mail"

LEASE = timedelta(seconds=30)
"""The time of a worker for one send; after that the delivery is due again for another worker."""

MAX_ATTEMPTS = 12
OUTAGE_ATTEMPTS = 6
"""An outage counts no further than this: crashes in the middle of one leave a delivery alive."""
MIN_BACKOFF = timedelta(milliseconds=250)
MAX_BACKOFF = timedelta(minutes=5)

OUTAGE_BACKOFF = timedelta(seconds=10)
"""The longest pause while Telegram or the mail server is down, so that sending resumes soon after it is back."""

GIVE_UP_AFTER = timedelta(hours=24)
"""The longest outage that is waited out, once a delivery has been tried OUTAGE_ATTEMPTS times."""

QUEUED, SENT, SKIPPED, DEAD = "queued", "sent", "skipped", "dead"

PARKED = "parked"
"""Waits until its recipient lets the bot in again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one user. `source` is the collection of the document that holds it ("swaps", "messages", …),
    `source_id` the id of that document. `about` is the id of the session of a swap that it is about, or of one of its
    people."""

    id: str
    to: str
    channel: str
    event: str
    due_at: datetime
    state: str = QUEUED
    attempts: int = 0
    source: str = ""
    source_id: str = ""
    lease: str = ""
    reason: str = ""
    about: str = ""

    @property
    def happened_at(self) -> datetime:
        """The time of the event: the last part of the delivery's id."""
        return datetime.fromtimestamp(int(self.id.rpartition(":")[2]) / 1000, UTC)


def deliveries_for(
    people: Iterable[User], event: str, at: datetime, *, has_mail: bool = False, about: str = ""
) -> list[Delivery]:
    """Return one delivery of `event` for each of these users who can be reached in Telegram, or else by mail.

    Raises ValueError for an event that is not in the table of events.
    """
    mail_after = event_kind(event).mail_after
    deliveries = []
    for user in people:
        if not is_notified(user, event):
            continue
        name = ":".join(filter(None, (event, about, user.id, str(int(at.timestamp() * 1000)))))
        if user.telegram_id is not None:
            deliveries.append(Delivery(name, user.id, TELEGRAM, event, due_at=at, about=about))
        elif has_mail and mail_after is not None and wants_mail(user, event):
            deliveries.append(
                Delivery(id=name, to=user.id, channel=MAIL, event=event, due_at=at + mail_after, about=about)
            )
    return deliveries


def is_notified(user: User, event: str) -> bool:
    """Return whether this user still hears of an event: whoever is banned gets letters alone."""
    return user.status != DELETED and (user.status != BANNED or event == LETTER_SENT)


def wants_mail(user: User, event: str) -> bool:
    """Return whether this event is mailed to this user when Telegram does not reach them; False for an unknown one."""
    kind = EVENTS.get(event)
    return bool(user.email) and user.notifications and kind is not None and kind.mail_after is not None


def backoff(attempts: int, jitter: float, *, at_most: timedelta = MAX_BACKOFF) -> timedelta:
    """Return the pause after the nth failure: at most two seconds after the first, doubled each time. `jitter` (0..1)
    spreads retries over the whole of that time."""
    return max(MIN_BACKOFF, min(at_most, timedelta(seconds=2 ** min(attempts, 10))) * jitter)
