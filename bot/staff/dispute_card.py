"""The card of a dispute: what both have said, and the decisions."""

from __future__ import annotations

from dataclasses import replace

from bot.staff.letters import write_button
from bot.staff.wording import Card, CardKind
from bot.views.dispute_cards import dispute_screen, settled_screen
from domain.outcomes import DECIDED, is_in_dispute
from domain.users import User
from handlers.disputes import find_dispute
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people


async def word_dispute(deps: Deps, texts: Texts, subject: str, viewer: User | None) -> Card | None:
    swap = await find_dispute(deps, subject)
    if swap is None:
        return None
    people = await get_people(deps, swap.participants)
    names = {user_id: other.name for user_id, other in people.items()}
    zone = viewer.timezone if viewer is not None else None
    if is_in_dispute(swap, deps.now()):
        screen = dispute_screen(texts, swap, zone, names)
        letters = [write_button(texts, person.id, person.name) for person in people.values()]
        return Card(replace(screen, rows=[*screen.rows, letters]), names=frozenset(people))
    by = next((event.by for event in reversed(swap.history) if event.event == DECIDED), "")
    decider = await get_people(deps, (by,)) if by else {}
    name = decider[by].name if by in decider else texts.plain("swap.somebody")
    return Card(settled_screen(texts, swap, zone, names, name), is_open=False, names=frozenset({*people, *decider}))


async def involved(deps: Deps, subject: str) -> frozenset[str]:
    swap = await find_dispute(deps, subject)
    return frozenset(swap.participants) if swap is not None else frozenset()


KIND = CardKind(word_dispute, involved)
