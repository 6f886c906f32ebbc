"""What each event looks like to the person who is told: the notifier claims and retries, here it is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from telegram import Bot, Message
from telegram.error import Forbidden

from bot.alerts import alert_screen
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.message_parts import Part, compose, remove_copy, rewrite_part, send_part
from bot.delivery.sound_throttle import SoundThrottle
from bot.updates.context import BotServices
from bot.views.circle_cards import circle_card, circle_news, possible_card
from bot.views.screens import NO_PREVIEW, Row, Screen, button, send_screen
from bot.views.swap_cards import (
    card_of,
    edit_card,
    keep_card,
    name_of,
    names_in,
    pair_line,
    partner_in,
    swap_button,
    swap_card,
    swap_label,
    was_running,
    without_markup,
)
from domain.alerts import ENDED, FOUND
from domain.circle_news import POSSIBLE_NOW
from domain.deliveries import PARTNER_AWAY, Delivery
from domain.messages import Message as SwapMessage
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PENDING, REJECTED, Swap
from domain.users import BANNED, DELETED, User
from handlers.alerts import load_alert_news
from handlers.circle_news import load_circle_notification
from handlers.circles import view_circle
from handlers.dialogs import offer_conversation
from handlers.notifications import find_copy, load_subject, remember_copy
from handlers.presence import hold_back
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people

_ANSWERED = {f"swap.{status}": status for status in (ACCEPTED, REJECTED, CANCELLED, EXPIRED)}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told, and how: `is_plain` after Telegram has refused the markup or the photo."""

    person: User
    chat_id: int
    texts: Texts
    is_plain: bool

    @property
    def is_silent(self) -> bool:
        return not self.person.notifications


