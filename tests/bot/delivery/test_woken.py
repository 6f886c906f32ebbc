"""The notifier and the update queue wake by what they wait for: no sweep is near, so nothing else can wake them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.delivery import notifier
from bot.updates import update_queue
from domain.users import ProfileChanges
from handlers.alerts import add_alert, look_for_alerts
from handlers.dead_letters import list_deliveries, retry_delivery
from handlers.messages import Draft, send_message
from handlers.users import update_profile
from tests.factories import insert_swap
from tests.waiting import WAIT_SECONDS

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


@pytest.fixture(autouse=True)
def rare_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "SWEEP_EVERY", 3600.0)
    monkeypatch.setattr(update_queue, "SWEEP_EVERY", 3600.0)


async def at_rest(stage: Stage) -> None:
    """Nothing waits, and the workers have found that out."""
    await stage.until_all_delivered()
    await asyncio.sleep(0.5)


async def test_an_alert_is_sent_at_once(stage: Stage, ana: User, li: User) -> None:
    await add_alert(stage.deps, ana, "chess")
    await at_rest(stage)
    await update_profile(stage.deps, li, ProfileChanges(skills_offered=(*li.skills_offered, "Chess")))
    assert await look_for_alerts(stage.deps) == 1
    await stage.until_all_delivered()
    assert stage.received(ana, "Li")


async def test_what_waits_for_a_user_is_sent_when_they_are_reachable_again(stage: Stage, ana: User, li: User) -> None:
    swap = await insert_swap(stage.deps, ana, li, status="accepted")
    await at_rest(stage)
    await stage.sandbox.block_bot(li.telegram_id or 0)
    await send_message(stage.deps, ana, Draft(swap.id, "Are you there?", "web"))
    await at_rest(stage)
    await stage.sandbox.unblock_bot(li.telegram_id or 0)
    async with asyncio.timeout(WAIT_SECONDS):
        await stage.sees(li, "Are you there?")


async def test_a_dead_delivery_that_is_tried_again_is_sent_at_once(stage: Stage, ana: User, li: User) -> None:
    swap = await insert_swap(stage.deps, ana, li, status="accepted")
    await at_rest(stage)
    stage.sandbox.fail("sendMessage", times=2, status=400)
    await send_message(stage.deps, ana, Draft(swap.id, "once more", "web"))
    await at_rest(stage)
    (dead,) = await list_deliveries(stage.deps, "dead")
    assert await retry_delivery(stage.deps, dead.source_id, dead.id)
    async with asyncio.timeout(WAIT_SECONDS):
        await stage.sees(li, "once more")
