"""Replies in Telegram: each belongs to the conversation or the question that it answers, whatever is open otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message

from bot.updates.context import Context
from bot.views.screens import Screen, show
from bot.views.swap_cards import card_of, swap_id_on
from domain.errors import NotFound
from domain.swaps import Swap
from handlers.messages import find_conversation
from handlers.swaps import get_swap, list_swaps


@dataclass(frozen=True, slots=True)
class Target:
    """The swap that a message is for, and the `seq` of the message in it that is replied to."""

    swap: Swap
    reply_to: int | None = None


async def find_replied_swap(context: Context, message: Message) -> Target | None:
    """Return the swap, running or not, whose message, card or notification this replies to; None for any other message.

    Such a message goes to that swap, whatever question or conversation is open.
    """
    reply = message.reply_to_message
    if reply is None:
        return None
    found = await find_conversation(context.deps, context.user, message.chat_id, reply.message_id)
    if found is not None:
        return Target(found[0], found[1].seq)
    if (named := swap_id_on(reply)) is not None:
        try:
            return Target(await get_swap(context.deps, context.user, named))
        except NotFound:  # not theirs, or a circle whose members do not know each other yet
            return None
    for swap in await list_swaps(context.deps, context.user, with_circles=True):
        card = card_of(swap, context.user.id)
        is_card = card is not None and (card.chat_id, card.message_id) == (message.chat_id, reply.message_id)
        if is_card and swap.is_disclosed:
            return Target(swap)
    return None


def answers_question(context: Context, message: Message) -> bool:
    """Return whether a message that belongs to no swap may answer the open question: it replies to it, or to nothing.

    A repeated update may have closed its question already: what is left of it is the bot's own answer.
    """
    reply = message.reply_to_message
    return reply is None or context.is_repeat or reply.message_id in context.dialog.asked


async def refuse_reply(context: Context, message: Message) -> None:
    """Say that what a message replies to takes no answer, or none any more: nobody gets it."""
    await show(context, Screen(context.texts("chat.reply_to_nothing")), reply_to=message.message_id)