class Postponed(Exception):
    """Not to be told yet: the person may be about to read it on the web. Look again in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class NotificationSender:
    """Says one delivery to its person."""

    def __init__(self, bot: Bot, services: BotServices, rate_limiter: RateLimiter) -> None:
        self._bot = bot
        self._services = services
        self._rate_limiter = rate_limiter
        self._sound_throttle = SoundThrottle()
        self.chats: dict[str, int] = {}
        """Person -> the chat where they are being told something; whoever has told them takes it out."""

    @property
    def _deps(self) -> Deps:
        return self._services.deps

    async def tell(self, delivery: Delivery, *, is_plain: bool = False) -> bool:
        """False when there is nobody, or nothing any more, to tell. Raises Forbidden for who has blocked the bot."""
        if delivery.event in (FOUND, ENDED):
            return await self._alert(delivery, is_plain=is_plain)
        if delivery.event == POSSIBLE_NOW:
            return await self._circle_telling(delivery, is_plain=is_plain)
        person, swap, message = await load_subject(self._deps, delivery)
        recipient = self._recipient(person, is_plain=is_plain) if person is not None else None
        if person is None or swap is None or recipient is None:
            return False
        self.chats[person.id] = recipient.chat_id
        if delivery.event == "message.sent":
            return message is not None and await self._relay(recipient, swap, message)
        if delivery.event == "message.edited":
            return message is not None and await self._rewrite(recipient, swap, message)
        if delivery.event == "message.deleted":
            return message is not None and await self._take_back(recipient, message)
        if delivery.event == PARTNER_AWAY:
            return await self._say_who_is_away(recipient, swap)
        if swap.circle is not None:
            return await self._tell_of_circle(recipient, swap, delivery.event)
        if delivery.event == "swap.proposed":
            return await self._ask(recipient, swap)
        if delivery.event in _ANSWERED:
            return await self._answer(recipient, swap, _ANSWERED[delivery.event])
        return await self._refresh_card(recipient, swap)

    async def _alert(self, delivery: Delivery, *, is_plain: bool) -> bool:
        news = await load_alert_news(self._deps, delivery)
        recipient = self._recipient(news.person, is_plain=is_plain) if news is not None else None
        if news is None or recipient is None:
            return False
        await self._send(recipient, alert_screen(recipient.texts, delivery.event, news))
        return True

    async def _circle_telling(self, delivery: Delivery, *, is_plain: bool) -> bool:
        telling = await load_circle_notification(self._deps, delivery)
        recipient = self._recipient(telling.person, is_plain=is_plain) if telling is not None else None
        if telling is None or recipient is None:
            return False
        await self._send(recipient, possible_card(recipient.texts, telling.view))
        return True

    def _recipient(self, person: User, *, is_plain: bool) -> Recipient | None:
        """None for who is not to be told anything any more. Raises Forbidden for who has blocked the bot."""
        if person.telegram_id is None or person.status in (DELETED, BANNED):
            return None
        if not person.telegram_reachable:
            raise Forbidden("blocked before")  # Telegram would say so again
        return Recipient(person, person.telegram_id, self._deps.texts[person.locale], is_plain)

    async def _relay(self, recipient: Recipient, swap: Swap, message: SwapMessage) -> bool:
        """Send a message on; of what a cut-off try has sent already, nothing a second time."""
        if message.from_user_id == recipient.person.id or not (message.message or message.photo_url):
            return False
        wait = (
            await hold_back(self._deps, recipient.person, message)
            if not message.copies_of(recipient.person.id)
            else None
        )
        if wait is not None:
            if wait:
                raise Postponed(wait.total_seconds())
            return False
        parts = await self._parts(recipient, swap, message)
        for number, part in enumerate(parts):
            if number >= len(message.copies_of(recipient.person.id)):
                await self._send_part(recipient, message, part, is_first=number == 0)
        return True

    async def _rewrite(self, recipient: Recipient, swap: Swap, message: SwapMessage) -> bool:
        """Bring what stands in the person's chat up to date. What has not been sent yet goes out as it reads now."""
        copies = message.copies_of(recipient.person.id)
        if not copies or message.deleted_at is not None:
            return False
        parts = await self._parts(recipient, swap, message)
        for part, copy in zip(parts, copies, strict=False):
            await rewrite_part(self._bot, copy, part)
        for part in parts[len(copies) :]:
            await self._send_part(recipient, message, part, is_first=False)
        for copy in copies[len(parts) :]:
            await remove_copy(self._bot, copy, recipient.texts.plain("chat.was_shortened"))
        return True

    async def _take_back(self, recipient: Recipient, message: SwapMessage) -> bool:
        """Take the words out of the person's chat: a relayed copy, or what they wrote there themselves."""
        copies = message.copies_of(recipient.person.id)
        for copy in copies:
            await remove_copy(self._bot, copy, recipient.texts.plain("chat.was_taken_back"))
        return bool(copies)

    async def _parts(self, recipient: Recipient, swap: Swap, message: SwapMessage) -> list[Part]:
        speaker = (await get_people(self._deps, (message.from_user_id,))).get(message.from_user_id)
        return compose(
            swap_label(recipient.texts, swap, recipient.person.id, speaker), message.message, message.photo_url
        )

    async def _send_part(self, recipient: Recipient, message: SwapMessage, part: Part, *, is_first: bool) -> None:
        reply_to = await find_copy(self._deps, message, recipient.person.id) if is_first and message.reply_to else None
        rings = not recipient.is_silent and self._sound_throttle.may_ring(recipient.person.id, message.swap_id)
        await self._rate_limiter.wait(recipient.chat_id)
        sent = await send_part(
            self._bot,
            self._deps,
            recipient.chat_id,
            part,
            is_silent=not rings,
            is_plain=recipient.is_plain,
            reply_to=reply_to,
        )
        if rings:
            self._sound_throttle.has_rung(recipient.person.id, message.swap_id)
        await remember_copy(self._deps, message.id, recipient.person.id, recipient.chat_id, sent.message_id)

    async def _ask(self, recipient: Recipient, swap: Swap) -> bool:
        """A request comes as a card with its buttons."""
        if swap.status != PENDING:
            return False
        if card_of(swap, recipient.person.id) is not None:  # sent by a try that was cut off
            return await self._refresh_card(recipient, swap)
        message = await self._send(recipient, await self._card(recipient, swap))
        await keep_card(self._deps, swap, recipient.person, message)
        return True

    async def _tell_of_circle(self, recipient: Recipient, swap: Swap, event: str) -> bool:
        """A circle comes as a card; after that the card changes, and what is news is said as well."""
        view = await view_circle(self._deps, swap, recipient.person.id)
        if view is None:
            return False
        card, screen = card_of(swap, recipient.person.id), circle_card(recipient.texts, view, at=self._deps.now())
        if card is not None:
            await self._rate_limiter.wait(card.chat_id)
            await edit_card(self._bot, card.chat_id, card.message_id, screen)
        elif event == "swap.proposed" and "join" in view.can:
            await keep_card(self._deps, swap, recipient.person, await self._send(recipient, screen))
            return True
        news = circle_news(recipient.texts, view, event)
        if news is None:
            return card is not None
        if view.status == ACCEPTED and await offer_conversation(self._deps, recipient.person, swap.id):
            names = await names_in(self._deps, recipient.texts, swap, recipient.person.id)
            talking = recipient.texts("chat.talking", name=names, pair=pair_line(swap, recipient.person.id))
            news = Screen(f"{news.text}\n\n{talking}")
        await self._send(recipient, news)
        return True

    async def _refresh_card(self, recipient: Recipient, swap: Swap) -> bool:
        """Bring the person's card of the swap up to date, if they have one."""
        card = card_of(swap, recipient.person.id)
        if card is None:
            return False
        return await edit_card(self._bot, card.chat_id, card.message_id, await self._card(recipient, swap))

    async def _card(self, recipient: Recipient, swap: Swap) -> Screen:
        return swap_card(
            recipient.texts, swap, recipient.person, await partner_in(self._deps, swap, recipient.person.id)
        )

    async def _answer(self, recipient: Recipient, swap: Swap, status: str) -> bool:
        """The card changes, and a message says so: if that is still how things stand."""
        await self._refresh_card(recipient, swap)
        if swap.status != status or _was_never_asked(swap, recipient.person):
            return False
        await self._send(recipient, await self._news(recipient, swap))
        return True

    async def _say_who_is_away(self, recipient: Recipient, swap: Swap) -> bool:
        """Somebody whom Telegram does not let us reach: kindly, and only if that is still how it is."""
        away = [person for person in swap.away if person in swap.others(recipient.person.id)]
        if not away or not swap.is_open:
            return False
        people = await get_people(self._deps, tuple(away))
        for person_id in away:
            text = recipient.texts("swap.told.partner_away", name=name_of(recipient.texts, people.get(person_id)))
            await self._send(recipient, Screen(text), is_silent=True)
        return True

    async def _news(self, recipient: Recipient, swap: Swap) -> Screen:
        texts, person = recipient.texts, recipient.person
        partner = await partner_in(self._deps, swap, person.id)
        words = {
            "name": name_of(texts, partner),
            "pair": pair_line(swap, person.id),
            "learns": swap.learnt_by(person.id),
            "teaches": swap.taught_by(person.id),
        }
        text = texts(f"swap.told.{_news_key(swap, person)}", **words)
        if swap.status == ACCEPTED:
            if await offer_conversation(self._deps, person, swap.id):
                return Screen(f"{text}\n\n{texts('chat.talking', **words)}")
            talk = swap_button(texts.plain("chat.talk_to", **words), swap, "chat", style="primary")
            return Screen(text, [[talk]])
        rows: list[Row] = []
        if person.id == swap.from_user_id and swap.status in (REJECTED, EXPIRED):
            rows = [[button(texts.plain("swap.told.next_match"), "match")]]
        return Screen(text, rows)

    async def _send(self, recipient: Recipient, screen: Screen, *, is_silent: bool = False) -> Message:
        await self._rate_limiter.wait(recipient.chat_id)
        if not recipient.is_plain:
            return await send_screen(
                self._bot, self._deps, recipient.chat_id, screen, is_silent=recipient.is_silent or is_silent
            )
        bare = replace(screen, text=without_markup(screen.text), photo_url=None)
        return await self._bot.send_message(
            recipient.chat_id,
            bare.text,
            reply_markup=bare.keyboard,
            link_preview_options=NO_PREVIEW,
            disable_notification=recipient.is_silent or is_silent,
        )


def _was_never_asked(swap: Swap, person: User) -> bool:
    """A request taken back before its card came is no news: there is nothing to take back."""
    is_withdrawn = swap.status == CANCELLED and not was_running(swap)
    return is_withdrawn and person.id != swap.from_user_id and card_of(swap, person.id) is None


def _news_key(swap: Swap, person: User) -> str:
    if swap.status == CANCELLED:
        return "ended" if was_running(swap) else "withdrawn"
    if swap.status == EXPIRED:
        return "expired_mine" if person.id == swap.from_user_id else "expired_theirs"
    return swap.status
