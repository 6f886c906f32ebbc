"""The card about skills without a name: the next one, what it may be, and three ways to decide."""

from __future__ import annotations

from typing import Final

from bot.profile.fields import MAX_LABEL, skill_hash
from bot.staff.wording import Card, CardKind
from bot.views.lengths import short
from bot.views.screens import Row, Screen, button
from domain.users import User
from handlers.moderation import find_next_pending
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

SKILL_BUTTON: Final = "sk"
IS, NAME, REJECT = "is", "name", "reject"
MAX_SIMILAR: Final = 2


async def word_skills(deps: Deps, texts: Texts, subject: str, viewer: User | None) -> Card | None:
    found = await find_next_pending(deps)
    if found is None:
        return Card(Screen(texts("moderation.nothing_more")), is_open=False)
    pending, waiting = found
    presence, name = pending.presence, skill_hash(pending.presence.key)
    numbers = {"teachers": presence.teachers, "learners": presence.learners, "waiting": waiting}
    similar = [
        button(f"= {short(texts.skill(key), MAX_LABEL)}", SKILL_BUTTON, IS, name, skill_hash(key))
        for key in pending.similar[:MAX_SIMILAR]
    ]
    rows: list[Row] = [
        *([similar] if similar else []),
        [
            button(texts.plain("moderation.call"), SKILL_BUTTON, NAME, name, style="primary"),
            button(texts.plain("moderation.reject"), SKILL_BUTTON, REJECT, name, style="danger"),
        ],
    ]
    return Card(Screen(texts("moderation.skill", skill=presence.skill, **numbers), rows))


KIND = CardKind(word_skills)
