"""The Telegram channel as every notification uses it: recipients, screens, and the limits of a chat."""

from __future__ import annotations

from dataclasses import dataclass, replace

from telegram import Bot, Message
from telegram.error import Forbidden

from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.sound_throttle import SoundThrottle
from bot.updates.context import BotServices
from bot.views.lengths import without_markup
from bot.views.screens import NO_PREVIEW, Screen, send_screen
from domain.deliveries import is_notified
from domain.events import event_kind
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts


@dataclass(frozen=True, slots=True)
class Recipient:
    """A user to notify of one event, and the form that the notification takes.

    `is_silent`: it makes no sound. `is_plain`: it goes without markup and photo, which Telegram has refused.
    """

    person: User
    chat_id: int
    texts: Texts
    is_silent: bool
    is_plain: bool


class Postponed(Exception):
    """Raised when a notification is not to be sent yet; `seconds` says when to look again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class TelegramChannel:
    """The bot with its operations and limits; `send` is the one way of a screen into a chat."""

    def __init__(self, bot: Bot, services: BotServices, rate_limiter: RateLimiter) -> None:
        self.bot = bot
        self.deps: Deps = services.deps
        self.rate_limiter = rate_limiter
        self.sound_throttle = SoundThrottle()
        self.chats: dict[str, int] = {}
        """User id -> the chat to which something of a swap is being sent."""

    def recipient_of(self, event: str, person: User, *, is_plain: bool) -> Recipient | None:
        """Return the user as the recipient of an event; None for a user who is no longer notified.

        Raises Forbidden for a user who has blocked the bot.
        """
        if person.telegram_id is None or not is_notified(person, event):
            return None
        if not person.telegram_reachable:
            raise Forbidden("blocked before")  # Telegram would say so again
        is_silent = not person.notifications or not event_kind(event).rings
        return Recipient(person, person.telegram_id, self.deps.texts[person.locale], is_silent, is_plain)

    async def send(self, recipient: Recipient, screen: Screen) -> Message:
        """Send a screen as a new message, as soon as the limits of the chat allow it."""
        await self.rate_limiter.wait(recipient.chat_id)
        if not recipient.is_plain:
            return await send_screen(self.bot, self.deps, recipient.chat_id, screen, is_silent=recipient.is_silent)
        bare = replace(screen, text=without_markup(screen.text), photo_url=None)
        return await self.bot.send_message(
            recipient.chat_id,
            bare.text,
            reply_markup=bare.keyboard,
            link_preview_options=NO_PREVIEW,
            disable_notification=recipient.is_silent,
        )
