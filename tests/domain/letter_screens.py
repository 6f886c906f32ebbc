"""Letters of every kind that has a text, as Telegram and mail show them."""

from __future__ import annotations

from bot.delivery.letter_notifications import letter_screen
from bot.views.screens import Screen
from domain.users import User
from handlers.runtime.texts import Texts, load_texts
from mail.notices import Notice, letter_notice

KINDS = sorted(load_texts()["en"].templates("letter."))
WORDS = {"reason": "Spam & <b>more</b>", "until": "May 1", "name": "Ben & Bo", "text": "Hello", "n": 2}


def letter_screens(texts: Texts, event: str) -> list[Screen]:
    return [letter_screen(texts, kind, WORDS) for kind in KINDS]


def letter_notices(person: User, event: str) -> list[Notice]:
    return [letter_notice(load_texts()[person.locale], kind, WORDS) for kind in KINDS]
