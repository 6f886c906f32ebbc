"""Talking in a swap through the bot: every word arrives, as it was written, and it is visible where it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from domain.dialogs import Dialog
from handlers.dialogs import get_dialog, save_dialog
from handlers.messages import Draft, list_messages, send_message
from handlers.runtime.rate_limits import MESSAGES
from handlers.swaps import Proposal, accept_swap, cancel_swap, propose_swap

if TYPE_CHECKING:
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def running_swap(stage: Stage, asker: User, partner: User) -> Swap:
    """A swap that both know to be running; nobody has opened its conversation by hand."""
    offered, wanted = asker.skills_offered[0], partner.skills_offered[0]
    swap = await propose_swap(stage.deps, asker, Proposal(partner.id, offered, wanted))
    swap = await accept_swap(stage.deps, partner, swap.id)
    await stage.until_all_told()
    return swap


async def said_in(stage: Stage, actor: User, swap: Swap) -> list[str]:
    return [message.message for message in await list_messages(stage.deps, actor, swap.id)]


def picture() -> bytes:
    data = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(data, "JPEG")
    return data.getvalue()


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.person("Ana", "guitar", "Python, chess")


@pytest.fixture
async def li(stage: Stage) -> User:
    return await stage.person("Li", "Python", "guitar")


@pytest.fixture
async def bo(stage: Stage) -> User:
    return await stage.person("Bo", "chess", "guitar")


async def test_words_arrive_exactly_as_they_were_written(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    text = "Look: <b>2 < 3</b> & *x* _y_ [z](w) 👩‍🎤\n\n/delete http://example.org"
    await stage.writes(ana, text)
    received = await stage.sees(li, "2 < 3")
    assert received.words == f"Ana · guitar ⇄ Python\n{text}"
    bold = [entity for entity in received.entities if entity["type"] == "bold"]
    assert [(entity["offset"], entity["length"]) for entity in bold] == [(0, len("Ana · guitar ⇄ Python"))]
    assert await said_in(stage, ana, swap) == [text]


async def test_the_sender_sees_a_light_mark_that_it_is_on_its_way(stage: Stage, ana: User, li: User) -> None:
    await running_swap(stage, ana, li)
    sent = await stage.writes(ana, "Hello")
    await stage.sees(li, "Hello")
    marks = [call for call in stage.sandbox.calls if call.method == "setMessageReaction"]
    assert [int(call.params["message_id"]) for call in marks] == [sent]
    assert stage.chat(ana)[-1].id == sent


async def test_who_writes_too_fast_is_told_which_words_were_not_sent(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    for _ in range(MESSAGES.burst):
        stage.deps.rates.take("message", ana.id, MESSAGES, at=stage.deps.now() + timedelta(minutes=5))
    sent = await stage.writes(ana, "Hello")
    assert (await stage.sees(ana, "this one was not sent")).reply_to == sent
    assert await said_in(stage, ana, swap) == []


async def test_what_is_said_on_the_web_comes_to_the_chat(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    await send_message(stage.deps, ana, Draft(swap.id, "From my desk", "web"))
    await stage.sees(li, "Ana · guitar ⇄ Python\nFrom my desk")


async def test_a_reply_goes_to_its_swap_whoever_is_being_talked_to(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, with_bo = await running_swap(stage, ana, li), await running_swap(stage, ana, bo)
    await stage.sees(ana, "You are now talking to Li")
    await send_message(stage.deps, bo, Draft(with_bo.id, "Chess tonight?", "web"))
    question = await stage.sees(ana, "Chess tonight?")
    await stage.writes(ana, "Yes!", reply_to=question.id)
    await stage.sees(bo, "Yes!")
    await stage.sees(ana, "You are now talking to Bo", after=question.id)
    await stage.writes(ana, "At eight")
    await stage.sees(bo, "At eight")
    assert await said_in(stage, ana, with_li) == []


async def test_a_reply_to_the_card_goes_to_its_swap(stage: Stage, ana: User, li: User, bo: User) -> None:
    request = await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    card = await stage.sees(ana, "Li would like to swap")
    await running_swap(stage, bo, ana)
    await accept_swap(stage.deps, ana, request.id)
    await stage.until_all_told()
    await stage.writes(ana, "Hi Li", reply_to=card.id)
    await stage.sees(li, "Hi Li")
    assert await said_in(stage, ana, request) == ["Hi Li"]


async def test_with_nobody_open_the_words_wait_for_a_choice(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, with_bo = await running_swap(stage, ana, li), await running_swap(stage, ana, bo)
    chooser = await stage.says(ana, "/chat", "Whom would you like to write to?")
    assert stage.buttons(chooser)[1:] == ["🟢 Li · Python ⇄ guitar", "🔕 Close this conversation", "🏠 Home"]
    await stage.presses(ana, chooser, "🔕 Close this conversation", "goes to nobody")
    await stage.says(ana, "First", "Whom is this for?")
    chooser = await stage.says(ana, "Second", "Whom is this for?")
    assert await said_in(stage, ana, with_bo) == []
    talking = await stage.presses(ana, chooser, "💬 Bo · chess ⇄ guitar", "You are now talking to Bo")
    assert "All 2 messages sent" in talking.words
    await stage.sees(bo, "Second")
    assert await said_in(stage, ana, with_bo) == ["First", "Second"]
    assert await said_in(stage, ana, with_li) == []


async def test_with_no_swap_running_the_bot_says_what_to_do(stage: Stage, ana: User) -> None:
    answer = await stage.says(ana, "Anybody there?", "There is nobody to write to yet")
    assert stage.buttons(answer) == ["🔎 Find a match", "🤝 My swaps", "🏠 Home"]


async def test_the_only_conversation_is_opened_at_once(stage: Stage, ana: User, li: User) -> None:
    await running_swap(stage, ana, li)
    await stage.says(li, "/chat", "You are now talking to Ana")


async def test_a_swap_that_has_ended_takes_no_words_and_none_get_lost_silently(
    stage: Stage, ana: User, li: User
) -> None:
    swap = await running_swap(stage, ana, li)
    await stage.writes(ana, "Hello")
    received = await stage.sees(li, "Hello")
    await cancel_swap(stage.deps, ana, swap.id)
    await stage.until_all_told()
    sent = await stage.writes(li, "Still there?", reply_to=received.id)
    await stage.sees(li, "This swap is not running", after=sent)
    await stage.says(ana, "Hm", "There is nobody to write to yet")
    assert await said_in(stage, ana, swap) == ["Hello"]


async def test_a_photo_arrives_with_its_caption(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption="My <guitar>")
    received = await stage.sees(li, "My <guitar>")
    assert received.caption == "Ana · guitar ⇄ Python\nMy <guitar>"
    assert received.photo
    (message,) = await list_messages(stage.deps, li, swap.id)
    assert message.photo_url is not None


async def test_a_photo_sent_as_a_file_arrives_as_a_photo(stage: Stage, ana: User, li: User) -> None:
    await running_swap(stage, ana, li)
    await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), as_document=True)
    received = await stage.sees(li, lambda message: message.kind == "photo")
    assert received.caption == "Ana · guitar ⇄ Python"


async def test_a_photo_for_nobody_waits_for_a_choice_too(stage: Stage, ana: User, li: User, bo: User) -> None:
    await running_swap(stage, ana, li)
    await running_swap(stage, bo, ana)
    await stage.presses(ana, await stage.says(ana, "/chat", "Whom"), "🔕 Close this conversation", "goes to nobody")
    sent = await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption="Look")
    chooser = await stage.sees(ana, "Whom is this for?", after=sent)
    await stage.presses(ana, chooser, "💬 Li · Python ⇄ guitar", "You are now talking to Li")
    received = await stage.sees(li, "Look")
    assert received.photo


async def test_a_message_that_is_too_long_is_refused_in_clear_words(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    await stage.says(ana, "x" * 4001, "4,001 characters, and 4,000 fit")
    assert await said_in(stage, ana, swap) == []


async def test_the_longest_message_of_the_widest_letters_arrives_whole(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    text = "🎸" * 4000
    await send_message(stage.deps, ana, Draft(swap.id, text, "web"))
    await stage.until_all_told()
    pieces = [message.words.split("\n", 1)[1] for message in stage.received(li, "🎸")]
    assert len(pieces) == 2
    assert "".join(pieces) == text


async def test_who_is_in_the_middle_of_a_question_keeps_it(stage: Stage, ana: User, li: User) -> None:
    await stage.says(li, "/find", "What would you like to learn?")
    await running_swap(stage, ana, li)
    answer = await stage.says(li, "guitar", "teaches guitar")
    assert "Ana" in answer.words


async def test_a_message_seen_twice_is_sent_once(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    stage.sandbox.duplicate_updates(3)
    await stage.writes(ana, "Once")
    await stage.writes(ana, "Then")
    await stage.sees(li, "Then")
    await stage.until_all_told()
    assert await said_in(stage, ana, swap) == ["Once", "Then"]
    assert len(stage.received(li, "Once")) == 1


async def test_a_reply_goes_to_its_swap_even_while_a_question_is_open(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    await send_message(stage.deps, ana, Draft(swap.id, "At eight?", "web"))
    question = await stage.sees(li, "At eight?")
    await stage.says(li, "/find", "What would you like to learn?")
    sent = await stage.writes(li, "Yes, at eight", reply_to=question.id)
    await stage.sees(ana, "Yes, at eight")
    await stage.sees(li, "Sent to Ana. My question is still open.", after=sent)
    await stage.sandbox.send_photo(li.telegram_id or 0, picture(), caption="My flute", reply_to=question.id)
    await stage.sees(ana, "My flute")
    await stage.says(li, "guitar", "teaches guitar")
    assert await said_in(stage, ana, swap) == ["At eight?", "Yes, at eight", "My flute"]


async def test_a_reply_to_a_request_that_waits_reaches_nobody_else(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_bo = await running_swap(stage, ana, bo)
    await stage.sees(ana, "You are now talking to Bo")
    await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    card = await stage.sees(ana, "Li would like to swap")
    sent = await stage.writes(ana, "Hi Li, Bo is boring", reply_to=card.id)
    await stage.sees(ana, "This swap is not running", after=sent)
    assert await said_in(stage, ana, with_bo) == []


async def test_a_reply_to_the_news_of_a_swap_goes_to_that_swap(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_bo, with_li = await running_swap(stage, ana, bo), await running_swap(stage, ana, li)
    news = await stage.sees(ana, "Li accepted!")
    assert stage.buttons(news) == ["💬 Talk to Li"]
    await stage.writes(ana, "Great!", reply_to=news.id)
    await stage.sees(li, "Great!")
    assert await said_in(stage, ana, with_li) == ["Great!"]
    assert await said_in(stage, ana, with_bo) == []


async def test_a_conversation_that_is_opened_while_the_bot_answers_stays_open(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    await running_swap(stage, ana, li)
    request = await propose_swap(stage.deps, ana, Proposal(bo.id, "guitar", "chess"))
    await stage.until_all_told()
    chat = ana.telegram_id or 0
    await save_dialog(stage.deps, replace(await get_dialog(stage.deps, chat), active_swap_id=None))
    stage.sandbox.delay("sendMessage", 1)
    sent = await stage.writes(ana, "Hm")  # the question whom this is for is on its way …
    await stage.until(lambda: not stage.sandbox._faults._delays["sendmessage"])
    await accept_swap(stage.deps, bo, request.id)  # … while a conversation opens
    await stage.sees(ana, "You are now talking to Bo", after=sent)

    async def is_asked() -> bool:
        return (await get_dialog(stage.deps, chat)).flow == "hold"

    await stage.until(is_asked)
    assert (await get_dialog(stage.deps, chat)).active_swap_id == request.id


async def test_no_conversation_opens_while_a_question_is_open(stage: Stage, ana: User, li: User) -> None:
    swap = await running_swap(stage, ana, li)
    chat = ana.telegram_id or 0
    await save_dialog(stage.deps, Dialog(chat, flow="find", step="skill"))
    await stage.deps.store.dialogs.open_conversation(chat, swap.id, instead_of=None)
    assert (await get_dialog(stage.deps, chat)).active_swap_id is None
