"""Ratings in the bot: stars, then praise, a text and a line for the moderators where wanted; and /ratings."""

from __future__ import annotations

from typing import Any, Final

from telegram import Update

from bot.updates.context import Context
from bot.views.rating_cards import (
    RATE,
    day_of,
    making_screen,
    note_screen,
    pending_screen,
    rated_name,
    shown_screen,
    star_rows,
    written_screen,
)
from bot.views.screens import Screen, back_button, show, show_in_place, show_question, show_question_in_place, toast
from bot.words import words_of
from domain.errors import Problem
from domain.reviews import MAX_STARS, PRAISE, Rating, Review
from handlers.records import resume
from handlers.reviews import edit_review, list_own, list_pending, list_reviews, reply_to_review, write_review
from handlers.swaps import get_swap
from handlers.users import get_people, view_user

FLOW: Final = "rating"
MAKING, NOTE, REPLY = "making", "note", "reply"
MAX_SHOWN: Final = 5
"""Ratings of a person that one message shows, the newest."""


async def show_pending(update: Update, context: Context, *parts: str) -> None:
    """Show what can still be rated."""
    pending = await list_pending(context.deps, context.user)
    people = await get_people(context.deps, tuple({one.seat.about for one in pending}))
    somebody = context.texts.plain("swap.somebody")
    names = {one.seat.about: people[one.seat.about].name if one.seat.about in people else somebody for one in pending}
    shown = await show_in_place(context, pending_screen(context.texts, pending, names, context.user))
    await context.note_named(shown, *(one.swap.id for one in pending))


