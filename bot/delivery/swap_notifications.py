"""Notifications about a swap of two: the card with its buttons, and the messages beside it.

Each function returns False when there is nothing to send to the recipient, or nothing any more.
"""

from __future__ import annotations

from bot.delivery.telegram_channel import Recipient, TelegramChannel
from bot.views.reports import safety_rows
from bot.views.screens import Row, Screen, button
from bot.views.swap_cards import (
    again_rows,
    card_of,
    edit_card,
    keep_card,
    my_swaps_button,
    name_of,
    pair_line,
    partner_in,
    retire_card,
    swap_button,
    swap_card,
)
from domain.counter_offers import note_of_yes
from domain.events import status_of_event
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PENDING, REJECTED, Swap
from domain.users import DELETED, User
from handlers.dialogs import note_receiver, offer_conversation
from handlers.notifications import find_card, remember_line
from handlers.request_facts import request_facts
from handlers.runtime.texts import Texts
from handlers.users import get_people


async def send_request(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Send a request as a card with its buttons, unless it has been answered."""
    if swap.status != PENDING or swap.answerer != recipient.person.id:
        return False
    if card_of(swap, recipient.person.id) is not None:  # sent by an attempt that was cut off
        return await refresh_card(channel, recipient, swap, event)
    message = await channel.send(recipient, await card_screen(channel, recipient, swap))
    await keep_card(channel.deps, swap, recipient.person, message)
    return True


async def send_counter_offer(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Send a request as a new card when its skills have changed; the old card loses its buttons."""
    if swap.status != PENDING or swap.answerer != recipient.person.id:
        return await refresh_card(channel, recipient, swap, event)
    await retire_card(channel.bot, recipient.texts, swap, recipient.person)
    message = await channel.send(recipient, await card_screen(channel, recipient, swap))
    await keep_card(channel.deps, swap, recipient.person, message)
    return True


async def send_new_status(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the card up to date and send the news beside it, if the swap is still in the status of the event."""
    await refresh_card(channel, recipient, swap, event)
    if swap.status != status_of_event(event) or _was_never_asked(swap, recipient.person):
        return False
    person = recipient.person
    partner = await partner_in(channel.deps, swap, person.id)
    is_talking = swap.status == ACCEPTED and await offer_conversation(channel.deps, person, swap.id)
    screen = new_status_screen(recipient.texts, swap, person, partner, is_talking=is_talking)
    sent = await channel.send(recipient, screen)
    if partner is not None and partner.status != DELETED:
        await remember_line(channel.deps, person.id, recipient.chat_id, sent.message_id, swap.id)
    if is_talking:
        await note_receiver(channel.deps, recipient.chat_id, swap.id, sent.message_id)
    return True


async def send_reason(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Tell the declined user what the other one has said about a no, in kind words."""
    await refresh_card(channel, recipient, swap, event)
    if not swap.decline_reason:
        return False
    partner = await partner_in(channel.deps, swap, recipient.person.id)
    sent = await channel.send(recipient, reason_screen(recipient.texts, swap, partner))
    await remember_line(channel.deps, recipient.person.id, recipient.chat_id, sent.message_id, swap.id)
    return True


async def refresh_card(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the recipient's card of the swap up to date, if they have one."""
    card = card_of(swap, recipient.person.id)
    if card is None:
        return False
    done = await edit_card(channel.bot, card.chat_id, card.message_id, await card_screen(channel, recipient, swap))
    # The recipient's own press may have sent a newer card meanwhile, and have taken the buttons from this one before
    # the edit gave them back.
    if await find_card(channel.deps, swap.id, recipient.person.id) not in (card, None):
        await retire_card(channel.bot, recipient.texts, swap, recipient.person)
    return done


async def send_partner_away(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Send the names of the partners, in a pair or a circle, whom Telegram still does not reach."""
    away = [person for person in swap.away if person in swap.others(recipient.person.id)]
    if not away or not swap.is_open:
        return False
    people = await get_people(channel.deps, tuple(away))
    for person_id in away:
        sent = await channel.send(recipient, partner_away_screen(recipient.texts, people.get(person_id)))
        await remember_line(channel.deps, recipient.person.id, recipient.chat_id, sent.message_id, swap.id)
    return True


async def card_screen(channel: TelegramChannel, recipient: Recipient, swap: Swap) -> Screen:
    """Return the recipient's card of a pair as it stands now."""
    partner = await partner_in(channel.deps, swap, recipient.person.id)
    facts = request_facts(channel.deps, recipient.texts, swap, recipient.person, partner)
    return swap_card(recipient.texts, swap, recipient.person, partner, facts=facts, at=channel.deps.now())


def reason_screen(texts: Texts, swap: Swap, partner: User | None) -> Screen:
    """Return the news of a reason that came after the no."""
    why = texts.plain(f"swap.why.{swap.decline_reason}")
    return Screen(texts("swap.told.reason", name=name_of(texts, partner), why=why))


def partner_away_screen(texts: Texts, partner: User | None) -> Screen:
    """Return the message that Telegram does not reach a partner."""
    return Screen(texts("swap.told.partner_away", name=name_of(texts, partner)))


def new_status_screen(texts: Texts, swap: Swap, person: User, partner: User | None, *, is_talking: bool) -> Screen:
    """Return the news of a swap that has been answered or has ended, for one of the two.

    `is_talking`: what this person writes goes to the partner from now on, so that no button is needed.
    """
    words = {
        "name": name_of(texts, partner),
        "pair": pair_line(texts, swap, person.id),
        "learns": texts.skill(swap.learnt_by(person.id)),
        "teaches": texts.skill(swap.taught_by(person.id)),
    }
    text = texts(f"swap.told.{_news_key(swap, person, partner)}", **words)
    if swap.status == ACCEPTED:
        if note := note_of_yes(swap):
            text += f"\n\n{texts('swap.note', note=note)}"
        is_planned = bool(swap.plan.upcoming)  # the yes has agreed on a time
        label = texts.plain(f"session.button.{'sessions' if is_planned else 'plan'}")
        plan: Row = [button(label, "sw", swap.id, "open" if is_planned else "begin")]
        last = safety_rows(texts, swap, [partner])
        if is_talking:
            talking = f"{text}\n\n{texts('chat.talking', **words)}"
            return Screen(talking, [plan, [my_swaps_button(texts, swap)], *last])
        talk = swap_button(texts.plain("chat.talk_to", **words), swap, "chat", style="primary")
        return Screen(text, [plan, [talk], *last])
    if swap.decline_reason:
        text += f"\n\n{texts(f'swap.why.{swap.decline_reason}')}"
    rows: list[Row] = []
    if swap.status == EXPIRED and partner is not None and partner.status != DELETED:
        rows = [*again_rows(texts, swap, person.id), *safety_rows(texts, swap, [partner])]
    elif person.id == swap.author and swap.status == REJECTED:
        rows = [[button(texts.plain("swap.told.next_match"), "match")]]
    return Screen(text, rows)


def _was_never_asked(swap: Swap, person: User) -> bool:
    """Return whether a request was withdrawn before its card reached this person: there is no news in that."""
    is_withdrawn = swap.status == CANCELLED and not swap.has_run
    return is_withdrawn and person.id != swap.author and card_of(swap, person.id) is None


def _news_key(swap: Swap, person: User, partner: User | None) -> str:
    if partner is None or partner.status == DELETED:
        return "left" if swap.has_run else "left_before"
    if swap.status == CANCELLED and not swap.last_actor:  # by a merge, or another program: there is nobody to name
        return "closed" if swap.has_run else "request_closed"
    if swap.status == EXPIRED:
        return "expired_mine" if person.id == swap.author else "expired_theirs"
    return swap.outcome
