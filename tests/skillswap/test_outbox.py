"""`skillswap outbox`: dead letters can be listed, retried and dropped, without their content."""

from __future__ import annotations

import asyncio

import pytest
from bson import ObjectId

from handlers.dead_letters import MAX_LISTED
from handlers.messages import Draft, send_message
from handlers.notifications import claim_delivery, dead_letter, finish_delivery
from handlers.runtime.deps import Deps
from skillswap.commands.outbox import outbox
from skillswap.settings import Settings
from tests.factories import SECRET, MakeSwap, MakeUser


async def test_dead_letter_is_listed_retried_and_dropped(
    deps: Deps, database_uri: str, make_user: MakeUser, make_swap: MakeSwap, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = await asyncio.to_thread(
        lambda: Settings.load(env_file=None, mongodb_uri=database_uri, nextauth_secret=SECRET)
    )
    ada, ben = await make_user(telegram_id=True), await make_user(telegram_id=True)
    swap = await make_swap(ada, ben, status="accepted")
    while (told := await claim_delivery(deps, "w", set())) is not None:
        await finish_delivery(deps, told, is_sent=True)
    await send_message(deps, ada, Draft(swap.id, "nobody else may read this", "web"))
    assert await outbox(settings, action="list", state="queued") == 0
    assert "message.sent" in capsys.readouterr().out

    delivery = await claim_delivery(deps, "w", set())
    assert delivery is not None
    await dead_letter(deps, delivery, "refused by Telegram")
    assert await outbox(settings, action="list") == 0
    listed = capsys.readouterr().out
    assert "refused by Telegram" in listed
    assert "nobody else" not in listed

    name = listed.split()[0]
    assert await outbox(settings, action="retry", which=name) == 0
    again = await claim_delivery(deps, "w", set())
    assert again is not None
    assert (again.id, again.attempts) == (delivery.id, 1)
    await dead_letter(deps, again, "refused by Telegram")
    assert await outbox(settings, action="drop", which="all") == 0
    assert await outbox(settings, action="retry", which=name) == 1
    assert await outbox(settings, action="list", of_updates=True) == 0
    assert await outbox(settings, action="retry", which="1/2", of_updates=True) == 1
    assert await deps.store.outbox.counts() == {"queued": 0, "dead": 0}


async def test_all_selects_any_number_of_dead_letters(
    deps: Deps, database_uri: str, make_user: MakeUser, make_swap: MakeSwap, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = await asyncio.to_thread(
        lambda: Settings.load(env_file=None, mongodb_uri=database_uri, nextauth_secret=SECRET)
    )
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    number = MAX_LISTED + 1
    lines = [
        {"id": f"message.sent:{ben.id}:{n}", "to": ObjectId(ben.id), "channel": "telegram", "event": "message.sent"}
        | {"state": "dead", "attempts": 12}
        for n in range(number)
    ]
    said = {"swap_id": ObjectId(swap.id), "from_user_id": ObjectId(ada.id), "created_at": deps.now()}
    messages = [said | {"seq": n, "outbox": [line]} for n, line in enumerate(lines, 1)]
    await deps.store.database.collection("messages").insert_many(messages)
    updates = [
        {"bot_id": 1, "update_id": n, "lane": 5, "state": "dead", "attempts": 5, "stored_at": deps.now()}
        for n in range(number)
    ]
    await deps.store.database.collection("telegram_updates").insert_many(updates)

    assert await outbox(settings, action="retry", which="all") == 0
    assert capsys.readouterr().out == f"{number} to be tried again.\n"
    assert await deps.store.outbox.counts() == {"queued": number, "dead": 0}
    assert await outbox(settings, action="drop", which="all", of_updates=True) == 0
    assert capsys.readouterr().out == f"{number} dropped.\n"
    assert (await deps.store.telegram_updates.counts())["dead"] == 0
