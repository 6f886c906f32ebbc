"""The card that tells admins that the moderators' group is lost, and whether it is found again."""

from __future__ import annotations

from bot.staff.wording import Card, CardKind
from bot.views.screens import Screen
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.staff_group import find_staff_group


async def word_group(deps: Deps, texts: Texts, subject: str, viewer: User | None) -> Card | None:
    if await find_staff_group(deps) is not None:
        return Card(Screen(texts("staff.group.found")), is_open=False)
    return Card(Screen(texts("staff.group.lost")))


KIND = CardKind(word_group, for_admins=True)
