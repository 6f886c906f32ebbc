"""Letters in Telegram: their text, and the buttons that a kind of letter has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.delivery.telegram_channel import TelegramChannel
from bot.organisers import answer_button
from bot.views.screens import Row, Screen, button
from domain.deliveries import Delivery
from handlers.letters import ANSWERABLE, letter_words, load_letter, note_letter_shown
from handlers.runtime.texts import Texts


def _acknowledge(texts: Texts) -> list[Row]:
    return [[button(texts.plain("standing.acknowledge"), "ack")]]


def _go_on(texts: Texts) -> list[Row]:
    return [[button(texts.plain("button.go_on"), "start", style="primary")]]


ROWS: Final[Mapping[str, Callable[[Texts], list[Row]]]] = {"warned": _acknowledge, "let_in": _go_on}
"""The buttons below a kind of letter; the others have none."""


async def send_letter(channel: TelegramChannel, delivery: Delivery, *, is_plain: bool) -> bool:
    """Send a letter; False when there is no recipient for it."""
    found = await load_letter(channel.deps, delivery)
    recipient = channel.recipient_of(delivery.event, found[0], is_plain=is_plain) if found is not None else None
    if found is None or recipient is None:
        return False
    person, letter = found
    screen = letter_screen(recipient.texts, letter.kind, letter_words(channel.deps, person, letter))
    message = await channel.send(recipient, screen)
    await note_letter_shown(channel.deps, letter, message.message_id)
    return True


def letter_screen(texts: Texts, kind: str, words: Mapping[str, Any]) -> Screen:
    """Return a letter with the buttons of its kind."""
    rows = ROWS[kind](texts) if kind in ROWS else []
    return Screen(texts(f"letter.{kind}", **words), [*rows, *([[answer_button(texts)]] if kind in ANSWERABLE else [])])
