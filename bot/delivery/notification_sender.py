"""The dispatch of Telegram: the function that sends each event, a delivery at a time.

The notifier claims deliveries and tries again; a new event gets its line in `HANDLERS` here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from telegram import Bot

from bot.delivery.absence_notifications import send_partner_gone
from bot.delivery.alert_notifications import send_alert
from bot.delivery.circle_notifications import (
    refresh_circle_card,
    send_circle_news,
    send_invitation,
    send_possible_circle,
)
from bot.delivery.departures import forget_name
from bot.delivery.ending_notifications import (
    send_cancelled,
    send_dispute,
    send_ending,
    send_request_again,
    send_undecided,
)
from bot.delivery.letter_notifications import send_letter
from bot.delivery.message_relay import relay_message, remove_message, renew_header, rewrite_message
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.review_notifications import send_rating_reminder, send_revealed, send_unreliable
from bot.delivery.session_notifications import (
    send_arranged,
    send_done,
    send_nudge,
    send_reminder,
    send_session_change,
    send_session_question,
    send_yes,
)
from bot.delivery.swap_notifications import (
    refresh_card,
    send_counter_offer,
    send_new_status,
    send_partner_away,
    send_reason,
    send_request,
)
from bot.delivery.telegram_channel import Recipient, TelegramChannel
from bot.updates.context import BotServices
from domain import events
from domain.deliveries import Delivery
from domain.messages import Message
from domain.planning import people_of
from domain.sessions import Session
from domain.swaps import Swap
from handlers.notifications import load_subject


class Handler(Protocol):
    """Sends one delivery. False when there is no recipient for it, or nothing to send any more."""

    async def __call__(self, channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool: ...


SwapHandler = Callable[[TelegramChannel, Recipient, Swap, str], Awaitable[bool]]
"""The last argument is the name of the event."""

PersonHandler = Callable[[TelegramChannel, Recipient, Swap, str, str], Awaitable[bool]]
"""The last two arguments are the id of somebody in the swap and the name of the event."""

SessionHandler = Callable[[TelegramChannel, Recipient, Swap, Session, str], Awaitable[bool]]
MessageHandler = Callable[[TelegramChannel, Recipient, Swap, Message], Awaitable[bool]]


def about_swap(*, pair: SwapHandler | None = None, circle: SwapHandler | None = None) -> Handler:
    """Return a handler that loads the swap; without a function for its sort, pair or circle, nothing is sent."""

    async def handle(channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool:
        recipient, swap, _ = await _load(channel, delivery, is_plain=is_plain)
        if recipient is None or swap is None:
            return False
        send = pair if swap.circle is None else circle
        return send is not None and await send(channel, recipient, swap, delivery.event)

    return handle


def about_person(send: PersonHandler) -> Handler:
    """Return a handler that loads the swap, and names the one of it whom the delivery is about."""

    async def handle(channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool:
        recipient, swap, _ = await _load(channel, delivery, is_plain=is_plain)
        if recipient is None or swap is None:
            return False
        return await send(channel, recipient, swap, delivery.about, delivery.event)

    return handle


def about_message(send: MessageHandler) -> Handler:
    """Return a handler that loads the message and its swap, a pair or a circle."""

    async def handle(channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool:
        recipient, swap, message = await _load(channel, delivery, is_plain=is_plain)
        if recipient is None or swap is None or message is None:
            return False
        return await send(channel, recipient, swap, message)

    return handle


def about_session(send: SessionHandler) -> Handler:
    """Return a handler that loads the swap and the session of it that the delivery is about, in a pair or a circle."""

    async def handle(channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool:
        recipient, swap, _ = await _load(channel, delivery, is_plain=is_plain)
        session = swap.plan.find(delivery.about) if swap is not None else None
        if recipient is None or swap is None or session is None or recipient.person.id not in people_of(swap, session):
            return False
        return await send(channel, recipient, swap, session, delivery.event)

    return handle


async def _load(
    channel: TelegramChannel, delivery: Delivery, *, is_plain: bool
) -> tuple[Recipient | None, Swap | None, Message | None]:
    """Return the recipient, and the swap and message that a delivery is about; None for what is not there."""
    person, swap, message = await load_subject(channel.deps, delivery)
    recipient = channel.recipient_of(delivery.event, person, is_plain=is_plain) if person is not None else None
    if recipient is not None and swap is not None:
        channel.chats[recipient.person.id] = recipient.chat_id
    return recipient, swap, message


_ending = about_swap(pair=send_ending, circle=send_ending)
_new_status = about_swap(pair=send_new_status, circle=send_circle_news)

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        events.SWAP_PROPOSED: about_swap(pair=send_request, circle=send_invitation),
        events.SWAP_COUNTERED: about_swap(pair=send_counter_offer),
        events.SWAP_ACCEPTED: about_swap(pair=send_yes, circle=send_circle_news),
        events.SWAP_REASON_GIVEN: about_swap(pair=send_reason),
        events.SWAP_REJECTED: _new_status,
        events.SWAP_CANCELLED: about_swap(pair=send_cancelled, circle=send_cancelled),
        events.SWAP_PARTNER_GONE: about_swap(pair=send_partner_gone),
        events.SWAP_EXPIRED: _new_status,
        events.SWAP_COMPLETED: _ending,
        events.SWAP_NOT_HAPPENED: _ending,
        events.SWAP_DISPUTED: _ending,
        events.SWAP_LAPSED: _ending,
        events.SWAP_UNDECIDED: about_swap(pair=send_undecided, circle=send_undecided),
        events.SWAP_ANSWER_SOON: about_swap(pair=send_request_again),
        events.SWAP_UNPLANNED: about_swap(pair=send_nudge, circle=send_nudge),
        events.SWAP_ARRANGED: about_swap(pair=send_arranged, circle=send_arranged),
        events.SWAP_DONE: about_person(send_done),
        events.SESSION_CHANGED: about_session(send_session_change),
        events.SESSION_SOON: about_session(send_reminder),
        events.SESSION_ASKED: about_session(send_session_question),
        events.DISPUTE_OPEN: about_swap(pair=send_dispute, circle=send_dispute),
        events.SWAP_CARD_CHANGED: about_swap(pair=refresh_card, circle=refresh_circle_card),
        events.PARTNER_AWAY: about_swap(pair=send_partner_away, circle=send_partner_away),
        events.PERSON_LEFT: about_swap(pair=forget_name, circle=forget_name),
        events.REVIEW_SOON: about_swap(pair=send_rating_reminder, circle=send_rating_reminder),
        events.REVIEW_REVEALED: about_swap(pair=send_revealed, circle=send_revealed),
        events.UNRELIABLE: about_swap(pair=send_unreliable, circle=send_unreliable),
        events.CIRCLE_SEARCHING: about_swap(circle=send_circle_news),
        events.CIRCLE_POSSIBLE: send_possible_circle,
        events.MESSAGE_SENT: about_message(relay_message),
        events.MESSAGE_EDITED: about_message(rewrite_message),
        events.MESSAGE_DELETED: about_message(remove_message),
        events.MESSAGE_HEADER_CHANGED: about_message(renew_header),
        events.ALERT_FOUND: send_alert,
        events.ALERT_ENDED: send_alert,
        events.LETTER_SENT: send_letter,
    }
)
"""The Telegram message of each event."""

SILENT: Final[frozenset[str]] = frozenset()
"""Events that Telegram sends nothing of: their deliveries are skipped."""


class NotificationSender:
    """Sends one delivery to its recipient."""

    def __init__(self, bot: Bot, services: BotServices, rate_limiter: RateLimiter) -> None:
        self._channel = TelegramChannel(bot, services, rate_limiter)

    @property
    def chats(self) -> dict[str, int]:
        """The chat of each user to whom something of a swap is being sent; the caller removes it afterwards."""
        return self._channel.chats

    async def send(self, delivery: Delivery, *, is_plain: bool = False) -> bool:
        """Send a delivery; False when there is no recipient for it, or nothing to send any more.

        Raises Postponed, KeyError for an event without a handler, and Forbidden for a user who has blocked the bot.
        """
        if delivery.event in SILENT:
            return False
        return await HANDLERS[delivery.event](self._channel, delivery, is_plain=is_plain)
