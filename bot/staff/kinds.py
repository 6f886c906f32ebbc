"""The kinds of cards for moderators: how each is worded, and whom it must not be shown to.

A new kind is a module in this folder and a line in `KINDS`; an operation has it shown with
`handlers.staff_cards.show_staff_card`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.staff import answer_card, application_card, case_card, dispute_card, group_card, skill_card
from bot.staff.wording import CardKind
from domain.staff_cards import ANSWER, APPLICATION, CASE, DISPUTE, SKILLS, STAFF_GROUP

KINDS: Final[Mapping[str, CardKind]] = MappingProxyType(
    {
        CASE: case_card.KIND,
        DISPUTE: dispute_card.KIND,
        ANSWER: answer_card.KIND,
        APPLICATION: application_card.KIND,
        SKILLS: skill_card.KIND,
        STAFF_GROUP: group_card.KIND,
    }
)
