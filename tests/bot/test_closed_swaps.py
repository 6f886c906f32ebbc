"""Swaps that end without an actor: what the bot says names nobody."""

from __future__ import annotations

import pytest

from domain.swaps import ACCEPTED, PENDING
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.runtime.deps import Deps
from tests.bot.conftest import Bot
from tests.factories import MakeUser, insert_swap
from tests.waiting import eventually


@pytest.mark.parametrize(
    ("status", "words"),
    [(PENDING, "The request between you and Ana (Guitar ⇄ Python) is off"), (ACCEPTED, "Your swap with Ana (")],
)
async def test_a_swap_that_a_merge_closes_was_ended_by_nobody(
    deps: Deps, bot: Bot, make_user: MakeUser, status: str, words: str
) -> None:
    """Of two equal swaps that the two profiles of one person have open, one ends without an actor."""
    li = await bot.member("Li", offers="Python", wants="Guitar")
    skills = {"skills_offered": ("Guitar",), "skills_wanted": ("Python",)}
    ana, other = await make_user("Ana", **skills), await make_user("Ana", **skills)
    for profile in (ana, other):
        await insert_swap(deps, profile, li, status=status)
    chat = li.telegram_id or 0
    if status == PENDING:  # what has not been shown is taken back in silence
        await eventually(lambda: sum(":accept" in str(m.buttons) for m in bot.sandbox.chat(chat)) == 2)
    code, _ = await offer_merge(deps, ana)
    await accept_merge(deps, other, code)
    await bot.sandbox.wait_for(chat, words)
    assert not any("Ana has ended" in m.words or "Ana took back the" in m.words for m in bot.sandbox.chat(chat))
