"""Skills without a name on the moderators' card: one at a time, decided in the group or in a private chat."""

from __future__ import annotations

import pytest

from domain.users import ProfileChanges, User
from handlers.moderation import reject_skill
from handlers.skill_cards import show_skill_card
from handlers.users import get_user, update_profile
from tests.bot.staff_stage import StaffStage, id_of
from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage", "tests.bot.staff_stage"]


async def wait_for_names(stage: Stage, user: User, *skills: str) -> None:
    """Have a user teach skills without a name, and the job look at them."""
    await update_profile(stage.deps, await get_user(stage.deps, user.id), ProfileChanges(skills_offered=skills))
    assert await show_skill_card(stage.deps) == 1
    assert await show_skill_card(stage.deps) == 0


async def test_one_card_shows_the_next_skill_until_none_is_left(staff: StaffStage, ana: User) -> None:
    await staff.takes_place()
    await wait_for_names(staff.stage, ana, "Aardvark grooming", "Bagpipe tuning")
    card = await staff.sees("Aardvark grooming")
    assert staff.stage.buttons(card)[-2:] == ["✨ Name it", "🚫 Not a skill"]
    assert len(staff.stage.buttons(card)) <= 4
    await staff.press(staff.noor, card, "🚫 Not a skill")
    following = await staff.sees("Bagpipe tuning")
    assert following.id == card.id
    await reject_skill(staff.stage.deps, staff.ada, "bagpipe tuning")  # by REST, or with /moderate
    done = await staff.sees("That was the last one")
    assert (done.id, done.buttons) == (card.id, [])


async def test_a_new_skill_is_named_and_put_into_a_category_in_the_group(staff: StaffStage, ana: User) -> None:
    await staff.takes_place()
    await wait_for_names(staff.stage, ana, "Bagpipe tuning")
    card = await staff.sees("Bagpipe tuning")
    await staff.press(staff.noor, card, "✨ Name it")
    question = await staff.sees("Write its name in English")
    await staff.stage.sandbox.groups.send_text(staff.chat, id_of(staff.noor), "Lute making", reply_to=question.id)
    where = await staff.sees("Where does it belong?")
    assert "Only moderators" in await staff.press(staff.kim, where, where.buttons[0].label)
    await staff.press(staff.noor, where, where.buttons[0].label)
    await staff.sees("That was the last one")
    assert staff.stage.deps.vocabulary.key_of("Bagpipe tuning") == staff.stage.deps.vocabulary.key_of("Lute making")
    assert staff.cards("Where does it belong?") == []


async def test_a_known_name_makes_it_another_spelling_after_a_second_look(staff: StaffStage, ana: User) -> None:
    await wait_for_names(staff.stage, ana, "Sixstring strumming")
    card = await staff.stage.sees(staff.noor, "Sixstring strumming")
    asked = await staff.stage.presses(staff.noor, card, "✨ Name it", "Write its name in English")
    await staff.stage.writes(staff.noor, "guitar", reply_to=asked.id)
    sure = await staff.stage.sees(staff.noor, "There is no way back")
    await staff.stage.presses(staff.noor, sure, "🔗 Yes, merge", "That was the last one")
    assert staff.stage.deps.vocabulary.key_of("Sixstring strumming") == "guitar"


@pytest.mark.parametrize("text", ["| Guitarra", "a | b | c | d | e"])
async def test_names_out_of_order_are_asked_for_again(staff: StaffStage, ana: User, text: str) -> None:
    await staff.takes_place()
    await wait_for_names(staff.stage, ana, "Bagpipe tuning")
    card = await staff.sees("Bagpipe tuning")
    await staff.press(staff.noor, card, "✨ Name it")
    question = await staff.sees("Write its name in English")
    await staff.says(staff.noor, text, "Names go with bars between them", reply_to=question.id)
    await staff.stage.sandbox.groups.send_text(staff.chat, id_of(staff.noor), "Lute making", reply_to=question.id)
    await staff.sees("Where does it belong?")
