"""Blocking in the bot: from a card, from a running swap, and unblocking in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.swaps import PROPOSED
from handlers.blocks import list_blocks
from handlers.circles import ask_circle, join_circle, list_circles
from handlers.swaps import Proposal, accept_swap, get_swap, propose_swap
from tests.factories import list_possible

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox import Message
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


def shows(beginning: str) -> Callable[[Message], bool]:
    """Return a condition: the message has a button whose label begins so."""
    return lambda message: any(button.label.startswith(beginning) for button in message.buttons)


async def test_user_is_blocked_from_their_card_and_unblocked_in_the_settings(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    found = await stage.says(ana, "/find Python", "teaches Python")
    card = await stage.presses(ana, found, "👤 Li", "teaches you")
    asked = await stage.presses(ana, card, "🚫 Block", "Block Li?")
    left = await stage.presses(ana, asked, "No, leave it", "Nobody was blocked")
    assert await list_blocks(stage.deps, ana) == []
    card = await stage.presses(ana, found, "👤 Li", "teaches you")
    asked = await stage.presses(ana, card, "🚫 Block", "Block Li?")
    await stage.presses(ana, asked, "🚫 Yes, block", "Li is blocked")
    assert left.id
    await stage.says(ana, "/match", "That's everybody for now")
    await stage.says(li, "/find guitar", "Nobody here teaches guitar")
    settings = await stage.says(ana, "/settings", "Settings")
    listed = await stage.presses(ana, settings, "🚫 Blocked people", "People you have blocked")
    await stage.presses(ana, listed, "Li ✕", "Unblocked")
    await stage.says(li, "/find guitar", "teaches guitar")


async def test_block_ends_a_running_swap(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python", locale="es")
    li = await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    await accept_swap(stage.deps, ana, swap.id)
    listed = await stage.says(ana, "/swaps", shows("💬"))
    talk = next(label for label in stage.buttons(listed) if label.startswith("💬"))
    card = await stage.presses(ana, listed, talk, shows("🏁"))
    ends = next(label for label in stage.buttons(card) if label.startswith("🏁"))
    sure = await stage.presses(ana, card, ends, shows("🚫"))
    asked = await stage.presses(ana, sure, "🚫 Bloquear", "¿Bloquear a Li?")
    await stage.presses(ana, asked, "🚫 Sí, bloquear", "bloqueo hecho")
    await stage.sees(li, "Ana has ended your swap")


async def test_a_request_that_one_has_made_has_a_block_button(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    listed = await stage.says(ana, "/swaps", shows("📨"))
    sent = next(label for label in stage.buttons(listed) if label.startswith("📨"))
    card = await stage.presses(ana, listed, sent, shows("↩️"))
    await stage.presses(ana, card, "🚫 Block", "Block Li?")


async def test_a_request_and_a_running_swap_have_a_block_button(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    request = await stage.sees(ana, "would like to swap")
    assert "🚫 Block" in stage.buttons(request)
    await accept_swap(stage.deps, ana, swap.id)
    await stage.until(lambda: "💬 Chat" in stage.buttons(stage.message(ana, request.id)))
    asked = await stage.presses(ana, stage.message(ana, request.id), "🚫 Block", "Block Li?")
    await stage.presses(ana, asked, "No, leave it", "Nobody was blocked")
    assert "You and Li are swapping" in stage.message(ana, request.id).words  # the card is still there
    await stage.presses(ana, stage.message(ana, request.id), "🚫 Block", "Block Li?")
    await stage.presses(ana, stage.chat(ana)[-1], "🚫 Yes, block", "Li is blocked")
    await stage.sees(li, "Ana has ended your swap")


def blocks_on(message: Message) -> list[str]:
    return [button.label for button in message.buttons if button.label.startswith("🚫 Block")]


async def test_a_card_in_the_deck_has_a_block_button(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    card = await stage.says(ana, "/match", "Li")
    asked = await stage.presses(ana, card, "🚫 Block", "Block Li?")
    await stage.presses(ana, asked, "🚫 Yes, block", "Li is blocked")
    assert [block.user.id for block in await list_blocks(stage.deps, ana)] == [li.id]


async def test_a_conversation_says_whom_one_talks_to_and_has_a_block_button(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "would like to swap")
    accepted = await stage.presses(li, request, "✅ Accept", "You are now talking to Ana")
    told = await stage.sees(ana, "You are now talking to Li")  # the news of the yes
    asked = await stage.says(ana, "/chat", "You are now talking to Li")
    assert [blocks_on(message) for message in (accepted, told, asked)] == [["🚫 Block"]] * 3
    await stage.writes(ana, "Hello there")
    word = await stage.sees(li, "Hello there")
    await stage.presses(li, accepted, "🚫 Block", "Block Ana?")
    await stage.presses(li, stage.chat(li)[-1], "🚫 Yes, block", "Ana is blocked")
    assert word.id
    assert not (await get_swap(stage.deps, li, swap.id)).is_open


async def test_a_conversation_beside_the_open_one_has_a_block_button(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, chess", "Python, piano")
    li = await stage.person("Li", "Python", "guitar")
    max_ = await stage.person("Max", "piano", "chess")
    await stage.running_swap(li, ana)
    await stage.says(ana, "/chat", "You are now talking to Li")
    await propose_swap(stage.deps, max_, Proposal(ana.id, "piano", "chess"))
    request = await stage.sees(ana, "Max would like to swap")
    beside = await stage.presses(ana, request, "✅ Accept", shows("💬 Talk to Max"))
    assert blocks_on(beside) == ["🚫 Block"]
    await stage.presses(ana, beside, "🚫 Block", "Block Max?")


async def test_somebody_in_a_circle_is_blocked_from_its_invitation_under_their_first_name(stage: Stage) -> None:
    ana = await stage.person("Ana Alvarez", "Guitar", "Chinese")
    li = await stage.person("Li", "Python", "Guitar")
    await stage.person("Noor", "Chinese", "Python")
    [possible] = await list_possible(stage.deps, ana)
    await ask_circle(stage.deps, ana, possible.id)
    card = await stage.sees(li, shows("🚫 Block Ana"))
    assert sorted(blocks_on(card)) == ["🚫 Block Ana", "🚫 Block Noor"]
    asked = await stage.presses(li, card, "🚫 Block Ana", "Block Ana?")
    left = await stage.presses(li, asked, "No, leave it", "Nobody was blocked")
    assert left.id
    asked = await stage.presses(li, card, "🚫 Block Ana", "Block Ana?")
    await stage.presses(li, asked, "🚫 Yes, block", "Ana is blocked")
    assert [block.user.id for block in await list_blocks(stage.deps, li)] == [ana.id]
    assert not any("Alvarez" in message.words for message in stage.chat(li))
    assert await list_circles(stage.deps, li) == [] or (await list_circles(stage.deps, li))[0].status != PROPOSED


async def test_the_conversation_of_a_circle_has_a_block_button_for_each(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Chinese")
    li = await stage.person("Li", "Python", "Guitar")
    noor = await stage.person("Noor", "Chinese", "Python")
    [possible] = await list_possible(stage.deps, ana)
    circle = await ask_circle(stage.deps, ana, possible.id)
    for person in (li, noor):
        await join_circle(stage.deps, person, circle.id, version=1)
    told = await stage.sees(ana, "You are now talking to")
    asked = await stage.says(ana, "/chat", "You are now talking to")
    for message in (told, asked):
        assert sorted(blocks_on(message)) == ["🚫 Block Li", "🚫 Block Noor"]
    await stage.presses(ana, told, "🚫 Block Noor", "Block Noor?")
