"""The dispatch of mail: the function that words each event as a mail; a new event gets its line in `HANDLERS` here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from domain import events
from domain.deliveries import Delivery, is_notified, wants_mail
from domain.events import status_of_event
from domain.languages import locale_or_default
from domain.messages import Message
from domain.swaps import ACCEPTED, PENDING, Swap
from domain.users import User
from handlers.alerts import load_alert_news
from handlers.circle_news import load_circle_notification
from handlers.circles import view_circle
from handlers.letters import letter_words, load_letter
from handlers.notifications import list_unread, load_subject
from handlers.request_facts import circle_facts, request_facts
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people
from mail.notices import (
    Notice,
    alert_notice,
    answer_notice,
    circle_notice,
    letter_notice,
    request_notice,
    unread_notice,
)
from mail.review_notices import word_rating, word_revealed, word_unreliable
from mail.session_notices import (
    load_dispute,
    word_answer_soon,
    word_end,
    word_partner_gone,
    word_session,
    word_undecided,
    word_unplanned,
    word_yes_with_date,
)

MAX_MESSAGES: Final = 20
"""Messages that one mail quotes; it says how many more there are."""

MAX_COUNTED: Final = 200
"""Messages that one mail speaks of; the next mail speaks of the rest."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A notice for one recipient. `quotes`: the swap and the number of its last message that the notice covers."""

    recipient: User
    notice: Notice
    quotes: tuple[str, int] | None = None


Handler = Callable[[Deps, Delivery], Awaitable[Mail | None]]
"""None when there is no recipient for the delivery, or nothing to say any more."""

SwapHandler = Callable[[Deps, User, Swap], Awaitable[Notice | None]]


def about_swap(*, pair: SwapHandler | None = None, circle: SwapHandler | None = None) -> Handler:
    """Return a handler that loads the swap; without a function for its sort, pair or circle, nothing is mailed."""

    async def handle(deps: Deps, delivery: Delivery) -> Mail | None:
        person, swap, _ = await load_subject(deps, delivery)
        if person is None or swap is None or not _may_be_mailed(person, delivery):
            return None
        word = pair if swap.circle is None else circle
        notice = await word(deps, person, swap) if word is not None else None
        return Mail(person, replace(notice, page=notice.page or page_of(swap))) if notice is not None else None

    return handle


def page_of(swap: Swap) -> str:
    """Return the page about a swap; a circle that is not closed stands among the circles."""
    return f"swaps/{swap.id}" if swap.is_disclosed else f"circles#circle-{swap.id}"


def status_notice(event: str) -> SwapHandler:
    """Return a handler that words the new status of a pair, if it still is the one of the event."""

    async def word(deps: Deps, person: User, swap: Swap) -> Notice | None:
        if swap.status != status_of_event(event):
            return None
        names = await _names_of(deps, swap.others(person.id))
        notice = answer_notice(_texts(deps, person), person, swap, ", ".join(names.values()))
        return await word_yes_with_date(deps, person, swap, notice) if swap.status == ACCEPTED else notice

    return word


