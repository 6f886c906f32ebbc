"""Word of what happens reaches Telegram: through its bad moments, at its pace, and after ours."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from bot.delivery import notifier
from bot.delivery.message_parts import compose
from bot.views.lengths import MAX_CAPTION, MAX_TEXT
from domain.deliveries import DEAD
from domain.events import SWAP_CARD_CHANGED
from domain.users import ProfileChanges
from handlers.dead_letters import list_deliveries
from handlers.messages import Draft, send_message
from handlers.notifications import deliveries_to
from handlers.swaps import Proposal, cancel_swap, expire_due_swaps, propose_swap
from handlers.users import delete_account, get_user, update_profile

if TYPE_CHECKING:
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def ask(stage: Stage, asker: User, partner: User) -> Swap:
    proposal = Proposal(partner.id, asker.skills_offered[0], partner.skills_offered[0])
    return await propose_swap(stage.deps, asker, proposal)


async def say(stage: Stage, actor: User, swap: Swap, *texts: str) -> None:
    for text in texts:
        await send_message(stage.deps, actor, Draft(swap.id, text, "web"))


def words_after_header(stage: Stage, user: User, header: str) -> list[str]:
    return [m.words.partition("\n")[2] for m in stage.received(user, header) if m.words.startswith(header)]


async def test_a_conversation_arrives_in_order_and_at_telegrams_pace(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await asyncio.sleep(0)
    stage.sandbox.calls.clear()
    await say(stage, ana, swap, *(str(number) for number in range(6)))
    await stage.until_all_delivered()
    assert words_after_header(stage, li, "Ana · guitar") == [str(number) for number in range(6)]
    sent = [call.at for call in stage.sandbox.calls if call.method == "sendMessage"]
    assert sent[5] - sent[0] >= 1.9  # a burst of three at most, then one a second


async def test_who_is_told_much_keeps_nobody_else_waiting(
    stage: Stage, ana: User, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "AT_ONCE", 1)
    bo = await stage.person("Bo", "chess", "guitar")
    with_li, with_bo = await stage.running_swap(ana, li), await stage.running_swap(ana, bo)
    stage.sandbox.calls.clear()
    await say(stage, ana, with_li, *(str(number) for number in range(6)))
    await say(stage, ana, with_bo, "Just this")
    await stage.until_all_delivered()
    sent = [call.params["chat_id"] for call in stage.sandbox.calls if call.method == "sendMessage"]
    assert str(sent[-1]) == str(li.telegram_id)
    assert str(bo.telegram_id) in map(str, sent[:5])  # in place of waiting for the next turn of the other chat


@pytest.mark.parametrize("status", [500, 502])
async def test_a_failing_telegram_is_tried_again(stage: Stage, ana: User, li: User, status: int) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.fail("sendMessage", times=1, status=status)
    await say(stage, ana, swap, "First", "Second")
    await stage.until_all_delivered()
    assert words_after_header(stage, li, "Ana · guitar") == ["First", "Second"]


async def test_nothing_is_sent_to_a_person_while_telegram_asks_for_a_pause(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.calls.clear()
    stage.sandbox.fail("sendMessage", times=1, status=429, retry_after=2)
    await say(stage, ana, swap, "First", "Second")
    await stage.until_all_delivered()
    refused, *sent = [call.at for call in stage.sandbox.calls if call.method == "sendMessage"]
    assert len(sent) == 2
    assert sent[0] - refused >= 2
    assert words_after_header(stage, li, "Ana · guitar") == ["First", "Second"]


async def is_reachable(stage: Stage, person: User) -> bool:
    return (await get_user(stage.deps, person.id)).telegram_reachable


async def until_blocked(stage: Stage, person: User) -> None:
    """Have this person block the bot, and wait until that is stored."""

    async def is_gone() -> bool:
        return not await is_reachable(stage, person)

    await stage.sandbox.block_bot(person.telegram_id or 0)
    await stage.until(is_gone)


async def test_somebody_who_has_blocked_the_bot_is_left_alone_until_they_are_back(
    stage: Stage, ana: User, li: User
) -> None:
    swap = await stage.running_swap(ana, li)
    await until_blocked(stage, li)
    await say(stage, ana, swap, "Hello?", "Are you there?")
    await stage.until_all_delivered()
    assert not words_after_header(stage, li, "Ana · guitar")
    await stage.sandbox.unblock_bot(li.telegram_id or 0)
    await stage.until(lambda: is_reachable(stage, li))
    await say(stage, ana, swap, "Welcome back")
    await stage.sees(li, "Welcome back")
    assert words_after_header(stage, li, "Ana · guitar") == ["Hello?", "Are you there?", "Welcome back"]
    assert (await stage.deps.store.outbox.counts())["dead"] == 0


async def test_what_waited_for_somebody_arrives_before_what_is_said_at_their_return(
    stage: Stage, ana: User, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = await stage.running_swap(ana, li)
    await until_blocked(stage, li)
    await say(stage, ana, swap, "Hello?", "Are you there?")
    await stage.until_all_delivered()
    unpark = stage.deps.store.outbox.unpark

    async def unpark_slowly(to: str, **options: datetime) -> int:
        await asyncio.sleep(0.4)  # a busy database
        return await unpark(to, **options)

    monkeypatch.setattr(stage.deps.store.outbox, "unpark", unpark_slowly)
    await stage.sandbox.unblock_bot(li.telegram_id or 0)
    await stage.until(lambda: is_reachable(stage, li))
    await say(stage, ana, swap, "Welcome back")
    await stage.sees(li, "Are you there?")
    await stage.sees(li, "Welcome back")
    assert words_after_header(stage, li, "Ana · guitar") == ["Hello?", "Are you there?", "Welcome back"]


async def test_who_waits_for_somebody_unreachable_is_told_once_until_they_are_back(
    stage: Stage, ana: User, li: User
) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.fail("sendMessage", times=1, status=403)
    stage.sandbox.calls.clear()
    await say(stage, ana, swap, "Hello?", "Anybody there?")
    await stage.sees(ana, "Li can't be reached in Telegram now")
    await stage.until_all_delivered()
    tries = [call for call in stage.sandbox.calls if call.params.get("chat_id") == str(li.telegram_id)]
    assert len(tries) <= 1, "nobody is called again who has refused"
    assert len(stage.received(ana, "can't be reached")) == 1
    (notice,) = [call for call in stage.sandbox.calls if "can't be reached" in str(call.params.get("text"))]
    assert str(notice.params.get("disable_notification")).lower() == "true"

    await stage.says(li, "/swaps", "Your swaps")  # any word of theirs, and they are back
    await say(stage, ana, swap, "Welcome back")
    await stage.sees(li, "Welcome back")
    await stage.sandbox.block_bot(li.telegram_id or 0)
    await say(stage, ana, swap, "Gone again?")
    await stage.until_all_delivered()
    assert len(stage.received(ana, "can't be reached")) == 2


async def test_a_burst_of_messages_makes_one_sound_and_loses_no_word(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.calls.clear()
    await say(stage, ana, swap, *(f"word {number}" for number in range(4)))
    await stage.until_all_delivered()
    sent = [call.params for call in stage.sandbox.calls if call.method == "sendMessage"]
    quiet = [str(params.get("disable_notification", False)).lower() == "true" for params in sent]
    assert quiet == [False, True, True, True]
    last = stage.received(li, "word 3")[-1]
    await stage.writes(li, "I have read them", reply_to=last.id)
    await stage.sees(ana, "I have read them")


async def test_a_refused_token_stops_the_sending_and_loses_nothing(
    stage: Stage, ana: User, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "TOKEN_PAUSE", 0.3)
    swap = await stage.running_swap(ana, li)
    door = stage.runners[-1]
    stage.sandbox.fail("sendMessage", times=1, status=401)
    await say(stage, ana, swap, "First", "Second")
    await stage.until(lambda: not door.is_accepted)
    await stage.until_all_delivered()
    assert words_after_header(stage, li, "Ana · guitar") == ["First", "Second"]
    assert door.is_accepted


async def test_a_short_outage_leaves_nothing_behind(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.fail("sendMessage", times=4, status=502)
    texts = [str(number) for number in range(3)]
    await say(stage, ana, swap, *texts)
    await stage.until_all_delivered()
    assert words_after_header(stage, li, "Ana · guitar") == texts


async def test_an_event_of_another_version_goes_to_the_dead_letters_with_one_warning(
    stage: Stage, ana: User, li: User, caplog: pytest.LogCaptureFixture
) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.calls.clear()
    (known,) = await deliveries_to(stage.deps, [li.id], SWAP_CARD_CHANGED)
    unknown = replace(known, id=f"swap.reviewed:{known.id}", event="swap.reviewed")
    assert await stage.deps.store.swaps.mark_away(swap.id, ana.id, [unknown])
    await say(stage, ana, swap, "What comes after it is not held up")
    await stage.sees(li, "What comes after it is not held up")
    await stage.until_all_delivered()
    (dead,) = await list_deliveries(stage.deps, DEAD)
    assert (dead.event, dead.reason, dead.attempts) == ("swap.reviewed", "unknown event", 1)
    warnings = [record for record in caplog.records if "swap.reviewed" in record.getMessage()]
    assert [record.levelname for record in warnings] == ["WARNING"]
    assert not [call for call in stage.sandbox.calls if call.method.startswith("edit")]


async def test_markup_that_telegram_refuses_goes_out_as_plain_text(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.fail("sendMessage", times=1, status=400, description="Bad Request: can't parse entities")
    await say(stage, ana, swap, "Hello")
    received = await stage.sees(li, "Hello")
    assert received.entities == []


async def test_both_ways_of_saying_it_end_before_the_lease(
    stage: Stage, ana: User, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "SEND_WITHIN", 3.0)
    swap = await stage.running_swap(ana, li)
    stage.sandbox.calls.clear()
    stage.sandbox.fail("sendMessage", times=1, status=400, description="Bad Request: can't parse entities")
    stage.sandbox.delay("sendMessage", 1.0)
    stage.sandbox.delay("sendMessage", 2.5)  # alone it would be in time
    await say(stage, ana, swap, "Hello")
    await stage.until(lambda: len([call for call in stage.sandbox.calls if call.method == "sendMessage"]) == 3)
    calls = sorted(stage.sandbox.calls, key=lambda call: call.at)  # a call that is cut off ends after the next one
    refused, cut_off, sent = [call for call in calls if call.method == "sendMessage"]
    assert [refused.status, cut_off.status, sent.status] == [400, 0, 200]
    await stage.until_all_delivered()


async def test_what_telegram_never_takes_does_not_hold_up_the_rest(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.fail("sendMessage", times=2, status=400, description="Bad Request: no")
    await say(stage, ana, swap, "Poison", "Fine")
    await stage.sees(li, "Fine")
    await stage.until_all_delivered()
    assert (await stage.deps.store.outbox.counts())["dead"] == 1


async def test_an_answer_that_got_lost_repeats_at_most_that_message(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.deliver_then_drop("sendMessage", times=1)
    await say(stage, ana, swap, "First", "Second")
    await stage.until_all_delivered()
    received = words_after_header(stage, li, "Ana · guitar")
    assert received in (["First", "First", "Second"], ["First", "Second"])


async def test_what_happens_while_the_bot_is_down_is_told_when_it_is_back(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.runners.pop().stop()
    await say(stage, ana, swap, "Are you there?")
    await cancel_swap(stage.deps, ana, swap.id)
    await stage.start_runner("another")
    await stage.sees(li, "Are you there?")
    await stage.sees(li, "Ana has ended your swap")
    assert len(stage.received(li, "Are you there?")) == 1


async def test_a_request_taken_back_before_it_was_told_is_not_told(stage: Stage, ana: User, li: User) -> None:
    await stage.runners.pop().stop()
    swap = await ask(stage, ana, li)
    await cancel_swap(stage.deps, ana, swap.id)
    await stage.start_runner("another")
    await stage.until_all_delivered()
    assert stage.received(li, "would like to swap") == []
    assert stage.received(li, "took back") == []


async def test_both_hear_that_nobody_answered_in_time(stage: Stage, ana: User, li: User) -> None:
    swap = await ask(stage, ana, li)
    request = await stage.sees(li, "Ana would like to swap")
    await stage.deps.store.database.collection("swaps").update_many({}, {"$set": {"due_at": stage.deps.now()}})
    await expire_due_swaps(stage.deps)
    await stage.sees(ana, "Li did not answer your request about Python in time")
    await stage.sees(li, "Ana's request about Python has expired")
    await stage.until_all_delivered()
    assert "has expired" in stage.message(li, request.id).words
    assert stage.buttons(stage.message(li, request.id)) == [
        "💬 Chat",
        "🙋 Ask them instead",
        "🔎 Someone like them",
        "🚫 Block",
        "🚩 Report",
    ]
    assert swap.id


async def test_a_deleted_person_is_told_nothing_and_their_partner_is(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await say(stage, li, swap, "See you")
    await delete_account(stage.deps, await get_user(stage.deps, li.id))
    await stage.sees(ana, lambda message: "(Python ⇄ guitar)" in message.words and "no longer arrive" in message.words)
    await stage.until_all_delivered()
    assert "has ended" not in stage.chat(li)[-1].words


async def test_news_that_come_after_a_departure_do_not_name_nobody(stage: Stage, ana: User, li: User) -> None:
    await stage.running_swap(ana, li)
    await stage.runners.pop().stop()
    await delete_account(stage.deps, await get_user(stage.deps, li.id))
    await stage.start_runner("another")
    await stage.sees(ana, "Your partner has left this community, so your swap (Python ⇄ guitar) has ended.")


async def test_notifications_turned_off_make_no_sound(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await update_profile(stage.deps, await get_user(stage.deps, li.id), ProfileChanges(notifications=False))
    stage.sandbox.calls.clear()
    await say(stage, ana, swap, "Softly")
    await stage.sees(li, "Softly")
    (call,) = [call for call in stage.sandbox.calls if call.method == "sendMessage"]
    assert str(call.params["disable_notification"]).lower() == "true"


def test_every_part_of_a_relayed_message_keeps_to_telegrams_limits() -> None:
    header = "Ana 🎸 · guitar ⇄ Python"
    for text in ("x" * 4096, "🎸" * 4096, ("word " * 819).strip(), "a\n" * 2047 + "b"):
        for photo_url in (None, "http://skills.example.org/photos/1.jpg"):
            parts = compose(header, text, photo_url)
            for part in parts:
                limit = MAX_CAPTION if part.photo_url else MAX_TEXT
                assert len(part.text.encode("utf-16-le")) // 2 <= limit
                assert part.text.startswith(header)
            assert sum(part.photo_url is not None for part in parts) == (photo_url is not None)
            said = "".join(part.text[len(header) :] for part in parts)
            assert said.split() == text.split() if " " in text else "".join(said.split()) == "".join(text.split())


async def test_of_two_processes_one_speaks_and_the_other_goes_on_after_it(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.start_runner("another")
    stage.sandbox.calls.clear()
    await say(stage, ana, swap, *(str(number) for number in range(5)))
    await stage.until_all_delivered()
    assert words_after_header(stage, li, "Ana · guitar") == [str(number) for number in range(5)]
    sent = [call.at for call in stage.sandbox.calls if call.method == "sendMessage"]
    assert sent[4] - sent[0] >= 0.9, "together they are as slow as one"
    await stage.runners.pop(0).stop()
    await say(stage, ana, swap, "Who is speaking?")
    await stage.until_all_delivered()
    assert words_after_header(stage, li, "Ana · guitar")[-1] == "Who is speaking?"
