"""The shape of a card for moderators, and of its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.views.screens import Screen
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it is now. `is_open`: there is something to decide; a closed card is not sent where it is not yet.
    `names`: ids of the users whom it names. `below`: the card, by its id, that it is sent as a reply to.
    `until`: when it is written anew by itself."""

    screen: Screen
    is_open: bool = True
    names: frozenset[str] = frozenset()
    below: str = ""
    until: datetime | None = None


Wording = Callable[[Deps, Texts, str, User | None], Awaitable[Card | None]]
"""Words a subject in these texts, for the moderator in whose private chat it stands, or None for the group. Returns
None when there is nothing to be shown to them, or no longer."""


async def nobody(deps: Deps, subject: str) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class CardKind:
    """Wording of the cards of a kind. `involved`: users who must not see it, though they be moderators; if one of them
    is, the others get it in private. `for_admins`: only admins get it, and in private."""

    word: Wording
    involved: Callable[[Deps, str], Awaitable[frozenset[str]]] = nobody
    for_admins: bool = False
