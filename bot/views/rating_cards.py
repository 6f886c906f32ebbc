"""Cards of ratings: stars to give, a rating in the making, ratings that are shown, and the facts about a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from telegram import InlineKeyboardButton

from bot.views.blocks import block_row
from bot.views.lengths import short
from bot.views.reports import report_button
from bot.views.screens import Row, Screen, back_button, button
from bot.views.swap_cards import name_of
from domain.availability import local_time
from domain.reports import REVIEW
from domain.reviews import MAX_STARS, PRAISE, Rating, Review, seats_of
from domain.swaps import Swap
from domain.users import User
from handlers.reviews import Pending, ShownReview
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people

RATE = "rv"


def star_rows(texts: Texts, swap: Swap, viewer_id: str) -> list[Row]:
    """Return the buttons by which the viewer rates their partner in a completed swap; none where they cannot."""
    if not any(seat.author == viewer_id for seat in seats_of(swap)):
        return []
    stars = [button(f"{count}⭐", RATE, swap.id, "stars", count) for count in range(1, MAX_STARS + 1)]
    return [stars, [button(texts.plain("rating.none"), RATE, swap.id, "no")]]


async def rated_name(deps: Deps, texts: Texts, swap: Swap, viewer_id: str) -> str:
    """Return the name of whom the viewer rates in a completed swap, in a circle their teacher; "" for nobody."""
    about = next((seat.about for seat in seats_of(swap) if seat.author == viewer_id), None)
    return name_of(texts, (await get_people(deps, (about,))).get(about)) if about is not None else ""


def rating_key(swap: Swap, name: str) -> str:
    """Return the key of a text about ratings: in a circle, those who rate each other are not two."""
    return f"rating.{name}" if swap.circle is None else f"rating.circle.{name}"


def making_screen(texts: Texts, swap_id: str, name: str, rating: Rating) -> Screen:
    """Return the rating in the making: its stars, praise and text, with what can still be added."""
    lines = [
        texts("rating.making", name=name, stars=stars_text(rating.stars)),
        *([texts("rating.your_text", text=rating.text)] if rating.text else []),
        *([texts("rating.your_note", text=rating.note)] if rating.note else []),
        "",
        texts("rating.write"),
    ]
    marks = {word: "✅ " if word in rating.praise else "" for word in PRAISE}
    praise = [
        [button(f"{mark}{texts.plain(f'rating.praise.{word}')}", RATE, swap_id, "praise", word)]
        for word, mark in marks.items()
    ]  # a row each: beside each other they are cut off in most languages
    return Screen(
        "\n".join(lines),
        [
            *praise,
            [button(texts.plain("rating.send"), RATE, swap_id, "send", style="success")],
            [button(texts.plain("rating.note"), RATE, swap_id, "note"), _cancel(texts, swap_id)],
        ],
    )


def note_screen(texts: Texts, swap_id: str) -> Screen:
    return Screen(texts("rating.ask_note"), [[_cancel(texts, swap_id)]])


def written_screen(texts: Texts, swap: Swap, name: str, day: str, *, is_shown: bool) -> Screen:
    words = rating_key(swap, "written_shown" if is_shown else "written")
    return Screen(texts(words, name=name, day=day), [[back_button(texts, "swaps")]])


def pending_screen(texts: Texts, pending: Sequence[Pending], names: dict[str, str], viewer: User) -> Screen:
    """Return the list of what can still be rated, and until when."""
    if not pending:
        return Screen(texts("rating.nothing"), [[back_button(texts, "swaps")]])
    lines = [texts("rating.pending_title"), ""]
    rows: list[Row] = []
    for one in pending:
        name = names[one.seat.about]
        day = day_of(texts, one.until, viewer)
        skill = texts.skill(one.swap.legs[one.seat.leg].skill)
        lines.append(texts("rating.pending_line", name=name, skill=skill, day=day))
        rows.append([button(f"⭐ {short(name)}", RATE, one.swap.id, "open")])
    return Screen("\n".join(lines), [*rows, [back_button(texts, "swaps")]])


def shown_screen(texts: Texts, person: User, reviews: Sequence[ShownReview], viewer_id: str) -> Screen:
    """Return the shown ratings of a person."""
    if not reviews:
        return Screen(texts("rating.none_shown", name=person.name), [[back_button(texts, "home")]])
    lines = [texts("rating.shown_title", name=person.name)]
    rows: list[Row] = []
    for shown in reviews:
        lines += ["", review_text(texts, shown.review, shown.author.name if shown.author else None)]
        if shown.author is not None and shown.author.id != viewer_id:
            label = texts.plain("report.rating", name=short(shown.author.name))
            rows.append([report_button(texts, shown.author.id, REVIEW, shown.review.id, label=label)])
    return Screen("\n".join(lines), [*rows, [back_button(texts, "home")]])


def revealed_screen(texts: Texts, shown: ShownReview | None, name: str, swap: Swap) -> Screen:
    """Return the news that the ratings of a swap are shown; None when the viewer, who has rated `name`, got none. Who
    has written about the reader can be blocked there."""
    if shown is None:
        return Screen(texts(rating_key(swap, "revealed_alone"), name=name), [])
    text = texts("rating.revealed", name=name) + "\n\n" + review_text(texts, shown.review, name)
    reply = button(texts.plain("rating.reply"), RATE, swap.id, "reply")
    rows: list[Row] = [[reply, *block_row(texts, swap, [shown.author])]]
    if shown.author is not None:
        label = texts.plain("report.rating", name=short(name))
        rows.append([report_button(texts, shown.author.id, REVIEW, shown.review.id, label=label)])
    return Screen(text, rows)


def review_text(texts: Texts, review: Review, name: str | None) -> str:
    """Return a shown rating as lines of a message, in HTML."""
    by = name if name is not None else texts.plain("swap.somebody")
    praise = texts.enumerate([texts.plain(f"rating.praise.{word}") for word in review.praise])
    lines = [texts("rating.line", stars=stars_text(review.stars), name=by)]
    lines += [texts("rating.praised", praise=praise)] if praise else []
    lines += [texts("rating.text", text=review.text)] if review.text else []
    lines += [texts("rating.answer", text=review.reply)] if review.reply else []
    return "\n".join(lines)


def stars_text(stars: int) -> str:
    return "★" * stars + "☆" * (MAX_STARS - stars)


def day_of(texts: Texts, at: datetime, viewer: User) -> str:
    return texts.date(local_time(at, viewer.timezone).date())


def _cancel(texts: Texts, swap_id: str) -> InlineKeyboardButton:
    return button(texts.plain("rating.cancel"), RATE, swap_id, "cancel")
