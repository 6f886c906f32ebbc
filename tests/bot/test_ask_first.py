"""Questions before an answer, through the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def test_the_asked_asks_back_and_both_talk_before_the_answer(stage: Stage) -> None:
    ana, li, request = await stage.request()
    talking = await stage.presses(li, request, "💬 Ask", "You are now talking to Ana")
    assert "messages until" not in talking.words
    await stage.writes(li, "Electric or acoustic?")
    question = await stage.sees(ana, "Electric or acoustic?")
    assert question.words.startswith("Li · Python ⇄ guitar")
    await stage.writes(ana, "Both", reply_to=question.id)
    await stage.sees(li, "Both")
    await stage.presses(li, request, "✅ Accept", "You and Ana are swapping")


async def test_the_asker_writes_three_times_and_is_told_the_rule(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    card = await stage.says(ana, "/match", "Li teaches you")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "short note")
    sent = await stage.presses(ana, question, "📨 Send without a note", "Sent to Li")
    await stage.presses(ana, sent, "💬 Ask", "up to 3 messages until Li answers")
    for n in range(3):
        await stage.writes(ana, f"Question {n}")
        await stage.sees(li, f"Question {n}")
    await stage.says(ana, "Hello?", "3 messages without an answer: let them reply first")
    received = await stage.sees(li, "Question 2")
    await stage.writes(li, "Here I am", reply_to=received.id)
    await stage.sees(ana, "Here I am")
    await stage.writes(ana, "Lovely")
    await stage.sees(li, "Lovely")


async def test_after_a_no_the_asker_can_say_a_last_word(stage: Stage) -> None:
    ana, li, request = await stage.request()
    declined = await stage.presses(li, request, "✖️ Decline", "You declined Ana's request")
    assert "💬 Chat" in stage.buttons(declined)
    listed = await stage.says(ana, "/chat", "nobody to write to yet")  # nobody has written there
    await stage.presses(li, declined, "💬 Chat", "You are now talking to Ana")
    await stage.writes(li, "Maybe in spring!")
    word = await stage.sees(ana, "Maybe in spring!", after=listed.id)
    await stage.writes(ana, "See you then", reply_to=word.id)
    await stage.sees(li, "See you then")
