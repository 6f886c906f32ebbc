"""Questions that are closed when their answer can never be taken, so that the next text is not taken for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot import community, door, moderation, organisers, proposals, reports, reviews, sessions
from bot.errors import NOT_AGREED
from bot.staff import questions
from bot.updates.context import Context
from domain.errors import Conflict, Forbidden, NotFound, Problem

Kinds = tuple[type[Problem], ...]

FINAL: Final[Kinds] = (Conflict, NotFound, Forbidden)
"""Problems that another answer does not mend."""

ENDED_BY: Final[Mapping[str, Kinds]] = {
    **dict.fromkeys((sessions.FLOW, reviews.FLOW, organisers.FLOW, questions.FLOW, door.FLOW, reports.FLOW), FINAL),
    proposals.PROPOSE: FINAL,
    # a change of somebody else, or a skill that is another one, is answered by another answer
    **dict.fromkeys((community.FLOW, moderation.FLOW), (Forbidden,)),
}
"""Problems that end a question, by flow. The questions of a profile, and for a code, always wait for another answer."""

BUTTONS_OF: Final[Mapping[str, str]] = {sessions.FLOW: "sq", reports.FLOW: "rpm", proposals.PROPOSE: "p"}
"""Buttons that answer the open question of a flow; any other one may be refused without a word about the question."""


async def end_refused(context: Context, flow: str, problem: Problem) -> None:
    """Close the question of this flow if the problem is final for it. Rules that are to be agreed to first are not."""
    if context.dialog.flow == flow and isinstance(problem, ENDED_BY.get(flow, ())) and problem.code != NOT_AGREED:
        await context.end_dialog()
