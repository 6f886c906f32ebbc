"""Mails about ratings: that one can still be written, that those of a swap are shown, and that others wait in vain."""

from __future__ import annotations

from dataclasses import replace

from domain.availability import local_time
from domain.languages import locale_or_default
from domain.reviews import seats_of, window_of
from domain.swaps import Swap
from domain.users import PAUSED, User
from handlers.reviews import list_own, unwritten
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people
from mail.notices import Notice, worded_notice


async def word_rating(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word the reminder of a rating that has not been written, with its last day."""
    ends = window_of(swap)
    if ends is None or ends <= deps.now() or person.id not in await unwritten(deps, swap):
        return None
    texts = _texts(deps, person)
    day = texts.date(local_time(ends, person.timezone).date())
    key = "review.rate" if swap.circle is None else "review.rate_circle"
    return worded_notice(texts, key, name=await _name(deps, texts, _rated(swap, person)), day=day)


async def word_revealed(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word the ratings of the recipient that are shown now; None where neither theirs nor one of them is."""
    own = await list_own(deps, person, swap.id)
    got = [one for one, is_shown in own if is_shown and one.about == person.id and not one.is_declined]
    texts = _texts(deps, person)
    said = [("", f"{'★' * review.stars} {review.text}".strip()) for review in got]
    if got:
        return worded_notice(texts, "review.rated", *said, name=await _name(deps, texts, got[0].author))
    if not any(one.author == person.id and is_shown and not one.is_declined for one, is_shown in own):
        return None  # in a circle, the ratings are those of the other two
    key = "review.not_rated" if swap.circle is None else "review.shown"
    return worded_notice(texts, key, name=await _name(deps, texts, _rated(swap, person)))


async def word_unreliable(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word that others have waited for the recipient in vain, or that they are paused for it."""
    words = "review.paused" if person.status == PAUSED else "review.unreliable"
    return replace(worded_notice(_texts(deps, person), words), page="swaps")


def _rated(swap: Swap, person: User) -> str:
    """Return the id of whom this user rates in a completed swap, in a circle their teacher."""
    return next((seat.about for seat in seats_of(swap) if seat.author == person.id), "")


async def _name(deps: Deps, texts: Texts, user_id: str) -> str:
    people = await get_people(deps, (user_id,))
    return people[user_id].name if user_id in people else texts.plain("swap.somebody")


def _texts(deps: Deps, person: User) -> Texts:
    return deps.texts[locale_or_default(person.locale)]
