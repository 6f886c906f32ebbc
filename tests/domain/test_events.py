"""The table of events: complete in each channel, worded in each language, and the only place that names an event."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import alert_screen
from bot.delivery import notification_sender
from bot.delivery.swap_notifications import new_status_screen, partner_away_screen, reason_screen
from bot.views.circle_cards import circle_card, circle_news, possible_card
from bot.views.screens import Screen
from bot.views.swap_cards import message_header, swap_card
from domain import events
from domain.alerts import Alert
from domain.circle_views import POSSIBLE
from domain.circles import decline, end
from domain.declines import REASONS
from domain.declines import decline as decline_request
from domain.deliveries import MAIL, TELEGRAM, deliveries_for, wants_mail
from domain.events import EVENTS, EventKind, event_of_status, status_of_event
from domain.languages import LOCALES
from domain.messages import Message
from domain.swaps import CANCELLED, EXPIRED, OVER, PENDING, PROPOSED
from domain.users import User
from handlers.alerts import AlertNews
from handlers.runtime.texts import Texts, load_texts
from mail import notifications as mail_notifications
from mail.notices import (
    Notice,
    alert_notice,
    answer_notice,
    circle_notice,
    request_notice,
    unread_notice,
    worded_notice,
)
from tests.domain.event_swaps import ADA, AT, BEN, NOOR, answered, circle, closed_circle, countered, pair, seen
from tests.domain.letter_screens import absence_notices, absence_screens, letter_notices, letter_screens
from tests.domain.rating_screens import RATING_MAILS, rating_screens
from tests.domain.session_mails import said_about, session_notices
from tests.domain.session_screens import (
    decided,
    dispute_screens,
    endings,
    nudges,
    questions,
    reminders,
    session_screens,
)
from tests.storage.test_locales import parsed

ROOT = Path(__file__).parent.parent.parent
NAMES_OF_EVENTS = {
    name for name, value in vars(events).items() if name.isupper() and isinstance(value, str) and "." in value
}
EVENT_ARGUMENT = {"deliveries_to": 2, "deliveries_for": 1}
"""The functions that build deliveries, and which of their arguments is the event."""

# ---- the table ----------------------------------------------------------------------------------------------------


def test_every_event_stands_under_its_own_name() -> None:
    assert {getattr(events, name) for name in NAMES_OF_EVENTS} == set(EVENTS)
    assert all(kind.name == name for name, kind in EVENTS.items())


def test_stored_names_and_delays_of_mail_stay() -> None:
    assert {name: kind.mail_after for name, kind in EVENTS.items()} == {
        "swap.proposed": timedelta(seconds=30),
        "swap.countered": timedelta(seconds=30),
        "swap.reason_given": None,
        "swap.accepted": timedelta(seconds=30),
        "swap.rejected": timedelta(seconds=30),
        "swap.cancelled": None,
        "swap.expired": None,
        "swap.completed": timedelta(seconds=30),
        "swap.not_happened": timedelta(seconds=30),
        "swap.disputed": timedelta(seconds=30),
        "swap.lapsed": timedelta(seconds=30),
        "swap.undecided": timedelta(seconds=30),
        "swap.answer_soon": timedelta(0),
        "swap.unplanned": timedelta(0),
        "swap.arranged": None,
        "swap.done": None,
        "session.changed": timedelta(seconds=30),
        "session.soon": timedelta(0),
        "session.asked": timedelta(0),
        "dispute.open": timedelta(0),
        "review.soon": timedelta(0),
        "review.revealed": timedelta(0),
        "user.unreliable": timedelta(0),
        "swap.card": None,
        "swap.partner_away": None,
        "swap.person_left": None,
        "message.sent": timedelta(minutes=5),
        "message.edited": None,
        "message.deleted": None,
        "message.header": None,
        "circle.searching": None,
        "circle.possible": timedelta(seconds=30),
        "alert.found": timedelta(0),
        "alert.ended": timedelta(0),
        "letter.sent": timedelta(0),
        "swap.partner_gone": timedelta(seconds=30),
    }


def test_only_requests_offers_sessions_and_messages_await_an_answer() -> None:
    assert {kind.name for kind in EVENTS.values() if kind.is_answer_awaited} == {
        "swap.proposed",
        "swap.countered",
        "session.changed",
        "message.sent",
    }


def test_cards_reasons_deletions_and_absences_make_no_sound() -> None:
    assert {kind.name for kind in EVENTS.values() if not kind.rings} == {
        "swap.arranged",
        "swap.card",
        "swap.reason_given",
        "swap.partner_away",
        "swap.person_left",
        "message.deleted",
        "message.header",
    }


def test_a_delivery_of_an_unknown_event_cannot_be_built() -> None:
    with pytest.raises(ValueError, match=r"swap\.acepted"):
        deliveries_for([replace(ADA, telegram_id=1)], "swap.acepted", AT)
    with pytest.raises(ValueError, match=r"swap\.acepted"):
        deliveries_for([], "swap.acepted", AT)
    assert not wants_mail(ADA, "swap.acepted")


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.name)
def test_a_delivery_goes_through_telegram_or_else_by_mail_when_it_is_due(kind: EventKind) -> None:
    (one,) = deliveries_for([replace(ADA, telegram_id=1)], kind.name, AT, has_mail=True)
    assert (one.channel, one.due_at) == (TELEGRAM, AT)
    mailed = [(one.channel, one.due_at) for one in deliveries_for([ADA], kind.name, AT, has_mail=True)]
    assert mailed == ([(MAIL, AT + kind.mail_after)] if kind.mail_after is not None else [])


def test_every_end_and_answer_has_its_event_and_no_other_status_has() -> None:
    for status in ("accepted", *OVER):
        assert event_of_status(status) == f"swap.{status}"
        assert status_of_event(f"swap.{status}") == status
    for status in (PENDING, PROPOSED):
        with pytest.raises(ValueError, match=status):
            event_of_status(status)
    with pytest.raises(ValueError, match=r"swap\.card"):
        status_of_event(events.SWAP_CARD_CHANGED)


# ---- the channels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [notification_sender, mail_notifications], ids=["telegram", "mail"])
def test_every_event_is_handled_or_named_as_silent(channel: Any) -> None:
    assert set(channel.HANDLERS) | channel.SILENT == set(EVENTS)
    assert not set(channel.HANDLERS) & channel.SILENT


def test_mail_handles_exactly_the_events_that_are_mailed() -> None:
    assert set(mail_notifications.HANDLERS) == {kind.name for kind in EVENTS.values() if kind.mail_after is not None}


ALERT = Alert("f" * 24, ADA.id, "guitar", "Guitar", AT, AT)


def alert_screens(texts: Texts, event: str, teachers: int = 0) -> list[Screen]:
    return [alert_screen(texts, event, AlertNews(ADA, ALERT, (BEN,) * n)) for n in ((1, 7) if teachers else (0,))]


def status_screens(texts: Texts, event: str) -> list[Screen]:
    """The news of a pair for either of the two, and the news of a circle where there is any."""
    swap = answered(status_of_event(event))
    sides = ((ADA, BEN), (BEN, ADA))
    screens = [
        new_status_screen(texts, swap, me, you, is_talking=is_so) for me, you in sides for is_so in (True, False)
    ]
    if event == events.SWAP_CANCELLED:
        screens.append(
            new_status_screen(texts, answered("accepted").cancel(by=ADA.id, at=AT), BEN, ADA, is_talking=False)
        )
    views = [
        seen(closed_circle()),
        seen(end(closed_circle(), by=BEN.id, at=AT)),
        replace(seen(circle()), status=CANCELLED),
        replace(seen(circle()), status=EXPIRED),
    ]
    found = [circle_news(texts, view, event) for view in views]
    return [*screens, *(screen for screen in found if screen is not None)]


def searching_screens(texts: Texts, event: str) -> list[Screen]:
    view = seen(decline(circle(), by=NOOR.id, at=AT))
    news = circle_news(texts, view, event)
    assert news is not None
    return [news, circle_card(texts, view, at=AT)]


def cards(texts: Texts, event: str) -> list[Screen]:
    pairs = (pair(), countered(), *map(answered, ("accepted", *OVER)))
    views = (seen(circle(), BEN), seen(circle()), seen(closed_circle()), seen(end(closed_circle(), by=BEN.id, at=AT)))
    return [
        *(swap_card(texts, swap, me, you) for swap in pairs for me, you in ((ADA, BEN), (BEN, ADA), (BEN, None))),
        *(circle_card(texts, view, at=AT) for view in views),
    ]


def reasons(texts: Texts) -> list[Screen]:
    """A no with each reason: the news for the declined, and both cards; without one, the card that asks for it."""
    swaps = [decline_request(pair(), by=BEN.id, reason=reason, at=AT) for reason in REASONS]
    return [
        *(reason_screen(texts, swap, BEN) for swap in swaps),
        *(new_status_screen(texts, swap, ADA, BEN, is_talking=False) for swap in swaps),
        *(swap_card(texts, swap, me, you, at=AT) for swap in swaps for me, you in ((ADA, BEN), (BEN, ADA))),
        swap_card(texts, answered("rejected"), BEN, ADA, at=AT),
    ]


def headers(texts: Texts, event: str) -> list[Screen]:
    """A relayed message is its author's words under a header; the author may have left."""
    return [
        *(Screen(message_header(texts, pair(), BEN.id, author)) for author in (ADA, None)),
        *(Screen(message_header(texts, closed_circle(), BEN.id, author, NOOR)) for author in (ADA, None)),
    ]


