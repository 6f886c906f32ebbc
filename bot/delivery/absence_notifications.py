"""The end of a swap because the other one is not here any more, in Telegram: neutral, and with no word of why."""

from __future__ import annotations

from bot.delivery.session_notifications import refresh_any_card, send_named
from bot.delivery.telegram_channel import Recipient, TelegramChannel
from bot.views.screens import Screen
from bot.views.swap_cards import card_of, name_of, pair_line, partner_in
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.texts import Texts


async def send_partner_gone(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the card up to date and say that the other one is not here; who never saw a request hears nothing."""
    await refresh_any_card(channel, recipient, swap, event)
    person = recipient.person
    was_asked = swap.has_run or person.id == swap.author or card_of(swap, person.id) is not None
    if not swap.end_reason or not was_asked:
        return False
    partner = await partner_in(channel.deps, swap, person.id)
    await send_named(channel, recipient, swap, partner_gone_screen(recipient.texts, swap, person, partner))
    return True


def partner_gone_screen(texts: Texts, swap: Swap, person: User, partner: User | None) -> Screen:
    key = f"{swap.end_reason}.{'swap' if swap.has_run else 'request'}"
    return Screen(texts(f"swap.told.{key}", name=name_of(texts, partner), pair=pair_line(texts, swap, person.id)))
