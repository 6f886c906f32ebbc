"""Mails about ratings: that one can still be written, that those of a swap are shown, and that others wait in vain."""

from __future__ import annotations

from domain.availability import local_time
from domain.languages import locale_or_default
from domain.reviews import window_of
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
    return worded_notice(texts, "review.rate", name=await _names(deps, texts, swap, person), day=day)


async def word_revealed(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word the ratings of the recipient that are shown now."""
    own = await list_own(deps, person, swap.id)
    got = [one for one, is_shown in own if is_shown and one.about == person.id and not one.is_declined]
    texts = _texts(deps, person)
    said = [("", f"{'★' * review.stars} {review.text}".strip()) for review in got]
    name = await _names(deps, texts, swap, person)
    return worded_notice(texts, "review.rated" if got else "review.not_rated", *said, name=name)


async def word_unreliable(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word that others have waited for the recipient in vain, or that they are paused for it."""
    return worded_notice(_texts(deps, person), "review.paused" if person.status == PAUSED else "review.unreliable")


async def _names(deps: Deps, texts: Texts, swap: Swap, person: User) -> str:
    people = await get_people(deps, swap.others(person.id))
    somebody = texts.plain("swap.somebody")
    return texts.enumerate([people[other].name if other in people else somebody for other in swap.others(person.id)])


def _texts(deps: Deps, person: User) -> Texts:
    return deps.texts[locale_or_default(person.locale)]
