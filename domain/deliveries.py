"""A delivery: one event on its way to one person through one channel. It rides in the document it tells about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.alerts import ENDED, FOUND
from domain.circle_news import POSSIBLE_NOW
from domain.users import BANNED, DELETED, User

TELEGRAM, MAIL = "telegram", "mail"

UNREAD_FOR = timedelta(minutes=5)
"""A message that has not been read for so long is mailed, together with what has come since."""

MAIL_AFTER = {
    "swap.proposed": timedelta(seconds=30),
    "swap.accepted": timedelta(seconds=30),
    "swap.rejected": timedelta(seconds=30),
    "message.sent": UNREAD_FOR,
    FOUND: timedelta(0),
    ENDED: timedelta(0),
    POSSIBLE_NOW: timedelta(seconds=30),
}
"""What is worth a mail, and after which time: what is taken back meanwhile is not mailed."""

PARTNER_AWAY = "swap.partner_away"
"""The event: somebody in the swap cannot be reached in Telegram now."""

LEASE = timedelta(seconds=30)
"""How long a worker has for one send; after that the delivery is due again for another."""

MAX_ATTEMPTS = 12
OUTAGE_ATTEMPTS = 6
"""An outage counts no further than this: crashes in the middle of one leave a delivery alive."""
MIN_BACKOFF = timedelta(milliseconds=250)
MAX_BACKOFF = timedelta(minutes=5)

OUTAGE_BACKOFF = timedelta(seconds=10)
"""The longest wait while Telegram or the mail server answers nobody: soon after it is back, so are we."""

GIVE_UP_AFTER = timedelta(hours=24)
"""So long an outage is waited out, once a delivery has been tried OUTAGE_ATTEMPTS times."""

QUEUED, SENT, SKIPPED, DEAD = "queued", "sent", "skipped", "dead"

PARKED = "parked"
"""It waits for its person to let the bot in again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`source` is the collection of the document it rides in ("swaps", "messages"), `source_id` that document."""

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

    @property
    def happened_at(self) -> datetime:
        """When what it tells of happened: the last part of its id."""
        return datetime.fromtimestamp(int(self.id.rpartition(":")[2]) / 1000, UTC)


def deliveries_for(people: Iterable[User], event: str, at: datetime, *, has_mail: bool = False) -> list[Delivery]:
    """One delivery of `event` for each of those people who can be reached in Telegram, or else by mail."""
    told = []
    for user in people:
        if user.status in (DELETED, BANNED):
            continue
        name = f"{event}:{user.id}:{int(at.timestamp() * 1000)}"
        if user.telegram_id is not None:
            told.append(Delivery(id=name, to=user.id, channel=TELEGRAM, event=event, due_at=at))
        elif has_mail and wants_mail(user, event):
            told.append(Delivery(id=name, to=user.id, channel=MAIL, event=event, due_at=at + MAIL_AFTER[event]))
    return told


def wants_mail(user: User, event: str) -> bool:
    """Is this mailed to this person, when Telegram does not reach them?"""
    return bool(user.email) and user.notifications and event in MAIL_AFTER


def backoff(attempts: int, jitter: float, *, at_most: timedelta = MAX_BACKOFF) -> timedelta:
    """How long to wait after the nth failure: at most two seconds, then twice as long each time. `jitter` in 0..1 is
    full: it spreads the herd over the whole of that time."""
    return max(MIN_BACKOFF, min(at_most, timedelta(seconds=2 ** min(attempts, 10))) * jitter)