async def word_request(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word a request or a counter-offer, unless it has been answered."""
    if swap.status != PENDING or swap.answerer != person.id:
        return None
    asker = (await get_people(deps, (swap.author,))).get(swap.author)
    texts = _texts(deps, person)
    facts = request_facts(deps, texts, swap, person, asker)
    return request_notice(texts, person, swap, asker.name if asker is not None else "?", facts)


async def word_invitation(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word the invitation to a circle, if the recipient can still join it."""
    view = await view_circle(deps, swap, person.id)
    if view is None or "join" not in view.can:
        return None
    texts = _texts(deps, person)
    return circle_notice(texts, view, circle_facts(texts, person, view))


async def word_closed_circle(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word that all three have joined, if the circle still stands."""
    if swap.status != status_of_event(events.SWAP_ACCEPTED):
        return None
    view = await view_circle(deps, swap, person.id)
    return circle_notice(_texts(deps, person), view) if view is not None else None


async def mail_session(deps: Deps, delivery: Delivery) -> Mail | None:
    """Word the session of a delivery."""
    person, swap, _ = await load_subject(deps, delivery)
    if person is None or swap is None or not _may_be_mailed(person, delivery):
        return None
    notice = await word_session(deps, person, swap, delivery)
    return Mail(person, notice) if notice is not None else None


def mail_end(event: str) -> Handler:
    """Return a handler that words the end of a running swap or circle, if it still is the one of the event."""

    async def word(deps: Deps, person: User, swap: Swap) -> Notice | None:
        return await word_end(deps, person, swap) if swap.status == status_of_event(event) else None

    return about_swap(pair=word, circle=word)


async def mail_dispute(deps: Deps, delivery: Delivery) -> Mail | None:
    """Word for a moderator that a dispute waits for a decision."""
    found = await load_dispute(deps, delivery)
    return Mail(*found) if found is not None and _may_be_mailed(found[0], delivery) else None


async def mail_possible_circle(deps: Deps, delivery: Delivery) -> Mail | None:
    """Word the best of the circles that have become possible, if one of them still is."""
    news = await load_circle_notification(deps, delivery)
    if news is None or not wants_mail(news.person, delivery.event):
        return None
    return Mail(news.person, replace(circle_notice(_texts(deps, news.person), news.view), page="circles"))


async def mail_unread(deps: Deps, delivery: Delivery) -> Mail | None:
    """Word all that the recipient has not read in the swap, from the message of the delivery on."""
    person, swap, message = await load_subject(deps, delivery)
    if person is None or swap is None or message is None or not _may_be_mailed(person, delivery):
        return None
    unread = await list_unread(deps, person, swap, since=message.seq, limit=MAX_COUNTED)
    if not unread:
        return None
    names = await _names_of(deps, swap.others(person.id))
    quoted: list[tuple[str, Message]] = [(names.get(one.from_user_id, "?"), one) for one in unread]
    circle = tuple(names.values()) if swap.circle is not None else ()
    notice = unread_notice(_texts(deps, person), quoted, at_most=MAX_MESSAGES, circle=circle)
    return Mail(person, replace(notice, page=f"chats/{swap.id}"), quotes=(swap.id, unread[-1].seq))


async def mail_alert(deps: Deps, delivery: Delivery) -> Mail | None:
    """Word what an alert has found, or that it has ended."""
    news = await load_alert_news(deps, delivery)
    if news is None or not _may_be_mailed(news.person, delivery):
        return None
    names = [teacher.name for teacher in news.teachers]
    notice = alert_notice(_texts(deps, news.person), news.alert, names)
    return Mail(news.person, replace(notice, page="alerts"))


async def mail_letter(deps: Deps, delivery: Delivery) -> Mail | None:
    """Word what the service or the organisers say to the recipient."""
    found = await load_letter(deps, delivery)
    if found is None or not _may_be_mailed(found[0], delivery):
        return None
    person, letter = found
    return Mail(person, letter_notice(_texts(deps, person), letter.kind, letter_words(deps, person, letter)))


HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        events.SWAP_PROPOSED: about_swap(pair=word_request, circle=word_invitation),
        events.SWAP_COUNTERED: about_swap(pair=word_request),
        events.SWAP_ACCEPTED: about_swap(pair=status_notice(events.SWAP_ACCEPTED), circle=word_closed_circle),
        events.SWAP_REJECTED: about_swap(pair=status_notice(events.SWAP_REJECTED)),
        events.SWAP_COMPLETED: mail_end(events.SWAP_COMPLETED),
        events.SWAP_NOT_HAPPENED: mail_end(events.SWAP_NOT_HAPPENED),
        events.SWAP_DISPUTED: mail_end(events.SWAP_DISPUTED),
        events.SWAP_LAPSED: mail_end(events.SWAP_LAPSED),
        events.SWAP_UNDECIDED: about_swap(pair=word_undecided, circle=word_undecided),
        events.SWAP_PARTNER_GONE: about_swap(pair=word_partner_gone),
        events.SWAP_ANSWER_SOON: about_swap(pair=word_answer_soon),
        events.SWAP_UNPLANNED: about_swap(pair=word_unplanned, circle=word_unplanned),
        events.SESSION_CHANGED: mail_session,
        events.SESSION_SOON: mail_session,
        events.SESSION_ASKED: mail_session,
        events.DISPUTE_OPEN: mail_dispute,
        events.REVIEW_SOON: about_swap(pair=word_rating, circle=word_rating),
        events.REVIEW_REVEALED: about_swap(pair=word_revealed, circle=word_revealed),
        events.UNRELIABLE: about_swap(pair=word_unreliable, circle=word_unreliable),
        events.MESSAGE_SENT: mail_unread,
        events.CIRCLE_POSSIBLE: mail_possible_circle,
        events.ALERT_FOUND: mail_alert,
        events.ALERT_ENDED: mail_alert,
        events.LETTER_SENT: mail_letter,
    }
)
"""The function that words each event that is mailed."""

SILENT: Final = frozenset(
    {
        events.SWAP_REASON_GIVEN,
        events.SWAP_CANCELLED,
        events.SWAP_EXPIRED,
        events.SWAP_CARD_CHANGED,
        events.PARTNER_AWAY,
        events.PERSON_LEFT,
        events.CIRCLE_SEARCHING,
        events.MESSAGE_EDITED,
        events.MESSAGE_DELETED,
        events.MESSAGE_HEADER_CHANGED,
        events.SWAP_ARRANGED,
        events.SWAP_DONE,
    }
)
"""Events that are not mailed: their deliveries are skipped."""


async def compose_mail(deps: Deps, delivery: Delivery) -> Mail | None:
    """Return the mail of a delivery; None when there is no recipient for it, or nothing to say any more.

    Raises KeyError for an event without a handler.
    """
    if delivery.event in SILENT:
        return None
    return await HANDLERS[delivery.event](deps, delivery)


async def _names_of(deps: Deps, user_ids: tuple[str, ...]) -> dict[str, str]:
    people = await get_people(deps, user_ids)
    return {user_id: people[user_id].name if user_id in people else "?" for user_id in user_ids}


def _texts(deps: Deps, person: User) -> Texts:
    return deps.texts[locale_or_default(person.locale)]


def _may_be_mailed(person: User, delivery: Delivery) -> bool:
    return is_notified(person, delivery.event) and wants_mail(person, delivery.event)