async def on_rating_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `rv:<swap>:<action>[:<value>]`."""
    swap_id, action, value = (*parts, "", "", "")[:3]
    if action == "open":
        swap = await get_swap(context.deps, context.user, swap_id)
        name = await rated_name(context.deps, context.texts, swap, context.user.id)
        rows = [*star_rows(context.texts, swap, context.user.id), [back_button(context.texts, "ratings")]]
        shown = await show_in_place(context, Screen(context.texts("rating.ask", name=name), rows))
        await context.note_named(shown, swap.id)
    elif action == "stars" and value.isdecimal() and 1 <= int(value) <= MAX_STARS:
        await _begin(context, swap_id, int(value))
    elif action == "no":
        await write_review(context.deps, context.user, swap_id, None, None)
        await show_in_place(context, Screen(context.texts("rating.declined"), [[back_button(context.texts, "swaps")]]))
    elif action == "reply":
        await _ask_reply(context, swap_id)
    elif context.dialog.flow != FLOW or context.dialog.data.get("to") != swap_id:
        await toast(context, context.texts.plain("rating.stale"))
    else:
        await _go_on(context, swap_id, action, value)


async def _go_on(context: Context, swap_id: str, action: str, value: str) -> None:
    data = dict(context.dialog.data)
    if action == "cancel":
        await context.end_dialog()
        rows = [[back_button(context.texts, "ratings")]]
        await show_in_place(context, Screen(context.texts("rating.cancelled"), rows))
    elif action == "praise" and value in PRAISE:
        praised = data["praise"]
        data["praise"] = [word for word in praised if word != value] if value in praised else [*praised, value]
        await _show_making(context, data, in_place=True)
    elif action == "note":
        await context.move_dialog(FLOW, NOTE, **data)
        await show_question(context, note_screen(context.texts, swap_id))
    elif action == "send":
        await _send(context, data)


async def on_rating_text(update: Update, context: Context, text: str) -> None:
    """Take a typed text: for everybody, for the moderators, or as the answer to a rating."""
    message = update.effective_message
    words = words_of(message) if message is not None else text
    data = dict(context.dialog.data)
    if context.dialog.step == REPLY:
        await reply_to_review(context.deps, context.user, data["review"], words)
        await context.end_dialog()
        await show(context, Screen(context.texts("rating.replied"), [[back_button(context.texts, "swaps")]]))
        return
    name = "note" if context.dialog.step == NOTE else "text"
    data[name] = getattr(_rating_of(data | {name: words}), name)  # refused here if too long, and the question stays
    await _show_making(context, data)


async def _begin(context: Context, swap_id: str, stars: int) -> None:
    swap = await get_swap(context.deps, context.user, swap_id)
    own = await _own_review(context, swap_id)
    data: dict[str, Any] = {"to": swap.id, "stars": stars, "praise": [], "text": "", "note": ""}
    if own is not None:
        data |= {"review": own.id, "praise": list(own.praise), "text": own.text, "note": own.note}
    await context.leave_dialog()
    await _show_making(context, data)


async def _show_making(context: Context, data: dict[str, Any], *, in_place: bool = False) -> None:
    await context.move_dialog(FLOW, MAKING, **data)
    swap = await get_swap(context.deps, context.user, data["to"])
    name = await rated_name(context.deps, context.texts, swap, context.user.id)
    ask = show_question_in_place if in_place else show_question
    await ask(context, making_screen(context.texts, swap.id, name, _rating_of(data)))
    await context.note_named(context.dialog.asked[-1], swap.id)


def _rating_of(data: dict[str, Any]) -> Rating:
    """Return the rating that a dialog has gathered. Raises Invalid for a text that is too long."""
    return Rating(int(data["stars"]), tuple(data["praise"]), data["text"], data["note"])


async def _send(context: Context, data: dict[str, Any]) -> None:
    """Send the rating; the dialog ends when it cannot be sent any more, too."""
    rating = _rating_of(data)
    try:
        if data.get("review"):
            review = await edit_review(context.deps, context.user, data["review"], rating)
        else:
            review = await write_review(context.deps, context.user, data["to"], None, rating)
    except Problem:
        await context.end_dialog()
        raise
    await context.end_dialog()
    swap = await get_swap(context.deps, context.user, data["to"])
    name = await rated_name(context.deps, context.texts, swap, context.user.id)
    is_shown = any(own.id == review.id and shown for own, shown in await list_own(context.deps, context.user, swap.id))
    day = day_of(context.texts, review.window_ends, context.user)
    shown = await show_in_place(context, written_screen(context.texts, swap, name, day, is_shown=is_shown))
    await context.note_named(shown, swap.id)


async def _ask_reply(context: Context, swap_id: str) -> None:
    """Ask for the public answer to the rating that the user has got in this swap."""
    reviews = await list_own(context.deps, context.user, swap_id)
    got = next((review for review, _ in reviews if review.about == context.user.id and not review.is_declined), None)
    if got is None or got.reply:
        await toast(context, context.texts.plain("problem.review.replied" if got else "rating.stale"))
        return
    await context.leave_dialog()
    await context.move_dialog(FLOW, REPLY, to=swap_id, review=got.id)
    await show_question(context, Screen(context.texts("rating.ask_reply")))


async def _own_review(context: Context, swap_id: str) -> Review | None:
    """Return the rating that the user has written in this swap, to change it."""
    reviews = await list_own(context.deps, context.user, swap_id)
    return next((one for one, _ in reviews if one.author == context.user.id and not one.is_declined), None)


async def on_ratings_of(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `rvof:<user>`: show the ratings of a person."""
    user_id = parts[0] if parts else ""
    is_own = user_id == context.user.id
    person = context.user if is_own else await view_user(context.deps, context.user, user_id)
    reviews = await list_reviews(context.deps, context.user, person.id, limit=MAX_SHOWN)
    shown = await show(context, shown_screen(context.texts, person, reviews, context.user.id))
    for named in {person.id, *(review.author.id for review in reviews if review.author is not None)}:
        await context.note_person(shown.message_id, named)


async def on_resume(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `resume`: a paused user is found again."""
    is_back = await resume(context.deps, context.user)
    await show_in_place(context, Screen(context.texts("rating.resumed" if is_back else "rating.not_paused")))


COMMANDS = {"ratings": show_pending}
BUTTONS = {RATE: on_rating_button, "ratings": show_pending, "rvof": on_ratings_of, "resume": on_resume}
ON_TEXT = {FLOW: on_rating_text}
