"""The moderators' group: made by an admin with /here, in it each thing to decide is one card, edited in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from bson import ObjectId

from domain.staff_cards import DISPUTE, NOTED_AHEAD
from domain.swaps import CANCELLED, NOT_HAPPENED
from domain.users import ADMIN, MODERATOR, User
from handlers.audit import list_audit
from handlers.disputes import decide_dispute
from handlers.staff_cards import claim_staff_card, keeping_staff_card
from handlers.staff_group import find_staff_group
from handlers.standing import Decision, ban, suspend, warn
from handlers.users import delete_account
from tests.bot.staff_stage import CARD, StaffStage, dispute, id_of
from tests.bot.stage import Stage
from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage", "tests.bot.staff_stage"]


async def test_an_admin_makes_a_private_group_the_moderators(staff: StaffStage) -> None:
    await staff.takes_place()
    group = await find_staff_group(staff.stage.deps)
    assert group is not None
    assert (group.chat_id, group.thread_id, group.locale) == (staff.chat, None, "en")
    [entry] = await list_audit(staff.stage.deps, staff.ada)
    assert (entry.by, entry.action, entry.after["chat_id"]) == (staff.ada.id, "staff_group.set", staff.chat)


async def test_only_an_admin_of_the_service_makes_a_group_the_moderators(staff: StaffStage) -> None:
    for person in (staff.kim, staff.noor):
        await staff.says(person, "/here", "Only an admin of this service")
    stranger = staff.stage.sandbox.add_person("Zoe")
    await staff.stage.sandbox.groups.add(staff.chat, stranger.id, id_of(staff.ada))
    sent = await staff.stage.sandbox.groups.send_text(staff.chat, stranger.id, "/here")
    await staff.stage.sandbox.wait_for(staff.chat, "Only an admin of this service", after=sent)
    assert await find_staff_group(staff.stage.deps) is None


async def test_a_bot_without_a_place_as_administrator_asks_for_it(staff: StaffStage) -> None:
    await staff.stage.sandbox.groups.demote_bot(staff.chat, id_of(staff.ada))
    await staff.says(staff.ada, "/here", "Make me an administrator")
    assert await find_staff_group(staff.stage.deps) is None


async def test_an_anonymous_admin_is_known_by_a_press(staff: StaffStage) -> None:
    await staff.stage.sandbox.groups.be_anonymous(staff.chat, id_of(staff.ada))
    question = await staff.says(staff.ada, "/here", "I cannot see who you are")
    assert "Only moderators" in await staff.press(staff.kim, question, "✅ It's me")
    assert "Only an admin" in await staff.press(staff.noor, question, "✅ It's me")
    await staff.press(staff.ada, question, "✅ It's me")
    await staff.sees("moderators' place now")
    group = await find_staff_group(staff.stage.deps)
    assert group is not None
    assert group.chat_id == staff.chat


async def test_a_dispute_is_one_card_in_the_group_and_is_decided_there(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    swap = await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    assert staff.stage.buttons(card)[:3] == ["🎉 It took place", "🌱 It did not take place", "🏁 End the swap"]
    assert not staff.stage.received(staff.noor, CARD)
    await staff.press(staff.noor, card, "🌱 It did not take place")
    question = await staff.sees("please reply to this message")
    assert question.reply_to == card.id
    reply = await staff.stage.sandbox.groups.send_text(
        staff.chat, id_of(staff.noor), "Nobody <b>called</b>.", reply_to=question.id
    )
    done = await staff.sees("Noor has decided", after=reply)
    assert done.id == card.id
    assert "Nobody <b>called</b>." in done.words
    assert done.buttons == []
    assert [message.id for message in staff.cards()] == [card.id]
    assert staff.stage.sandbox.chat(staff.chat)[-1].id == reply  # the question is gone
    stored = await staff.stage.deps.store.swaps.find(swap.id)
    assert stored is not None
    assert (stored.status, stored.history[-1].by) == (NOT_HAPPENED, staff.noor.id)
    for person in (ana, li):
        await staff.stage.sees(person, "not having taken place")


async def test_others_in_the_group_press_in_vain(staff: StaffStage, ana: User, li: User, move_clock: MoveClock) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    assert "Only moderators" in await staff.press(staff.kim, card, "🎉 It took place")
    stranger = staff.stage.sandbox.add_person("Zoe")
    await staff.stage.sandbox.groups.add(staff.chat, stranger.id, id_of(staff.ada))
    await staff.stage.sandbox.groups.press(staff.chat, stranger.id, card.id, "🎉 It took place")
    await staff.stage.until(lambda: staff.stage.sandbox.toasts(stranger.id))
    assert "Only moderators" in staff.stage.sandbox.toasts(stranger.id)[-1].text
    await staff.press(staff.noor, card, "🎉 It took place")
    question = await staff.sees("please reply to this message")
    await staff.says(staff.kim, "It did!", "Only moderators", reply_to=question.id)
    await staff.says(staff.ada, "It did!", "was for somebody else", reply_to=question.id)
    assert staff.stage.buttons(staff.cards()[0])


async def test_a_demoted_moderator_presses_in_vain(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    await staff.stage.deps.store.users.set_role(staff.noor.id, "member")
    assert "Only moderators" in await staff.press(staff.noor, card, "🎉 It took place")


@pytest.mark.parametrize("decision", [suspend, warn, ban])
async def test_a_moderator_who_may_not_decide_at_present_presses_in_vain(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock, decision: Callable[..., Awaitable[Decision]]
) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    await decision(staff.stage.deps, staff.ada, staff.noor.id, reason="rude")
    assert "Only moderators" in await staff.press(staff.noor, card, "🎉 It took place")
    assert staff.stage.buttons(staff.cards()[0])


async def test_of_two_answers_the_first_decides(staff: StaffStage, ana: User, li: User, move_clock: MoveClock) -> None:
    await staff.takes_place()
    swap = await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    await staff.press(staff.noor, card, "🎉 It took place")
    question = await staff.sees("please reply to this message")
    await decide_dispute(staff.stage.deps, staff.ada, swap.id, NOT_HAPPENED, "No sign of a call.")
    await staff.sees("Ada has decided")
    reply = await staff.says(staff.noor, "They met.", "", reply_to=question.id)
    assert reply.reply_to is not None
    assert "No sign of a call." in staff.cards()[0].words
    assert "They met." not in staff.cards()[0].words


async def test_what_moderators_say_to_each_other_is_left_alone(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    await staff.stage.until_all_delivered()
    before = len(staff.stage.sandbox.chat(staff.chat))
    await staff.stage.sandbox.groups.send_text(staff.chat, id_of(staff.noor), "What do you think?", reply_to=card.id)
    await staff.stage.sandbox.groups.send_text(staff.chat, id_of(staff.ada), "They met, I saw them.")
    await staff.says(staff.ada, "/match", "private")
    assert len(staff.stage.sandbox.chat(staff.chat)) == before + 4


async def test_open_questions_in_private_chats_are_not_touched_by_presses_in_the_group(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    await staff.stage.says(staff.noor, "/profile", lambda message: message.buttons)
    profile = staff.stage.chat(staff.noor)[-1]
    edit = next(button for button in profile.buttons if button.data and "edit" in button.data)
    asked = await staff.stage.presses(staff.noor, profile, edit.label, lambda message: True)
    before = await staff.stage.deps.store.dialogs.get(id_of(staff.noor))
    await staff.press(staff.noor, card, "🎉 It took place")
    await staff.sees("please reply to this message")
    after = await staff.stage.deps.store.dialogs.get(id_of(staff.noor))
    assert (after.flow, after.step) == (before.flow, before.step)
    assert asked.id


async def test_cards_stand_in_the_topic_where_here_was_sent(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    ada = await stage.person("Ada", "chess", "singing", role=ADMIN)
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    forum = await stage.sandbox.groups.create("Community", id_of(ada), id_of(noor), is_forum=True)
    await stage.sandbox.groups.add_bot(forum.id, id_of(ada), as_admin=True)
    staff = StaffStage(stage, forum, ada, noor, noor)
    topic = await stage.sandbox.groups.open_topic(forum.id, id_of(ada), "Moderation")
    await staff.takes_place(thread_id=topic)
    await dispute(stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    assert card.thread_id == topic
    await staff.press(noor, card, "🎉 It took place")
    assert (await staff.sees("please reply to this message")).thread_id == topic
    await stage.sandbox.groups.delete_topic(forum.id, topic)
    await dispute(
        stage, move_clock, await stage.person("Cy", "guitar", "Python"), await stage.person("Bo", "Python", "guitar")
    )
    again = await staff.sees(CARD, after=card.id)
    assert again.thread_id is None


async def test_a_moderator_with_a_part_in_it_does_not_see_a_dispute(
    staff: StaffStage, ana: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    other = await staff.stage.person("Bo", "Python", "guitar", role=MODERATOR)
    await dispute(staff.stage, move_clock, ana, other)
    await staff.stage.until_all_delivered()
    assert staff.cards() == []
    for person in (staff.ada, staff.noor):
        await staff.stage.sees(person, CARD)
    assert not staff.stage.received(other, CARD)


async def test_open_cards_move_from_private_chats_into_the_group(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await dispute(staff.stage, move_clock, ana, li)
    private = await staff.stage.sees(staff.noor, CARD)
    assert private.buttons
    await staff.takes_place()
    assert (await staff.sees(CARD)).buttons
    assert staff.stage.message(staff.noor, private.id).buttons == []


@pytest.mark.parametrize("what", ["removed", "demoted"])
async def test_without_the_group_cards_go_to_each_moderator_and_admins_are_told(
    staff: StaffStage, ana: User, li: User, what: str, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    groups, ada = staff.stage.sandbox.groups, id_of(staff.ada)
    await (groups.remove_bot(staff.chat, ada) if what == "removed" else groups.demote_bot(staff.chat, ada))
    told = await staff.stage.sees(staff.ada, "I have lost the moderators' group")
    await staff.stage.until_all_delivered()
    assert not staff.stage.received(staff.noor, "I have lost")
    assert (await staff.stage.sees(staff.noor, CARD)).buttons
    assert await find_staff_group(staff.stage.deps) is None
    if what == "demoted":  # a bot that was removed cannot edit there
        assert next(message for message in staff.cards() if message.id == card.id).buttons == []
        await groups.promote_bot(staff.chat, ada)
    else:
        await groups.add_bot(staff.chat, ada, as_admin=True)
    await staff.takes_place()
    assert (await staff.sees(CARD, after=card.id)).buttons
    assert "group is set" in staff.stage.message(staff.ada, told.id).words


async def test_a_removal_that_the_bot_did_not_hear_of_is_found_out_by_the_next_card(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    staff.group.members[str(staff.stage.sandbox._world.bot["id"])]["status"] = "kicked"
    await dispute(staff.stage, move_clock, ana, li)
    await staff.stage.sees(staff.noor, CARD)
    await staff.stage.sees(staff.ada, "I have lost the moderators' group")
    assert await find_staff_group(staff.stage.deps) is None


@pytest.mark.parametrize("is_heard", [True, False])
async def test_a_group_that_becomes_a_supergroup_stays_the_moderators(
    stage: Stage, ana: User, li: User, is_heard: bool, move_clock: MoveClock
) -> None:
    ada = await stage.person("Ada", "chess", "singing", role=ADMIN)
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    group = await stage.sandbox.groups.create("Moderators", id_of(ada), id_of(noor), is_supergroup=False)
    await stage.sandbox.groups.add_bot(group.id, id_of(ada), as_admin=True)
    staff = StaffStage(stage, group, ada, noor, noor)
    await staff.takes_place()
    await dispute(stage, move_clock, ana, li)
    await staff.sees(CARD)
    cy, di = await stage.person("Cy", "guitar", "Python"), await stage.person("Di", "Python", "guitar")
    if not is_heard:  # the bot was down for so long that Telegram has dropped the update
        stage.sandbox._world.inbox.allow(["callback_query"])
    staff.group = await stage.sandbox.groups.upgrade(group.id, id_of(ada))
    if not is_heard:
        await dispute(stage, move_clock, cy, di)
    card = await staff.sees(CARD)
    await stage.until_all_delivered()
    found = await find_staff_group(stage.deps)
    assert found is not None
    assert found.chat_id == staff.group.id
    assert card.buttons
    assert not stage.received(ada, "I have lost")


async def test_what_happens_in_a_group_says_nothing_about_private_chats(staff: StaffStage) -> None:
    await staff.stage.sandbox.block_bot(id_of(staff.noor))

    async def is_reachable() -> bool:
        user = await staff.stage.deps.store.users.find(staff.noor.id)
        assert user is not None
        return user.telegram_reachable

    async def is_known() -> bool:
        return not await is_reachable()

    await staff.stage.until(is_known)
    await staff.says(staff.noor, "/here", "Only an admin of this service")
    assert not await is_reachable()
    await staff.stage.sandbox.groups.remove_bot(staff.chat, id_of(staff.ada))
    await staff.stage.says(staff.ada, "/swaps", lambda message: True)
    ada = await staff.stage.deps.store.users.find(staff.ada.id)
    assert ada is not None
    assert ada.telegram_reachable


async def test_a_refused_pace_delays_a_card_and_loses_none(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    staff.stage.sandbox.fail("sendMessage", status=429, retry_after=1)
    await dispute(staff.stage, move_clock, ana, li)
    await staff.sees(CARD)
    await staff.stage.until_all_delivered()
    assert len(staff.cards()) == 1


async def test_a_card_is_written_although_the_process_was_killed_between_the_change_and_the_card(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    swap = await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    deps = staff.stage.deps

    async def change_and_be_killed() -> None:
        async with keeping_staff_card(deps, DISPUTE, swap.id):
            ended = {"$set": {"status": CANCELLED}}
            await deps.store.database.collection("swaps").update_one({"_id": ObjectId(swap.id)}, ended)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await change_and_be_killed()
    await move_clock(seconds=NOTED_AHEAD.total_seconds())
    assert (await staff.sees("nothing left to decide")).id == card.id


async def test_a_restart_goes_on_with_the_cards_of_a_killed_process(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    swap = await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    await staff.stage.until_all_delivered()
    for runner in staff.stage.runners:
        await runner.stop()
    await decide_dispute(staff.stage.deps, staff.ada, swap.id, NOT_HAPPENED, "No sign of a call.")
    claimed = await claim_staff_card(staff.stage.deps)  # and then the process is gone
    assert claimed is not None
    assert claimed.subject == swap.id
    assert await claim_staff_card(staff.stage.deps) is None
    await staff.stage.start_runner("another")
    assert (await staff.sees("Ada has decided")).id == card.id
    await staff.stage.until_all_delivered()
    assert len(staff.cards()) == 1


async def test_a_card_forgets_the_name_of_whoever_leaves(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees("Ana and Li remember")
    await delete_account(staff.stage.deps, ana)
    after = await staff.stage.sandbox.wait_for(staff.chat, lambda message: message.id == card.id and message.edited)
    assert "Ana" not in after.words
    await staff.stage.until_all_delivered()
    assert len(staff.cards("Li")) == 1
