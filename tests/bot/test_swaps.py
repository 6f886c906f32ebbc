"""Requests for a swap and their answers through the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.quotas import FIRST_DAY, FIRST_PLACES, RAISES
from domain.swaps import ACCEPTED, CANCELLED, PENDING, REJECTED, Swap
from domain.users import User
from handlers.swaps import Proposal, accept_swap, cancel_swap, propose_swap

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def only_swap(stage: Stage, user: User) -> Swap:
    swaps = await stage.deps.store.swaps.list_of(user.id)
    assert len(swaps) == 1
    return swaps[0]


async def test_match_leads_to_a_swap_with_messages_both_ways(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    card = await stage.says(ana, "/match", "Li teaches you")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "short note")
    assert "You learn Python" in question.words
    sent = await stage.says(ana, "Hi Li, evenings suit me", "Sent to Li")
    assert "Hi Li, evenings suit me" in sent.words

    request = await stage.sees(li, "Ana would like to swap with you")
    assert "You learn: guitar" in request.words
    assert "Hi Li, evenings suit me" in request.words
    await stage.presses(li, request, "✅ Accept", "You and Ana are swapping")
    await stage.sees(li, "You are now talking to Ana")
    notification = await stage.sees(ana, "Li accepted!")
    assert "You are now talking to Li (Python ⇄ guitar)" in notification.words
    await stage.until_all_delivered()
    assert "You and Li are swapping" in stage.message(ana, sent.id).words
    assert "✅ Accept" not in stage.buttons(stage.message(li, request.id))

    await stage.sandbox.send_text(ana.telegram_id or 0, "Tuesday at six?")
    received = await stage.sees(li, "Tuesday at six?")
    assert received.words == "Ana · guitar ⇄ Python\nTuesday at six?"
    await stage.sandbox.send_text(li.telegram_id or 0, "Perfect")
    await stage.sees(ana, "Li · Python ⇄ guitar\nPerfect")


async def test_skill_is_never_offered_for_itself(stage: Stage) -> None:
    ana = await stage.person("Ana", "chess", "singing")
    await stage.person("Li", "chess, Python", "guitar")
    found = await stage.says(ana, "/find Python", "teaches Python")
    card = await stage.presses(ana, found, "👤 Li", "Also teaches: chess and Python")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "What would you like to learn")
    assert stage.buttons(question) == ["Python", "✖️ Never mind"]


async def test_both_skills_are_asked_for_if_there_is_a_choice(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python, chess")
    await stage.person("Li", "Python, chess", "guitar, singing")
    card = await stage.says(ana, "/match", "Li teaches you")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "What would you like to learn")
    assert stage.buttons(question) == ["Python", "chess", "✖️ Never mind"]
    question = await stage.presses(ana, question, "chess", "what will you teach")
    question = await stage.presses(ana, question, "singing", "short note")
    await stage.presses(ana, question, "📨 Send without a note", "Sent to Li")
    swap = await only_swap(stage, ana)
    assert (swap.offered_skill, swap.wanted_skill, swap.message) == ("singing", "chess", "")


async def test_repeated_request_is_sent_once_and_its_note_is_no_message(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python")
    li = await stage.person("Li", "Python", "guitar, singing")
    other = await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "singing"))
    await accept_swap(stage.deps, ana, other.id)
    await stage.until_all_delivered()
    found = await stage.says(ana, "/find Python", "1 person teaches Python")
    card = await stage.presses(ana, found, "👤 Li", "Li teaches you: Python")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "what will you teach")
    await stage.presses(ana, question, "guitar", "short note")
    stage.sandbox.fail("sendMessage", times=2, status=500)
    await stage.says(ana, "My note", "Sent to Li")
    await stage.until_all_delivered()
    swaps = [swap for swap in await stage.deps.store.swaps.list_of(ana.id) if swap.id != other.id]
    assert [(swap.status, swap.message) for swap in swaps] == [(PENDING, "My note")]
    assert await stage.deps.store.messages.list_last(other.id) == []


async def test_cancelled_request_is_not_sent(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    await stage.person("Li", "Python", "guitar")
    card = await stage.says(ana, "/match", "Li teaches you")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "short note")
    await stage.presses(ana, question, "✖️ Never mind", "nothing was sent")
    assert await stage.deps.store.swaps.list_of(ana.id) == []


async def test_request_to_an_asker_is_a_yes(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    card = await stage.says(ana, "/match", "Li teaches you")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "short note")
    await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar", "Me first"))
    await stage.until_all_delivered()
    await stage.says(ana, "What a coincidence", "Li had asked you for this very swap")
    card = await stage.sees(ana, "You and Li are swapping", after=question.id)
    assert "Me first" in card.words
    assert "What a coincidence" in card.words
    await stage.sees(ana, "You are now talking to Li", after=question.id)
    notification = await stage.sees(li, "Ana accepted!")
    assert "What a coincidence" in notification.words
    assert (await only_swap(stage, ana)).status == ACCEPTED


async def test_decline_reaches_the_asker_and_both_cards(stage: Stage) -> None:
    ana, li = await stage.person("Ana", "guitar", "Python"), await stage.person("Li", "Python", "guitar")
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap")
    declined = await stage.presses(li, request, "✖️ Decline", "You declined Ana's request")
    assert declined.id == request.id
    assert stage.buttons(declined)[0] == "💬 Chat"
    notification = await stage.sees(ana, "Li can't swap with you this time")
    assert stage.buttons(notification) == ["🔎 Next match"]
    assert (await only_swap(stage, ana)).status == REJECTED


async def test_answer_on_the_web_updates_the_card_in_the_bot(stage: Stage) -> None:
    ana, li = await stage.person("Ana", "guitar", "Python"), await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap")
    await accept_swap(stage.deps, li, swap.id)
    changed = await stage.sees(li, "You and Ana are swapping")
    assert changed.id == request.id
    await stage.until_all_delivered()
    assert len(stage.received(li, "You and Ana are swapping")) == 1


async def test_withdrawn_request_leaves_block_alone_on_the_partners_card(stage: Stage) -> None:
    ana, li = await stage.person("Ana", "guitar", "Python"), await stage.person("Li", "Python", "guitar")
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap")
    mine = await stage.says(ana, "/swaps", "Waiting for them")
    card = await stage.presses(ana, mine, "📨 Li · Python ⇄ guitar", "Sent to Li")
    await stage.presses(ana, card, "↩️ Take it back", "You took back your request to Li")
    await stage.sees(li, "took back the request")
    await stage.until_all_delivered()
    assert "took back this request" in stage.message(li, request.id).words
    assert stage.buttons(stage.message(li, request.id)) == ["🚫 Block", "🚩 Report"]
    assert (await only_swap(stage, ana)).status == CANCELLED


async def test_late_press_shows_the_current_state(stage: Stage) -> None:
    ana, li = await stage.person("Ana", "guitar", "Python"), await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap")
    await stage.runners.pop().stop()
    await cancel_swap(stage.deps, ana, swap.id)
    await stage.sandbox.press(li.telegram_id or 0, request.id, "✅ Accept")
    await stage.start_runner("another")
    card = await stage.sees(li, "Ana took back this request")
    assert card.id == request.id
    await stage.until(lambda: "This has changed in the meantime. Here is how it stands now." in stage.toasts(li))
    assert (await only_swap(stage, ana)).status == CANCELLED


async def test_ending_a_running_swap_asks_for_confirmation_and_notifies_the_partner(stage: Stage) -> None:
    ana, li = await stage.person("Ana", "guitar", "Python"), await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    await accept_swap(stage.deps, li, swap.id)
    mine = await stage.says(ana, "/swaps", "Running")
    card = await stage.presses(ana, mine, "💬 Li · Python ⇄ guitar", "You and Li are swapping")
    question = await stage.presses(ana, card, "🏁 End this swap", "End the swap with Li?")
    card = await stage.presses(ana, question, "Keep it going", "You and Li are swapping")
    question = await stage.presses(ana, card, "🏁 End this swap", "End the swap with Li?")
    ended = await stage.presses(ana, question, "🏁 Yes, end it", "Your swap with Li has ended")
    await stage.sees(li, "Ana has ended your swap")
    assert (await only_swap(stage, ana)).status == CANCELLED
    over = await stage.presses(ana, ended, "⬅️ My swaps", "Over")
    assert "Li · Python ⇄ guitar: ended" in over.words


async def test_list_groups_swaps_by_the_side_that_must_answer(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, chess", "Python, singing")
    li = await stage.person("Li", "Python", "guitar")
    bo = await stage.person("Bo", "singing", "chess")
    await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    await propose_swap(stage.deps, ana, Proposal(bo.id, "chess", "singing"))
    await stage.sees(ana, "Li would like to swap")  # a later delivery could be taken for the list's card
    shown = await stage.says(ana, "/swaps", "Your swaps")
    assert shown.words.index("Waiting for you") < shown.words.index("Li · Python ⇄ guitar")
    assert shown.words.index("Waiting for them") < shown.words.index("Bo · singing ⇄ chess")
    card = await stage.presses(ana, shown, "📥 Li · Python ⇄ guitar", "Li would like to swap")
    back = await stage.presses(ana, card, "⬅️ My swaps", "Your swaps")
    assert back.id == shown.id


async def test_buttons_of_another_users_swap_are_refused(stage: Stage) -> None:
    ana, li = await stage.person("Ana", "guitar", "Python"), await stage.person("Li", "Python", "guitar")
    eve = await stage.person("Eve", "chess", "singing")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    await stage.sees(li, "Ana would like to swap")
    own = await propose_swap(stage.deps, li, Proposal(eve.id, "Python", "chess"))
    theirs = await stage.sees(eve, "Li would like to swap")
    assert swap.id != own.id
    assert all(swap.id not in (button.data or "") for button in theirs.buttons)
    assert (await stage.deps.store.swaps.find(swap.id) or swap).status == PENDING


async def test_profile_texts_are_escaped(stage: Stage) -> None:
    ana = await stage.person("<b>Ana</b> & co", "guitar <i>", "Python")
    li = await stage.person("Li", "Python", "guitar <i>", locale="es")
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar <i>", "Python", "<a href='x'>1 < 2</a>"))
    request = await stage.sees(li, "¡<b>Ana</b> & co quiere hacer un intercambio contigo!")
    assert "<a href='x'>1 < 2</a>" in request.words
    assert "Aprendes: guitar <i>" in request.words


async def test_a_used_up_quota_is_told_before_anything_is_chosen(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, chess", "Python, yoga")
    for number in range(FIRST_PLACES + RAISES[FIRST_DAY]):
        other = await stage.person(f"P{number}", "Python", "guitar")
        await propose_swap(stage.deps, ana, Proposal(other.id, "guitar", "Python"))
    await stage.person("Li", "Python, yoga", "guitar, chess")
    card = await stage.says(ana, "/match", "Li teaches you")
    await stage.sandbox.press(ana.telegram_id or 0, card.id, "🤝 Propose a swap")
    await stage.until(lambda: any("All 5 requests that you can have open" in toast for toast in stage.toasts(ana)))
    assert not stage.received(ana, "What would you like to learn")


async def test_a_taken_back_request_and_an_ended_swap_have_words_of_their_own(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, chess", "Python")
    li = await stage.person("Li", "Python", "guitar, chess")
    taken_back = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    await cancel_swap(stage.deps, ana, taken_back.id)
    ended = await propose_swap(stage.deps, ana, Proposal(li.id, "chess", "Python"))
    await accept_swap(stage.deps, li, ended.id)
    await cancel_swap(stage.deps, li, ended.id)
    listed = await stage.says(ana, "/swaps", "Over")
    assert "Python ⇄ guitar: taken back" in listed.words
    assert "Python ⇄ chess: ended" in listed.words
