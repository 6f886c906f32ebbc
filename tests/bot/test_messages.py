"""Conversations through the bot: every message arrives as written, and the sender sees to which swap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

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


async def messages_in(stage: Stage, actor: User, swap: Swap) -> list[str]:
    return [message.message for message in await list_messages(stage.deps, actor, swap.id)]


def picture() -> bytes:
    data = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(data, "JPEG")
    return data.getvalue()


async def test_message_arrives_exactly_as_written(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    text = "Look: <b>2 < 3</b> & *x* _y_ [z](w) 👩‍🎤\n\n/delete http://example.org"
    await stage.writes(ana, text)
    received = await stage.sees(li, "2 < 3")
    assert received.words == f"Ana · guitar ⇄ Python\n{text}"
    bold = [entity for entity in received.entities if entity["type"] == "bold"]
    assert [(entity["offset"], entity["length"]) for entity in bold] == [(0, len("Ana · guitar ⇄ Python"))]
    assert await messages_in(stage, ana, swap) == [text]


async def test_a_copied_phone_number_arrives(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.writes(ana, "Call \u202a+34 600 000 000\u202c \u202eor write\uf8ff")
    assert "or write" in (await stage.sees(li, "Call")).words
    assert await messages_in(stage, ana, swap) == ["Call \u202a+34 600 000 000\u202c or write"]


async def test_sent_message_gets_a_reaction(stage: Stage, ana: User, li: User) -> None:
    await stage.running_swap(ana, li)
    sent = await stage.writes(ana, "Hello")
    await stage.sees(li, "Hello")
    marks = [call for call in stage.sandbox.calls if call.method == "setMessageReaction"]
    assert [int(call.params["message_id"]) for call in marks] == [sent]
    assert stage.chat(ana)[-1].id == sent


async def test_rate_limited_message_is_quoted_as_not_sent(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    for _ in range(MESSAGES.burst):
        stage.deps.rates.take("message", ana.id, MESSAGES, at=stage.deps.now() + timedelta(minutes=5))
    sent = await stage.writes(ana, "Hello")
    assert (await stage.sees(ana, "this one was not sent")).reply_to == sent
    assert await messages_in(stage, ana, swap) == []


async def test_message_from_the_web_is_relayed_to_the_chat(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await send_message(stage.deps, ana, Draft(swap.id, "From my desk", "web"))
    await stage.sees(li, "Ana · guitar ⇄ Python\nFrom my desk")


async def test_reply_goes_to_its_swap_instead_of_the_open_conversation(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await stage.running_swap(ana, li), await stage.running_swap(ana, bo)
    await stage.sees(ana, "You are now talking to Li")
    await send_message(stage.deps, bo, Draft(with_bo.id, "Chess tonight?", "web"))
    question = await stage.sees(ana, "Chess tonight?")
    await stage.writes(ana, "Yes!", reply_to=question.id)
    await stage.sees(bo, "Yes!")
    await stage.sees(ana, "You are now talking to Bo", after=question.id)
    await stage.writes(ana, "At eight")
    await stage.sees(bo, "At eight")
    assert await messages_in(stage, ana, with_li) == []


async def test_reply_to_a_card_goes_to_its_swap(stage: Stage, ana: User, li: User, bo: User) -> None:
    request = await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    card = await stage.sees(ana, "Li would like to swap")
    await stage.running_swap(bo, ana)
    await accept_swap(stage.deps, ana, request.id)
    await stage.until_all_delivered()
    await stage.writes(ana, "Hi Li", reply_to=card.id)
    await stage.sees(li, "Hi Li")
    assert await messages_in(stage, ana, request) == ["Hi Li"]


async def test_message_without_a_conversation_is_held_until_a_choice(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await stage.running_swap(ana, li), await stage.running_swap(ana, bo)
    chooser = await stage.says(ana, "/chat", "Whom would you like to write to?")
    assert stage.buttons(chooser)[1:] == ["🟢 Li · Python ⇄ guitar", "🔕 Close this conversation", "🏠 Home"]
    await stage.presses(ana, chooser, "🔕 Close this conversation", "goes to nobody")
    await stage.says(ana, "First", "Whom is this for?")
    chooser = await stage.says(ana, "Second", "Whom is this for?")
    assert await messages_in(stage, ana, with_bo) == []
    talking = await stage.presses(ana, chooser, "💬 Bo · chess ⇄ guitar", "You are now talking to Bo")
    assert "All 2 messages sent" in talking.words
    await stage.sees(bo, "Second")
    assert await messages_in(stage, ana, with_bo) == ["First", "Second"]
    assert await messages_in(stage, ana, with_li) == []


async def test_message_without_a_running_swap_gets_advice(stage: Stage, ana: User) -> None:
    answer = await stage.says(ana, "Anybody there?", "There is nobody to write to yet")
    assert stage.buttons(answer) == ["🔎 Find a match", "🤝 My swaps", "🏠 Home"]


async def test_only_conversation_is_opened_at_once(stage: Stage, ana: User, li: User) -> None:
    await stage.running_swap(ana, li)
    await stage.says(li, "/chat", "You are now talking to Ana")


async def test_ended_swap_takes_no_message_and_the_sender_is_notified(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.writes(ana, "Hello")
    received = await stage.sees(li, "Hello")
    await cancel_swap(stage.deps, ana, swap.id)
    await stage.until_all_delivered()
    sent = await stage.writes(li, "Still there?", reply_to=received.id)
    await stage.sees(li, "This swap is not running", after=sent)
    await stage.says(ana, "Hm", "There is nobody to write to yet")
    assert await messages_in(stage, ana, swap) == ["Hello"]


async def test_photo_arrives_with_its_caption(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption="My <guitar>")
    received = await stage.sees(li, "My <guitar>")
    assert received.caption == "Ana · guitar ⇄ Python\nMy <guitar>"
    assert received.photo
    (message,) = await list_messages(stage.deps, li, swap.id)
    assert message.photo_url is not None


async def test_photo_sent_as_a_file_arrives_as_a_photo(stage: Stage, ana: User, li: User) -> None:
    await stage.running_swap(ana, li)
    await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), as_document=True)
    received = await stage.sees(li, lambda message: message.kind == "photo")
    assert received.caption == "Ana · guitar ⇄ Python"


async def test_photo_without_a_conversation_is_held_until_a_choice(stage: Stage, ana: User, li: User, bo: User) -> None:
    await stage.running_swap(ana, li)
    await stage.running_swap(bo, ana)
    await stage.presses(ana, await stage.says(ana, "/chat", "Whom"), "🔕 Close this conversation", "goes to nobody")
    sent = await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption="Look")
    chooser = await stage.sees(ana, "Whom is this for?", after=sent)
    await stage.presses(ana, chooser, "💬 Li · Python ⇄ guitar", "You are now talking to Li")
    received = await stage.sees(li, "Look")
    assert received.photo


async def test_the_longest_text_that_telegram_sends_arrives_whole(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    text = ("word " * 818 + "ending")[:4096]
    assert len(text) == 4096
    await stage.writes(ana, text)
    await stage.sees(li, "ending")
    await stage.until_all_delivered()
    pieces = [message.words.split("\n", 1)[1] for message in stage.received(li, "Ana · guitar")]
    assert (len(pieces), " ".join(pieces)) == (2, text)
    assert await messages_in(stage, li, swap) == [text]


async def test_longest_message_of_the_widest_characters_arrives_whole(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    text = "🎸" * 4096
    await send_message(stage.deps, ana, Draft(swap.id, text, "web"))
    await stage.until_all_delivered()
    pieces = [message.words.split("\n", 1)[1] for message in stage.received(li, "🎸")]
    assert len(pieces) == 3
    assert "".join(pieces) == text


async def test_open_question_survives_the_start_of_a_swap(stage: Stage, ana: User, li: User) -> None:
    await stage.says(li, "/find", "What would you like to learn?")
    await stage.running_swap(ana, li)
    answer = await stage.says(li, "guitar", "teaches guitar")
    assert "Ana" in answer.words


async def test_duplicate_update_sends_one_message(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.duplicate_updates(3)
    await stage.writes(ana, "Once")
    await stage.writes(ana, "Then")
    await stage.sees(li, "Then")
    await stage.until_all_delivered()
    assert await messages_in(stage, ana, swap) == ["Once", "Then"]
    assert len(stage.received(li, "Once")) == 1


async def test_reply_goes_to_its_swap_while_a_question_is_open(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await send_message(stage.deps, ana, Draft(swap.id, "At eight?", "web"))
    question = await stage.sees(li, "At eight?")
    await stage.says(li, "/find", "What would you like to learn?")
    sent = await stage.writes(li, "Yes, at eight", reply_to=question.id)
    await stage.sees(ana, "Yes, at eight")
    await stage.sees(li, "Sent to Ana. My question is still open.", after=sent)
    await stage.sandbox.send_photo(li.telegram_id or 0, picture(), caption="My flute", reply_to=question.id)
    await stage.sees(ana, "My flute")
    await stage.says(li, "guitar", "teaches guitar")
    assert await messages_in(stage, ana, swap) == ["At eight?", "Yes, at eight", "My flute"]


async def test_reply_to_a_pending_request_reaches_its_asker_and_no_other_swap(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_bo = await stage.running_swap(ana, bo)
    await stage.sees(ana, "You are now talking to Bo")
    await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    card = await stage.sees(ana, "Li would like to swap")
    await stage.writes(ana, "Hi Li, Bo is boring", reply_to=card.id)
    await stage.sees(li, "Hi Li, Bo is boring")
    assert await messages_in(stage, ana, with_bo) == []


async def test_reply_to_a_notification_goes_to_its_swap(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_bo, with_li = await stage.running_swap(ana, bo), await stage.running_swap(ana, li)
    news = await stage.sees(ana, "Li accepted!")
    assert stage.buttons(news) == ["🗓 Pick a time", "💬 Talk to Li", "🚫 Block", "🚩 Report"]
    await stage.writes(ana, "Great!", reply_to=news.id)
    await stage.sees(li, "Great!")
    assert await messages_in(stage, ana, with_li) == ["Great!"]
    assert await messages_in(stage, ana, with_bo) == []


async def test_conversation_opened_during_an_answer_stays_open(stage: Stage, ana: User, li: User, bo: User) -> None:
    await stage.running_swap(ana, li)
    request = await propose_swap(stage.deps, ana, Proposal(bo.id, "guitar", "chess"))
    await stage.until_all_delivered()
    chat = ana.telegram_id or 0
    await save_dialog(stage.deps, replace(await get_dialog(stage.deps, chat), active_swap_id=None))
    stage.sandbox.delay("sendMessage", 1)
    sent = await stage.writes(ana, "Hm")  # the question for the swap is being sent …
    await stage.until(lambda: not stage.sandbox._faults._delays["sendmessage"])
    await accept_swap(stage.deps, bo, request.id)  # … while a conversation opens
    await stage.sees(ana, "You are now talking to Bo", after=sent)

    async def is_held() -> bool:
        return len((await get_dialog(stage.deps, chat)).held) == 1

    await stage.until(is_held)
    assert (await get_dialog(stage.deps, chat)).active_swap_id == request.id


async def test_no_conversation_opens_while_a_question_is_open(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    chat = ana.telegram_id or 0
    await save_dialog(stage.deps, Dialog(chat, flow="find", step="skill"))
    await stage.deps.store.dialogs.open_conversation(chat, swap.id, instead_of=None)
    assert (await get_dialog(stage.deps, chat)).active_swap_id is None
