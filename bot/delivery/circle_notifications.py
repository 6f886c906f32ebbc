"""Notifications about a circle of three: the card with its buttons, and the messages beside it.

Each function returns False when there is nothing to send to the recipient, or nothing any more.
"""

from __future__ import annotations

from bot.delivery.telegram_channel import Recipient, TelegramChannel
from bot.views.circle_cards import circle_card, circle_news, possible_card
from bot.views.reports import seat_safety_rows
from bot.views.screens import Screen
from bot.views.session_lines import session_lines
from bot.views.swap_cards import card_of, edit_card, keep_card, my_swaps_button, names_in, pair_line
from domain.circle_views import CircleView
from domain.deliveries import Delivery
from domain.swaps import ACCEPTED, Swap
from handlers.circle_news import load_circle_notification
from handlers.circles import view_circle
from handlers.dialogs import note_receiver, offer_conversation
from handlers.notifications import remember_line
from handlers.request_facts import circle_facts
from handlers.users import get_people


async def send_invitation(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Send a circle as a card with its buttons, if the recipient can still join it."""
    if card_of(swap, recipient.person.id) is not None:  # sent by an attempt that was cut off
        return await refresh_circle_card(channel, recipient, swap, event)
    view = await view_circle(channel.deps, swap, recipient.person.id)
    if view is None or "join" not in view.can:
        return False
    message = await channel.send(recipient, await _card(channel, recipient, swap, view))
    await keep_card(channel.deps, swap, recipient.person, message)
    return True


async def send_circle_news(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the card up to date and send the news beside it, if the circle is still as the event left it."""
    view = await view_circle(channel.deps, swap, recipient.person.id)
    if view is None:
        return False
    has_card = await _edit_circle_card(channel, recipient, swap, view)
    news = circle_news(recipient.texts, view, event)
    if news is None:
        return has_card
    is_talking = view.status == ACCEPTED and await offer_conversation(channel.deps, recipient.person, swap.id)
    if is_talking:
        names = await names_in(channel.deps, recipient.texts, swap, recipient.person.id)
        pair = pair_line(recipient.texts, swap, recipient.person.id)
        talking = recipient.texts("chat.talking", name=names, pair=pair)
        rows = [
            [my_swaps_button(recipient.texts, swap)],
            *seat_safety_rows(recipient.texts, view),
        ]
        news = Screen(f"{news.text}\n\n{talking}", rows)
    sent = await channel.send(recipient, news)
    if view.status == ACCEPTED:
        await remember_line(channel.deps, recipient.person.id, recipient.chat_id, sent.message_id, swap.id)
    if is_talking:
        await note_receiver(channel.deps, recipient.chat_id, swap.id, sent.message_id)
    return True


async def refresh_circle_card(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the recipient's card of the circle up to date, if they have one."""
    view = await view_circle(channel.deps, swap, recipient.person.id)
    return view is not None and await _edit_circle_card(channel, recipient, swap, view)


async def send_possible_circle(channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool:
    """Send the best of the circles that have become possible, if one of them still is."""
    news = await load_circle_notification(channel.deps, delivery)
    recipient = channel.recipient_of(delivery.event, news.person, is_plain=is_plain) if news is not None else None
    if news is None or recipient is None:
        return False
    await channel.send(recipient, possible_card(recipient.texts, news.view))
    return True


async def _edit_circle_card(channel: TelegramChannel, recipient: Recipient, swap: Swap, view: CircleView) -> bool:
    """Return whether the recipient has a card, even one that can no longer be edited."""
    card = card_of(swap, recipient.person.id)
    if card is None:
        return False
    await channel.rate_limiter.wait(card.chat_id)
    await edit_card(channel.bot, card.chat_id, card.message_id, await _card(channel, recipient, swap, view))
    return True


async def circle_card_screen(channel: TelegramChannel, recipient: Recipient, swap: Swap) -> Screen | None:
    """Return the recipient's card of a circle as it stands now; None when it is not theirs."""
    view = await view_circle(channel.deps, swap, recipient.person.id)
    return await _card(channel, recipient, swap, view) if view is not None else None


async def _card(channel: TelegramChannel, recipient: Recipient, swap: Swap, view: CircleView) -> Screen:
    facts, now = circle_facts(recipient.texts, recipient.person, view), channel.deps.now()
    people = await get_people(channel.deps, swap.others(recipient.person.id)) if swap.status == ACCEPTED else {}
    names = {user_id: person.name for user_id, person in people.items()}
    planned = session_lines(recipient.texts, swap, recipient.person, names, at=now)
    return circle_card(recipient.texts, view, at=now, facts=facts, planned=planned)
