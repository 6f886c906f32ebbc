"""Blocking in the bot: from a card, from a running swap, and unblocking in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.blocks import list_blocks
from handlers.swaps import Proposal, accept_swap, propose_swap

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
