"""The quota of requests in the bot: told in time."""

from __future__ import annotations

from tests.bot.stage import Stage, stage

__all__ = ["stage"]


async def test_the_bot_says_how_many_more_can_be_asked_and_what_raises_it(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python", created_at=stage.deps.now())
    for number in range(3):
        await stage.person(f"P{number}", "Python", "guitar")
    for expected in (None, "You can ask 1 more person", "That was your last open request for now"):
        card = await stage.says(ana, "/match", "teaches you")
        asked = await stage.presses(ana, card, "🤝 Propose a swap", "a short note")
        shown = await stage.presses(ana, asked, "📨 Send without a note", "They have five days")
        if expected is None:
            await stage.until_all_delivered()
            assert not stage.received(ana, "before somebody answers")
        else:
            told = await stage.sees(ana, expected, after=shown.id - 1)
            assert "2 more once you have been here for a day" in told.words
            assert "10 more after your first completed swap" in told.words