SCREENS: Mapping[str, Callable[[Texts, str], list[Screen]]] = {
    events.SWAP_PROPOSED: cards,
    events.SWAP_COUNTERED: cards,
    events.SWAP_ACCEPTED: status_screens,
    events.SWAP_REJECTED: lambda texts, event: [*status_screens(texts, event), *reasons(texts)],
    events.SWAP_REASON_GIVEN: lambda texts, event: reasons(texts),
    events.SWAP_CANCELLED: lambda texts, event: [*status_screens(texts, event), *decided(texts)],
    events.SWAP_EXPIRED: status_screens,
    **dict.fromkeys((events.SWAP_COMPLETED, events.SWAP_NOT_HAPPENED), endings),
    **dict.fromkeys((events.SWAP_DISPUTED, events.SWAP_LAPSED, events.SWAP_UNDECIDED), endings),
    events.SWAP_ANSWER_SOON: lambda texts, event: [
        *cards(texts, event),
        Screen(texts("session.nudge.answer", name="B")),
    ],
    events.SWAP_UNPLANNED: nudges,
    events.SWAP_ARRANGED: lambda texts, event: [Screen(texts("session.nudge.arranged", name="Ben"))],
    events.SWAP_DONE: lambda texts, event: [Screen(texts("session.nudge.done", name="Ben"))],
    events.SESSION_CHANGED: session_screens,
    events.SESSION_SOON: reminders,
    events.SESSION_ASKED: questions,
    events.DISPUTE_OPEN: dispute_screens,
    events.SWAP_CARD_CHANGED: cards,
    events.PARTNER_AWAY: lambda texts, event: [partner_away_screen(texts, BEN), partner_away_screen(texts, None)],
    events.PERSON_LEFT: lambda texts, event: [*cards(texts, event), Screen(texts("swap.name_forgotten"))],
    events.CIRCLE_SEARCHING: searching_screens,
    events.CIRCLE_POSSIBLE: lambda texts, event: [possible_card(texts, seen(circle()))],
    events.MESSAGE_SENT: headers,
    events.MESSAGE_EDITED: lambda texts, event: [*headers(texts, event), Screen(texts("chat.was_shortened"))],
    events.MESSAGE_HEADER_CHANGED: headers,
    events.MESSAGE_DELETED: lambda texts, event: [Screen(texts("chat.was_taken_back"))],
    events.REVIEW_SOON: rating_screens,
    events.REVIEW_REVEALED: rating_screens,
    events.UNRELIABLE: lambda texts, event: [Screen(texts("rating.paused")), Screen(texts("rating.unreliable"))],
    events.ALERT_FOUND: lambda texts, event: alert_screens(texts, event, 1),
    events.ALERT_ENDED: alert_screens,
    events.LETTER_SENT: letter_screens,
    events.SWAP_PARTNER_GONE: absence_screens,
}

