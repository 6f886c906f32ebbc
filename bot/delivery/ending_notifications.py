"""Notifications of how a swap or circle has ended, of a request that waits, and of a dispute for the moderators.

Each function returns False when there is nothing to send to the recipient, or nothing any more.
"""

from __future__ import annotations

from dataclasses import replace

from bot.delivery.circle_notifications import send_circle_news
from bot.delivery.session_notifications import refresh_any_card, send_named
from bot.delivery.swap_notifications import card_screen, send_new_status
from bot.delivery.telegram_channel import Recipient, TelegramChannel
from bot.views.dispute_cards import ending_screen
from bot.views.rating_cards import rated_name
from bot.views.swap_cards import keep_card, names_in, partner_in, retire_card
from domain.events import status_of_event
from domain.outcomes import is_in_dispute
from domain.staff_cards import DISPUTE
from domain.swaps import PENDING, Swap
from handlers.staff_cards import make_staff_card


async def send_ending(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the card up to date and say how the swap has ended, if that is still so."""
    await refresh_any_card(channel, recipient, swap, event)
    if swap.status != status_of_event(event) or recipient.person.id not in swap.participants:
        return False
    return await _send_ending(channel, recipient, swap)


async def send_undecided(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the card up to date and say that the moderators have not decided in time."""
    await refresh_any_card(channel, recipient, swap, event)
    if swap.plan.undecided_at is None or recipient.person.id not in swap.participants:
        return False
    return await _send_ending(channel, recipient, swap)


async def _send_ending(channel: TelegramChannel, recipient: Recipient, swap: Swap) -> bool:
    names = await names_in(channel.deps, recipient.texts, swap, recipient.person.id)
    rated = await rated_name(channel.deps, recipient.texts, swap, recipient.person.id)
    await send_named(channel, recipient, swap, ending_screen(recipient.texts, swap, recipient.person, names, rated))
    return True


async def send_cancelled(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Say that a request was taken back, a running swap ended, or what the moderators have decided."""
    if swap.plan.decision:
        return await send_ending(channel, recipient, swap, event)
    send = send_new_status if swap.circle is None else send_circle_news
    return await send(channel, recipient, swap, event)


async def send_request_again(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Send the card of a request that still waits for the recipient's answer once more, below a word about that."""
    person, texts = recipient.person, recipient.texts
    if swap.status != PENDING or swap.answerer != person.id:
        return False
    partner = await partner_in(channel.deps, swap, person.id)
    if partner is None:
        return False
    card = await card_screen(channel, recipient, swap)
    nudge = texts("session.nudge.answer", name=partner.name)
    await retire_card(channel.bot, texts, swap, person, has_changed=False)
    message = await channel.send(recipient, replace(card, text=f"{nudge}\n\n{card.text}"))
    await keep_card(channel.deps, swap, person, message)
    return True


async def send_dispute(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Have the card of a dispute written for the moderators, unless it has been decided."""
    if not is_in_dispute(swap, channel.deps.now()) or not recipient.person.is_moderator:
        return False
    await make_staff_card(channel.deps, DISPUTE, swap.id)
    return True
