"""The bot keeps to Telegram's pace: in each chat, over all chats, and when it is told to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from telegram.error import RetryAfter
from telegram.ext import Application, ExtBot

from bot.delivery.rate_limiter import GROUP_LIMIT, GROUP_RESERVE, RELAY_BURST, REPLY_BURST, RateLimiter
from bot.sandbox import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def rate_limiter() -> RateLimiter:
    return RateLimiter()


@pytest.fixture
async def bot(sandbox: Sandbox, rate_limiter: RateLimiter) -> AsyncIterator[ExtBot[None]]:
    """python-telegram-bot's own bot on a local Telegram, speaking at our pace."""

    def build() -> ExtBot[None]:
        builder = Application.builder().token(sandbox.token).updater(None).job_queue(None).rate_limiter(rate_limiter)
        built: ExtBot[None] = builder.base_url(f"{sandbox.url}/bot").build().bot
        return built

    bot = await asyncio.to_thread(build)
    await bot.initialize()
    yield bot
    await bot.shutdown()


async def chats(sandbox: Sandbox, count: int) -> list[int]:
    """People who have pressed Start: the bot may write to them."""
    people = [sandbox.add_person(f"Person {number}").id for number in range(count)]
    for person in people:
        await sandbox.send_text(person, "/start")
    return people


def sent_at(sandbox: Sandbox, chat_id: int) -> list[float]:
    return [c.at for c in sandbox.calls if c.method == "sendMessage" and str(c.params["chat_id"]) == str(chat_id)]


async def relay(bot: ExtBot[None], rate_limiter: RateLimiter, chat_id: int, text: str) -> None:
    await rate_limiter.wait(chat_id)
    await bot.send_message(chat_id, text)


async def test_a_chat_at_rest_gets_its_first_messages_at_once_and_then_one_a_second(
    bot: ExtBot[None], rate_limiter: RateLimiter, sandbox: Sandbox
) -> None:
    (chat,) = await chats(sandbox, 1)
    for number in range(RELAY_BURST + 2):
        await relay(bot, rate_limiter, chat, str(number))
    at = sent_at(sandbox, chat)
    assert at[RELAY_BURST - 1] - at[0] < 0.9
    assert at[RELAY_BURST] - at[0] >= 0.9
    assert at[RELAY_BURST + 1] - at[0] >= 1.9


async def test_signs_are_left_out_while_words_wait_for_their_turn(
    bot: ExtBot[None], rate_limiter: RateLimiter, sandbox: Sandbox
) -> None:
    people = await chats(sandbox, 40)
    words = [asyncio.create_task(bot.send_message(chat, "words")) for chat in people]
    await asyncio.sleep(0)  # all of them stand in line
    await asyncio.gather(*(bot.send_chat_action(chat, "typing") for chat in people))
    assert not [call for call in sandbox.calls if call.method == "sendChatAction"]
    await asyncio.gather(*words)
    await bot.send_chat_action(people[0], "typing")
    assert [call for call in sandbox.calls if call.method == "sendChatAction"]


async def test_answers_and_relayed_messages_share_the_pace_of_a_chat(
    bot: ExtBot[None], rate_limiter: RateLimiter, sandbox: Sandbox
) -> None:
    busy, idle = await chats(sandbox, 2)
    for number in range(REPLY_BURST):
        await bot.send_message(busy, str(number))
    await bot.send_message(busy, "one too many")
    at = sent_at(sandbox, busy)
    assert at[REPLY_BURST] - at[0] >= 0.9
    waiting = asyncio.create_task(relay(bot, rate_limiter, busy, "relayed"))
    await relay(bot, rate_limiter, idle, "somebody else does not wait")
    assert not waiting.done()
    waiting.cancel()


async def test_one_message_to_each_of_many_chats_keeps_under_thirty_a_second(
    bot: ExtBot[None], sandbox: Sandbox
) -> None:
    people = await chats(sandbox, 40)
    await asyncio.gather(*(bot.send_message(chat, "hello") for chat in people))
    at = sorted(sent_at(sandbox, chat)[0] for chat in people)
    assert at[30] - at[0] >= 1.0


async def test_a_chat_that_telegram_refuses_gets_nothing_until_the_time_is_over(
    bot: ExtBot[None], rate_limiter: RateLimiter, sandbox: Sandbox
) -> None:
    refused, other = await chats(sandbox, 2)
    sandbox.fail("sendMessage", times=1, status=429, retry_after=30)
    with pytest.raises(RetryAfter):
        await bot.send_message(refused, "too fast")
    for _ in range(2):  # an answer, too, is told to come back; the call itself is not made
        with pytest.raises(RetryAfter):
            await bot.send_message(refused, "again")
    with pytest.raises(RetryAfter):
        await rate_limiter.wait(refused)
    assert len(sent_at(sandbox, refused)) == 1
    assert rate_limiter.global_pause() == 0
    await bot.send_message(other, "another chat goes on")


async def test_two_chats_refused_one_after_the_other_pause_all(
    bot: ExtBot[None], rate_limiter: RateLimiter, sandbox: Sandbox
) -> None:
    one, two, third = await chats(sandbox, 3)
    sandbox.fail("sendMessage", times=2, status=429, retry_after=30)
    for chat in (one, two):
        with pytest.raises(RetryAfter):
            await bot.send_message(chat, "too fast")
    assert 29 < rate_limiter.global_pause() <= 30
    with pytest.raises(RetryAfter):
        await bot.send_message(third, "not now")
    assert sent_at(sandbox, third) == []


async def test_a_group_gets_cards_no_faster_than_telegram_allows_and_answers_before_them(sandbox: Sandbox) -> None:
    owner = sandbox.add_person("Ada").id
    group = await sandbox.groups.create("Moderators", owner)
    await sandbox.groups.add_bot(group.id, owner)
    limiter = RateLimiter(group_window=2.0)
    builder = Application.builder().token(sandbox.token).updater(None).job_queue(None).rate_limiter(limiter)
    bot = await asyncio.to_thread(builder.base_url(f"{sandbox.url}/bot").build)
    async with bot.bot:
        first = await bot.bot.send_message(group.id, "card 0")
        cards = 1
        while limiter.group_delay(group.id) == 0:
            await bot.bot.edit_message_text(f"card {cards}", group.id, first.message_id)
            cards += 1
        assert cards == GROUP_LIMIT - GROUP_RESERVE
        answers = [bot.bot.send_message(group.id, str(number)) for number in range(GROUP_RESERVE + 2)]
        await asyncio.gather(*answers)
    calls = sorted(call.at for call in sandbox.calls if call.method in ("sendMessage", "editMessageText"))
    assert calls[GROUP_LIMIT - 1] - calls[0] < 2.0
    assert calls[GROUP_LIMIT] - calls[0] >= 1.9