MESSAGE = Message("1" * 24, "d" * 24, 1, ADA.id, BEN.id, "Hello", "c-1", "web", AT)


def texts_for(person: User) -> Texts:
    return load_texts()[person.locale]


def rating_notices(person: User, event: str) -> list[Notice]:
    return [worded_notice(texts_for(person), f"review.{key}", name="Ben & Bo", day="May 1") for key in RATING_MAILS]


def status_notice(person: User, event: str) -> list[Notice]:
    notices = [answer_notice(texts_for(person), person, answered(status_of_event(event)), "Ben")]
    closed = [circle_notice(texts_for(person), seen(closed_circle()))] if event == events.SWAP_ACCEPTED else []
    return [*notices, *closed]


NOTICES: Mapping[str, Callable[[User, str], list[Notice]]] = {
    events.SWAP_PROPOSED: lambda person, event: [
        request_notice(texts_for(person), person, pair(), "Ben"),
        circle_notice(texts_for(person), seen(circle(), BEN)),
    ],
    events.SWAP_COUNTERED: lambda person, event: [request_notice(texts_for(person), person, countered(), "Ben")],
    events.SWAP_ACCEPTED: status_notice,
    events.SWAP_REJECTED: status_notice,
    **dict.fromkeys((events.SWAP_COMPLETED, events.SWAP_NOT_HAPPENED, events.SWAP_DISPUTED), said_about),
    **dict.fromkeys((events.SWAP_LAPSED, events.SWAP_ANSWER_SOON, events.SWAP_UNPLANNED), said_about),
    **dict.fromkeys((events.DISPUTE_OPEN, events.SWAP_UNDECIDED), said_about),
    **dict.fromkeys((events.SESSION_CHANGED, events.SESSION_SOON, events.SESSION_ASKED), session_notices),
    **dict.fromkeys((events.REVIEW_SOON, events.REVIEW_REVEALED, events.UNRELIABLE), rating_notices),
    events.MESSAGE_SENT: lambda person, event: [
        unread_notice(texts_for(person), [("Ada", MESSAGE)] * n, at_most=2, circle=circle)
        for n in (1, 2, 5)
        for circle in ((), ("Ada", "Noor"))
    ],
    events.CIRCLE_POSSIBLE: lambda person, event: [
        circle_notice(texts_for(person), replace(seen(circle()), status=POSSIBLE))
    ],
    events.ALERT_FOUND: lambda person, event: [alert_notice(texts_for(person), ALERT, ["B"])],
    events.ALERT_ENDED: lambda person, event: [alert_notice(texts_for(person), ALERT, [])],
    events.LETTER_SENT: letter_notices,
    events.SWAP_PARTNER_GONE: absence_notices,
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("event", notification_sender.HANDLERS)
def test_telegram_texts_exist_for_every_event_and_language(event: str, locale: str) -> None:
    screens = SCREENS[event](load_texts()[locale], event)
    assert screens
    for screen in screens:
        assert screen.text.strip()
        assert "{" not in screen.text
        assert all(key.text.strip() for row in screen.rows for key in row)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("event", mail_notifications.HANDLERS)
def test_mail_texts_exist_for_every_event_and_language(event: str, locale: str) -> None:
    for notice in NOTICES[event](replace(ADA, locale=locale), event):
        assert notice.subject.strip()
        assert "\n" not in notice.subject
        for body in notice.bodies("https://example.org", "https://example.org/stop", locale, service="Harbour"):
            assert "{" not in notice.subject + body


# ---- names of events in the code ----------------------------------------------------------------------------------


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("domain", "storage", "handlers", "bot", "mail", "api", "skillswap"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            where = str(file.relative_to(ROOT))
            if where != "domain/events.py" and "sandbox" not in file.parts:
                yield where, parsed(file.read_text(encoding="utf-8"))


def is_dotted_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value


def name_of_call(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_the_code_names_every_event_of_the_table_and_no_other() -> None:
    seen_names: set[str] = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "domain.events":
                seen_names |= {alias.name for alias in node.names}
    constants = {name for name in seen_names if name.isupper()} - {"EVENTS"}
    assert constants <= NAMES_OF_EVENTS
    named = {getattr(events, name) for name in constants} | {event_of_status(status) for status in OVER}
    assert named == set(EVENTS), "an event that no operation names"


def test_deliveries_are_built_of_events_of_the_table_only() -> None:
    """The event that is handed to a builder is a constant of the table, or comes from `event_of_status`."""
    known = NAMES_OF_EVENTS | {"event_of_status", "event"}
    built = 0
    for where, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (place := EVENT_ARGUMENT.get(name_of_call(node))) is not None:
                event = node.args[place]
                name = name_of_call(event) if isinstance(event, ast.Call) else ast.unparse(event)
                assert name in known, f"{where}:{node.lineno}: {name}"
                built += 1
    assert built > 10, "deliveries are built in some other way now"


def test_no_event_is_compared_with_a_literal() -> None:
    found = []
    for where, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                sides = [ast.unparse(side) for side in ast.walk(node) if isinstance(side, ast.expr)]
                if {"event", "delivery.event", "line['event']"} & set(sides) and any(
                    map(is_dotted_text, ast.walk(node))
                ):
                    found.append(f"{where}:{node.lineno}")
    assert not found
