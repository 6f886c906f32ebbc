"""Every screen in Telegram on which somebody else is shown leads to Block and Report: cards, requests, conversations,
sessions."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from telegram import InlineKeyboardButton

from bot.matches import match_card
from bot.views.circle_cards import circle_card, confirm_leave_screen
from bot.views.screens import Screen
from bot.views.swap_cards import confirm_end_screen, swap_card
from domain import events
from domain.circles import decline, end
from domain.matches import match_between
from domain.swaps import OVER
from handlers.runtime.texts import Texts, load_texts
from tests.domain.event_swaps import ADA, AT, BEN, NOOR, answered, circle, closed_circle, countered, pair, seen
from tests.domain.rating_screens import rating_screens
from tests.domain.session_screens import endings, nudges, questions, reminders, session_screens
from tests.domain.test_events import reasons, status_screens

TOWARDS_ONE = re.compile(
    r"s:\w+:\d+:(accept|reject|counter|chat|cancel|end|end!|again)(:|$)"
    r"|ci:\w+:\d+:(join|decline|chat|leave|leave!)$"
    r"|se:\w+:\w+:(agree|off|there|yes|held|no|hand)(:|$)"
    r"|m:\w+:ask$|rv:\w+:reply$"
)
"""Data of buttons that do something with one other person, or with the two of a circle."""
BACK_TO_CARD = re.compile(r"(s|ci|se):.+:show(:|$)")
BLOCK = re.compile(r"block:\w+$|bs:\w+:(you_learn|you_teach)$")
REPORT = re.compile(r"rp:[ps]:\w+:\w*$|rp:r:\w+:\w+$|rp:c:(you_learn|you_teach):\w+$")
BOTH = pytest.mark.parametrize("wanted", [BLOCK, REPORT], ids=["block", "report"])
STATUS_EVENTS = (events.SWAP_ACCEPTED, events.SWAP_REJECTED, events.SWAP_CANCELLED, events.SWAP_EXPIRED)


def keys(screen: Screen) -> list[InlineKeyboardButton]:
    return [key for row in screen.rows for key in row]


def has(screen: Screen, data: re.Pattern[str]) -> bool:
    return any(data.match(str(key.callback_data or "")) for key in keys(screen))


def pair_cards(texts: Texts) -> list[Screen]:
    swaps = (pair(), countered(), *map(answered, ("accepted", *OVER)))
    both = ((ADA, BEN), (BEN, ADA))
    return [
        swap_card(texts, swap, me, you, at=at, is_in_list=is_in_list)
        for swap in swaps
        for me, you in both
        for at in (AT, None)
        for is_in_list in (True, False)
    ]


def circle_cards(texts: Texts) -> list[Screen]:
    views = (
        seen(circle(), BEN),
        seen(circle()),
        seen(decline(circle(), by=NOOR.id, at=AT)),
        seen(closed_circle()),
        seen(end(closed_circle(), by=BEN.id, at=AT)),
    )
    return [circle_card(texts, view, at=AT) for view in views]


def person_cards(texts: Texts) -> list[Screen]:
    teacher = replace(BEN, skills_wanted=("Python",))
    match = match_between(replace(ADA, skills_wanted=("Guitar",)), teacher, at=AT, online=frozenset())
    return [match_card(texts, ADA, match, AT, is_in_deck=is_in_deck) for is_in_deck in (True, False)]


def other_screens(texts: Texts) -> list[Screen]:
    """Every screen that notifies about swaps, sessions and ratings, and what their buttons ask."""
    told = [screen for event in STATUS_EVENTS for screen in status_screens(texts, event)]
    ended = [screen for event in (events.SWAP_COMPLETED, events.SWAP_LAPSED) for screen in endings(texts, event)]
    asked = [ask(texts, "") for ask in (session_screens, reminders, questions, nudges, rating_screens)]
    return [*told, *ended, *reasons(texts), *(screen for screens in asked for screen in screens)]


@BOTH
def test_every_card_of_a_person_a_pair_or_a_circle_has_block_and_report(wanted: re.Pattern[str]) -> None:
    texts = load_texts()["en"]
    cards = [*person_cards(texts), *pair_cards(texts), *circle_cards(texts)]
    cards += [
        confirm_end_screen(texts, answered("accepted"), BEN, is_in_list=True),
        confirm_leave_screen(texts, seen(closed_circle())),
    ]
    for card in cards:
        assert has(card, wanted), card.text


@BOTH
def test_a_card_of_somebody_who_has_left_has_no_block_and_no_report(wanted: re.Pattern[str]) -> None:
    texts = load_texts()["en"]
    assert not has(swap_card(texts, answered("accepted"), ADA, None, at=AT), wanted)


@BOTH
def test_every_screen_that_acts_on_one_person_has_both_or_leads_back_to_a_card_that_has_them(
    wanted: re.Pattern[str],
) -> None:
    screens = [one for one in other_screens(load_texts()["en"]) if has(one, TOWARDS_ONE) and not has(one, BACK_TO_CARD)]
    assert len(screens) > 50
    for screen in screens:
        assert has(screen, wanted), screen.text


def test_in_a_circle_block_says_whom_it_means() -> None:
    texts = load_texts()["en"]
    for view in (seen(circle(), BEN), seen(closed_circle(), BEN)):
        labels = [key.text for key in keys(circle_card(texts, view, at=AT)) if BLOCK.match(str(key.callback_data))]
        assert labels == ["🚫 Block Ada", "🚫 Block Noor"]
