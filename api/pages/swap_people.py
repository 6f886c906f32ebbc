"""The other ones of a swap as its page shows them: photo, why they fit, and what is counted about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.circle_views import facts_of
from domain.matches import match_between
from domain.swaps import PENDING, Swap
from domain.users import User
from handlers.request_facts import SAID_APART, factor_text, facts_line, slot_names, unsaid_reasons
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

MAX_CAVEATS: Final = 2


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person beside a swap: `reasons` and `caveats` are there for whoever decides about them, `facts` are short
    words. Of a private profile there are the name and the photo alone."""

    id: str
    name: str
    photo_url: str
    is_listed: bool
    reasons: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


def person_card(deps: Deps, texts: Texts, swap: Swap, viewer: User, person: User) -> PersonCard:
    """Return what the viewer of a swap may know of the other one."""
    photo = person.photo_url or ""
    if not person.is_listed:
        return PersonCard(person.id, person.name, photo, is_listed=False)
    now = deps.now()
    place = (person.location,) if person.location else ()
    counted = facts_line(texts, person, now)
    facts = (*place, texts.language_name(person.locale), *((counted,) if counted else ()))
    if swap.status != PENDING or viewer.id != swap.answerer:
        return PersonCard(person.id, person.name, photo, is_listed=True, facts=facts)
    known = facts_of(match_between(viewer, person, at=now, online=deps.online_places))
    reasons = [one for one in unsaid_reasons(known.reasons, known.shared_slots) if one.key not in SAID_APART]
    said = [texts.plain("page.request.both_free", times=slot_names(texts, known.shared_slots))]
    return PersonCard(
        person.id,
        person.name,
        photo,
        is_listed=True,
        reasons=(
            *(said if known.shared_slots else ()),
            *(factor_text(texts, one, "reason") for one in reasons),
        ),
        caveats=tuple(factor_text(texts, one, "caveat") for one in known.caveats if one.key not in SAID_APART)[
            :MAX_CAVEATS
        ],
        facts=facts,
    )
