"""Notifications about an alert: that it has found people, or has ended."""

from __future__ import annotations

from bot.alerts import alert_screen
from bot.delivery.telegram_channel import TelegramChannel
from domain.deliveries import Delivery
from handlers.alerts import load_alert_news


async def send_alert(channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool:
    """Send what the alert has found, or that it has ended; False when there is no recipient or no news any more."""
    news = await load_alert_news(channel.deps, delivery)
    recipient = channel.recipient_of(delivery.event, news.person, is_plain=is_plain) if news is not None else None
    if news is None or recipient is None:
        return False
    await channel.send(recipient, alert_screen(recipient.texts, delivery.event, news))
    return True
