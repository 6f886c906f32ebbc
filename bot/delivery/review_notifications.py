"""Notifications about ratings: that one can still be written, that they are shown, and about one's own reliability."""

from __future__ import annotations

from bot.delivery.session_notifications import send_named
from bot.delivery.telegram_channel import Recipient, TelegramChannel
from bot.views.rating_cards import day_of, rated_name, rating_key, revealed_screen, star_rows
from bot.views.screens import Screen, button
from domain.reviews import window_of
from domain.swaps import Swap
from domain.users import PAUSED
from handlers.reviews import list_own, unwritten, with_author


async def send_rating_reminder(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Ask for a rating that has not been written yet, and say until when."""
    person, texts, ends = recipient.person, recipient.texts, window_of(swap)
    if ends is None or ends <= channel.deps.now() or person.id not in await unwritten(channel.deps, swap):
        return False
    name = await rated_name(channel.deps, texts, swap, person.id)
    text = texts(rating_key(swap, "reminder"), name=name, day=day_of(texts, ends, person))
    await send_named(channel, recipient, swap, Screen(text, star_rows(texts, swap, person.id)))
    return True


async def send_revealed(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Show the ratings that others have written about the recipient in this swap."""
    texts, deps, person = recipient.texts, channel.deps, recipient.person
    reviews = [review for review, is_shown in await list_own(deps, person, swap.id) if is_shown]
    about = [review for review in reviews if review.about == person.id and not review.is_declined]
    if not reviews:
        return False
    for review in about:
        shown = await with_author(deps, review)
        name = shown.author.name if shown.author is not None else texts.plain("swap.somebody")
        await send_named(channel, recipient, swap, revealed_screen(texts, shown, name, swap))
    if about:
        return True
    if all(review.author != person.id or review.is_declined for review in reviews):
        return False  # in a circle, the ratings are those of the other two
    name = await rated_name(deps, texts, swap, person.id)
    await send_named(channel, recipient, swap, revealed_screen(texts, None, name, swap))
    return True


async def send_unreliable(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Tell somebody that they have let requests or sessions lapse, or that they are paused for it."""
    texts = recipient.texts
    if recipient.person.status == PAUSED:
        screen = Screen(texts("rating.paused"), [[button(texts.plain("rating.resume"), "resume", style="primary")]])
    else:
        screen = Screen(texts("rating.unreliable"))
    await channel.send(recipient, screen)
    return True
