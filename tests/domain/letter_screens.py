"""Letters of every kind that has a text, and the news that a partner is not here any more, in Telegram and by mail."""

from __future__ import annotations

from bot.delivery.absence_notifications import partner_gone_screen
from bot.delivery.letter_notifications import letter_screen
from bot.views.screens import Screen
from domain.outcomes import taken_apart
from domain.swaps import PARTNER_GONE, PARTNER_RESTS
from domain.users import User
from handlers.runtime.texts import Texts, load_texts
from mail.notices import Notice, letter_notice, worded_notice
from tests.domain.event_swaps import ADA, AT, BEN, answered, pair

KINDS = sorted(load_texts()["en"].templates("letter."))
WORDS = {
    "reason": "Spam & <b>more</b>",
    "until": "May 1",
    "name": "Ben & Bo",
    "text": "Hello",
    "n": 2,
    "community": "Harbour",
    "link": "https://t.me/+abc",
}


def letter_screens(texts: Texts, event: str) -> list[Screen]:
    return [letter_screen(texts, kind, WORDS) for kind in KINDS]


def letter_notices(person: User, event: str) -> list[Notice]:
    return [letter_notice(load_texts()[person.locale], kind, WORDS) for kind in KINDS]


def absence_screens(texts: Texts, event: str) -> list[Screen]:
    swaps = [
        taken_apart(swap, reason=reason, at=AT)
        for swap in (pair(), answered("accepted"))
        for reason in (PARTNER_GONE, PARTNER_RESTS)
    ]
    return [partner_gone_screen(texts, swap, ADA, partner) for swap in swaps for partner in (BEN, None)]


def absence_notices(person: User, event: str) -> list[Notice]:
    return [
        worded_notice(load_texts()[person.locale], reason, name="Ben & Bo") for reason in (PARTNER_GONE, PARTNER_RESTS)
    ]
