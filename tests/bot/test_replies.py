"""Replies in Telegram: each reaches the conversation or the question that it answers, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox import Message
from domain.users import MODERATOR, User
from handlers.circles import ask_circle
from handlers.messages import list_messages
from handlers.moderation import settle_skills
from handlers.swaps import list_swaps
from tests.factories import jpeg, list_possible

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

NOTHING = "takes no answer"


async def replies(stage: Stage, user: User, text: str, to: Message, expected: str) -> Message:
    """Reply to a message; return the bot's answer."""
    sent = await stage.writes(user, text, reply_to=to.id)
    return await stage.sees(user, expected, after=sent)


async def asked_about(stage: Stage, user: User, partner: User) -> Message:
    """Press Propose on the card of a partner; return the question for the note."""
    found = await stage.says(user, f"/find {partner.skills_offered[0]}", "teach")
    card = await stage.presses(user, found, f"👤 {partner.name}", "teaches you")
    return await stage.presses(user, card, "🤝 Propose a swap", "short note")


async def test_a_note_that_replies_to_a_closed_question_reaches_nobody(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    about_li = await asked_about(stage, ana, li)
    about_bo = await asked_about(stage, ana, bo)
    refused = await replies(stage, ana, "Dear Li, you know me from school", about_li, NOTHING)
    assert refused.reply_to is not None
    assert await list_swaps(stage.deps, ana) == []
    await replies(stage, ana, "Dear Bo", about_bo, "Sent to Bo")
    (request,) = await list_swaps(stage.deps, ana)
    assert (request.to_user_id, request.message) == (bo.id, "Dear Bo")


async def test_a_plain_note_answers_the_newest_question(stage: Stage, ana: User, li: User, bo: User) -> None:
    await asked_about(stage, ana, li)
    await asked_about(stage, ana, bo)
    await stage.says(ana, "Hello Bo", "Sent to Bo")
    (request,) = await list_swaps(stage.deps, ana)
    assert (request.to_user_id, request.message) == (bo.id, "Hello Bo")


async def test_a_reply_to_the_open_question_answers_it_beside_a_conversation(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li = await stage.running_swap(ana, li)
    about_bo = await asked_about(stage, ana, bo)
    await replies(stage, ana, "Hello Bo", about_bo, "Sent to Bo")
    assert await list_messages(stage.deps, ana, with_li.id) == []


async def test_a_reply_to_the_reason_of_a_refusal_answers_the_question(stage: Stage, ana: User, li: User) -> None:
    await asked_about(stage, ana, li)
    refused = await stage.says(ana, "long " * 200, "characters at most")
    await replies(stage, ana, "shorter", refused, "Sent to Li")
    (request,) = await list_swaps(stage.deps, ana)
    assert request.message == "shorter"


async def test_an_earlier_question_about_the_same_person_sends_nothing(stage: Stage, ana: User) -> None:
    await stage.person("Mia", "Python, chess", "guitar")
    found = await stage.says(ana, "/find chess", "teach")
    card = await stage.presses(ana, found, "👤 Mia", "teaches you")
    choice = await stage.presses(ana, card, "🤝 Propose a swap", "like to learn")
    first = await stage.presses(ana, choice, "Python", "short note")
    choice = await stage.presses(ana, card, "🤝 Propose a swap", "like to learn")
    await stage.presses(ana, choice, "chess", "short note")
    await stage.sandbox.press(ana.telegram_id or 0, first.id, "📨 Send without a note")
    await stage.until(lambda: "That request is no longer open. Start it again from the card." in stage.toasts(ana))
    await replies(stage, ana, "Python please", first, NOTHING)
    assert await list_swaps(stage.deps, ana) == []


async def test_a_reply_to_a_profile_question_changes_its_own_field_only(stage: Stage, ana: User) -> None:
    card = await stage.says(ana, "/profile", "Ana")
    chat = ana.telegram_id or 0
    await stage.sandbox.press(chat, card.id, "edit:name")
    name = await stage.sees(ana, "What should people call you?", after=card.id - 1)
    other = await stage.says(ana, "/profile", "Ana")
    await stage.sandbox.press(chat, other.id, "edit:location")
    location = await stage.sees(ana, "Where", after=other.id - 1)
    await replies(stage, ana, "Anna", name, NOTHING)
    await replies(stage, ana, "Lisbon", location, "Lisbon")
    user = await stage.deps.store.users.find(ana.id)
    assert user is not None
    assert (user.name, user.location) == ("Ana", "Lisbon")


async def test_an_earlier_message_of_the_open_question_still_takes_an_answer(stage: Stage, ana: User) -> None:
    card = await stage.says(ana, "/profile", "Ana")
    await stage.sandbox.press(ana.telegram_id or 0, card.id, "edit:teach")
    first = await stage.sees(ana, "teach", after=card.id - 1)
    await stage.says(ana, "piano", "Write more")
    await replies(stage, ana, "violin", first, "Write more")

    async def is_kept() -> bool:
        user = await stage.deps.store.users.find(ana.id)
        return user is not None and user.skills_offered == ("guitar", "piano", "violin")

    await stage.until(is_kept)


async def test_a_photo_that_replies_to_a_closed_question_is_not_kept(stage: Stage, ana: User, li: User) -> None:
    with_li = await stage.running_swap(ana, li)
    asked = await stage.says(ana, "/photo", "photo")
    await stage.says(ana, "/cancel", "")
    sent = await stage.sandbox.send_photo(ana.telegram_id or 0, jpeg(), reply_to=asked.id)
    await stage.sees(ana, NOTHING, after=sent)
    user = await stage.deps.store.users.find(ana.id)
    assert user is not None
    assert user.photo_url is None
    assert await list_messages(stage.deps, ana, with_li.id) == []


@pytest.mark.parametrize(
    ("command", "button", "question"),
    [
        ("/find", None, "What would you like to learn?"),
        ("/settings", "zone", "Which time zone"),
        ("/accounts", "merge>merge_enter", "code"),
        ("/profile", "edit:times", ""),
    ],
)
async def test_a_question_that_is_closed_takes_no_reply(
    stage: Stage, ana: User, li: User, command: str, button: str | None, question: str
) -> None:
    with_li = await stage.running_swap(ana, li)
    asked = await stage.says(ana, command, lambda message: message.from_bot)
    for data in button.split(">") if button else ():
        before = asked
        await stage.sandbox.press(ana.telegram_id or 0, asked.id, data)
        asked = await stage.sees(ana, lambda message, old=before: message.words != old.words, after=asked.id - 1)
    assert question in asked.words
    await stage.says(ana, "/cancel", lambda message: message.from_bot)
    await replies(stage, ana, "guitar", asked, NOTHING)
    assert await list_messages(stage.deps, ana, with_li.id) == []


async def test_a_moderators_answer_belongs_to_the_skill_it_was_asked_about(stage: Stage) -> None:
    await stage.person("Cy", "Zither tuning, Yak herding", "guitar")
    await settle_skills(stage.deps)
    eve = await stage.person("Eve", "guitar", "chess", role=MODERATOR)
    first = await stage.says(eve, "/moderate", "What is this?")
    merging = await stage.presses(eve, first, "🔗 Same as…", "Which skill is")
    second = await stage.says(eve, "/moderate", "What is this?")
    await stage.presses(eve, second, "⏭ Later", "What is this?")
    await replies(stage, eve, "Guitar", merging, NOTHING)


@pytest.mark.usefixtures("bo")
async def test_a_reply_to_a_match_card_reaches_nobody(stage: Stage, ana: User, li: User) -> None:
    with_li = await stage.running_swap(ana, li)
    found = await stage.says(ana, "/find chess", "teach")
    card = await stage.presses(ana, found, "👤 Bo", "teaches you")
    await replies(stage, ana, "Hello Bo, Li bores me", card, NOTHING)
    await stage.until_all_delivered()
    assert await list_messages(stage.deps, ana, with_li.id) == []


async def test_a_reply_to_the_card_of_an_open_circle_reaches_nobody(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Chinese, chess")
    li = await stage.person("Li", "Python", "Guitar")
    await stage.person("Noor", "Chinese", "Python")
    bo = await stage.person("Bo", "chess", "Guitar")
    with_bo = await stage.running_swap(ana, bo)
    (possible, *_) = await list_possible(stage.deps, li)
    await ask_circle(stage.deps, li, possible.id)
    card = await stage.sees(ana, "A circle of three would give you")
    await replies(stage, ana, "Who are you two?", card, NOTHING)
    assert await list_messages(stage.deps, ana, with_bo.id) == []


async def test_a_reply_to_the_line_that_names_the_receiver_goes_to_them(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await stage.running_swap(ana, li), await stage.running_swap(ana, bo)
    chooser = await stage.says(ana, "/chat", "Whom would you like to write to?")
    to_bo = await stage.presses(ana, chooser, "💬 Bo · chess ⇄ guitar", "You are now talking to Bo")
    chooser = await stage.says(ana, "/chat", "Whom would you like to write to?")
    await stage.presses(ana, chooser, "💬 Li · Python ⇄ guitar", "You are now talking to Li")
    await stage.writes(ana, "For Bo", reply_to=to_bo.id)
    await stage.sees(bo, "For Bo")
    assert [said.message for said in await list_messages(stage.deps, ana, with_bo.id)] == ["For Bo"]
    assert await list_messages(stage.deps, ana, with_li.id) == []


async def test_a_reply_to_the_first_news_of_a_swap_goes_to_its_partner(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li = await stage.running_swap(ana, li)
    news = await stage.sees(ana, "You are now talking to Li")
    with_bo = await stage.running_swap(ana, bo)
    chooser = await stage.says(ana, "/chat", "Whom would you like to write to?")
    await stage.presses(ana, chooser, "💬 Bo · chess ⇄ guitar", "You are now talking to Bo")
    await stage.writes(ana, "For Li", reply_to=news.id)
    await stage.sees(li, "For Li")
    assert [said.message for said in await list_messages(stage.deps, ana, with_li.id)] == ["For Li"]
    assert await list_messages(stage.deps, ana, with_bo.id) == []
