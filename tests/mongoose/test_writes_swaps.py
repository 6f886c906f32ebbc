"""The status of a swap that a model writes: the transition is completed, and both hear of it through every channel."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from domain.errors import Conflict
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PENDING, REJECTED, Swap
from domain.users import BANNED, User
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap, cancel_swap, expire_due_swaps, get_swap
from storage.mongodb.database import Database
from tests.api.conftest import Client, Connect
from tests.bot.conftest import Bot
from tests.factories import MakeSwap, MakeUser, deliveries_of, insert_swap, later, recipients_of
from tests.mongoose.conftest import Node, running_jobs
from tests.mongoose.test_writes import completed
from tests.waiting import eventually

SET_STATUS = """
const swap = await Swap.findById(args.id)
swap.status = args.status
await swap.save()
"""


async def until_at(deps: Deps, person: User, swap: Swap, version: int) -> Swap:
    """Return the swap as soon as it has reached a version."""

    async def is_there() -> bool:
        return (await get_swap(deps, person, swap.id)).version == version

    await eventually(is_there)
    return await get_swap(deps, person, swap.id)


def steps(swap: Swap) -> list[tuple[str, str]]:
    return [(event.by, event.status) for event in swap.history]


async def test_an_acceptance_is_told_through_every_channel(
    node: Node, generation: str, jobs: Deps, deps: Deps, bot: Bot, client: Client, connect: Connect
) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Python")
    li = await bot.member("Li", offers="Python", wants="Guitar")
    assert ana.telegram_id is not None
    assert li.telegram_id is not None
    swap = await insert_swap(deps, ana, li)
    await bot.sandbox.wait_for(li.telegram_id, lambda message: ":accept" in str(message.buttons))
    on_ana, on_li = await connect(ana), await connect(li)
    await node.run(generation, SET_STATUS, id=swap.id, status=ACCEPTED)

    await bot.sandbox.wait_for(
        ana.telegram_id, lambda message: "said yes" in message.words or "accepted" in message.words
    )
    await eventually(lambda: not any(":accept" in str(m.buttons) for m in bot.sandbox.chat(li.telegram_id)))
    for socket in (on_ana, on_li):
        (event, document) = socket.received[0]
        assert (event, document["status"], document["version"]) == ("swap:updated", ACCEPTED, 2)
    after = await get_swap(deps, ana, swap.id)
    assert steps(after) == [(ana.id, PENDING), (li.id, ACCEPTED)]
    assert (after.consents, after.due_at) == ({ana.id: 1, li.id: 2}, None)
    async with client(ana).post("/api/chat", json={"swap_id": swap.id, "message": "When?"}) as reply:
        assert reply.status == 201
    assert completed(jobs, "swaps", "recognised") == 1


@pytest.mark.usefixtures("jobs")
async def test_a_rejection_is_the_partners_answer(
    node: Node, generation: str, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ana, li = await make_user("Ana", telegram_id=True), await make_user("Li", telegram_id=True)
    swap = await make_swap(ana, li)
    await node.run(generation, SET_STATUS, id=swap.id, status=REJECTED)
    after = await until_at(deps, ana, swap, 2)
    assert steps(after) == [(ana.id, PENDING), (li.id, REJECTED)]
    assert await recipients_of(database, swap.id, "swap.rejected") == [ana.id]
    assert (await make_swap(li, ana)).status == PENDING  # the rejected one does not stand in the way

    async def is_noted() -> bool:
        user = await deps.store.users.find(li.id)
        return user is not None and user.answered == 1

    await eventually(is_noted)


@pytest.mark.usefixtures("jobs")
async def test_a_cancelled_request_was_withdrawn_by_its_asker(
    node: Node, generation: str, deps: Deps, bot: Bot
) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Python")
    li = await bot.member("Li", offers="Python", wants="Guitar")
    swap = await insert_swap(deps, ana, li)
    assert li.telegram_id is not None
    await bot.sandbox.wait_for(li.telegram_id, lambda message: ":accept" in str(message.buttons))
    await node.run(generation, SET_STATUS, id=swap.id, status=CANCELLED)
    assert steps(await until_at(deps, ana, swap, 2)) == [(ana.id, PENDING), (ana.id, CANCELLED)]
    await bot.sandbox.wait_for(li.telegram_id, lambda message: "Ana took back the request" in message.words)


@pytest.mark.usefixtures("jobs")
async def test_a_swap_ended_by_nobody_known_is_told_to_both_without_a_name(
    node: Node, generation: str, deps: Deps, bot: Bot
) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Python")
    li = await bot.member("Li", offers="Python", wants="Guitar")
    swap = await insert_swap(deps, ana, li, status=ACCEPTED)
    await node.run(generation, SET_STATUS, id=swap.id, status=CANCELLED)
    assert steps(await until_at(deps, ana, swap, 3))[-1] == ("", CANCELLED)
    for person, partner in ((ana, "Li"), (li, "Ana")):
        assert person.telegram_id is not None
        told = await bot.sandbox.wait_for(
            person.telegram_id, lambda message, partner=partner: f"Your swap with {partner} (" in message.words
        )
        assert "has ended" in told.words


ILLEGAL = (
    (REJECTED, ACCEPTED),
    (CANCELLED, PENDING),
    (ACCEPTED, PENDING),
    (ACCEPTED, REJECTED),
    (PENDING, EXPIRED),
    (ACCEPTED, "completed"),
)


@pytest.mark.parametrize(("before", "after"), ILLEGAL, ids=["→".join(pair) for pair in ILLEGAL])
async def test_what_no_user_may_do_is_left_as_it_is_and_logged(
    node: Node,
    jobs: Deps,
    database: Database,
    make_user: MakeUser,
    make_swap: MakeSwap,
    caplog: pytest.LogCaptureFixture,
    before: str,
    after: str,
) -> None:
    swap = await make_swap(await make_user("Ana"), await make_user("Li"), status=before, message="a private note")
    stored = await database.collection("swaps").find_one({"_id": ObjectId(swap.id)})
    with caplog.at_level(logging.WARNING, logger="handlers.outside_writes"):
        await node.run("mongoose9", SET_STATUS, id=swap.id, status=after)
        await eventually(lambda: completed(jobs, "swaps", "left") == 1)
    assert stored is not None
    assert await database.collection("swaps").find_one({"_id": ObjectId(swap.id)}) == {**stored, "status": after}
    (line,) = [record.getMessage() for record in caplog.records if record.name == "handlers.outside_writes"]
    assert line == f"swap {swap.id} was set from {before} to {after} by another program, and is left so"


@pytest.mark.usefixtures("jobs")
async def test_a_banned_user_does_not_accept_by_a_model(
    node: Node, jobs: Deps, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ana, li = await make_user("Ana"), await make_user("Li")
    swap = await make_swap(ana, li)
    await database.collection("users").update_one({"_id": ObjectId(li.id)}, {"$set": {"status": BANNED}})
    await node.run("mongoose9", SET_STATUS, id=swap.id, status=ACCEPTED)
    await eventually(lambda: completed(jobs, "swaps", "left") == 1)
    assert steps(await get_swap(deps, ana, swap.id)) == [(ana.id, PENDING)]


async def test_a_blocked_user_is_not_accepted_by_a_model(
    node: Node, jobs: Deps, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ana, li = await make_user("Ana"), await make_user("Li")
    swap = await make_swap(ana, li)
    await deps.store.blocks.add(ana.id, li.id, at=deps.now())  # and the swap is about to be ended
    await node.run("mongoose9", SET_STATUS, id=swap.id, status=ACCEPTED)
    await eventually(lambda: completed(jobs, "swaps", "left") == 1)
    assert steps(await get_swap(deps, ana, swap.id)) == [(ana.id, PENDING)]


async def test_a_status_saved_twice_is_one_transition(
    node: Node, generation: str, jobs: Deps, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ana, li = await make_user("Ana", telegram_id=True), await make_user("Li", telegram_id=True)
    swap = await make_swap(ana, li)
    twice = "const [one, two] = [await Swap.findById(args.id), await Swap.findById(args.id)]\n"
    twice += "one.status = two.status = 'accepted'; await one.save()\n"
    twice += "await new Promise((done) => setTimeout(done, 1000)); await two.save()"
    await node.run(generation, twice, id=swap.id)
    await until_at(deps, ana, swap, 2)
    await asyncio.sleep(0.5)
    assert (await get_swap(deps, ana, swap.id)).version == 2
    assert (await deliveries_of(database, swap.id)).count(("swap.accepted", ana.id)) == 1
    assert completed(jobs, "swaps", "recognised") == 1


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize("answer", [ACCEPTED, REJECTED])
async def test_of_an_answer_here_and_one_by_a_model_one_counts(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap, answer: str
) -> None:
    """The write of the model arrives before, during and after that of the operation."""
    for delay in (0.0, 0.001, 0.003, 0.01):
        ana, li = await make_user("Ana"), await make_user("Li")
        swap = await make_swap(ana, li)

        async def by_model(swap: Swap = swap, delay: float = delay) -> None:
            await asyncio.sleep(delay)
            # as Mongoose saves a document that it has read before
            await database.collection("swaps").update_one({"_id": ObjectId(swap.id)}, {"$set": {"status": answer}})

        async def here(swap: Swap = swap, li: User = li) -> None:
            try:
                await accept_swap(deps, li, swap.id)
            except Conflict:
                assert answer == REJECTED

        await asyncio.gather(by_model(), here())
        await asyncio.sleep(0.5)
        after = await get_swap(deps, ana, swap.id)
        assert after.version == 2
        assert [by for by, _ in steps(after)] == [ana.id, li.id]


@pytest.mark.usefixtures("jobs")
async def test_a_swap_accepted_by_a_model_and_ended_here_at_once_has_run(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ana, li = await make_user("Ana"), await make_user("Li")
    swap = await make_swap(ana, li)
    await database.collection("swaps").update_one({"_id": ObjectId(swap.id)}, {"$set": {"status": ACCEPTED}})
    ended = await cancel_swap(deps, ana, swap.id)
    assert steps(ended) == [(ana.id, PENDING), (li.id, ACCEPTED), (ana.id, CANCELLED)]


async def test_a_status_written_while_the_service_was_down_is_taken_up_at_its_start(
    node: Node, generation: str, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ana, li, bo = await make_user("Ana"), await make_user("Li"), await make_user("Bo", skills_offered=("Chess",))
    asked, running = await make_swap(ana, li), await make_swap(ana, bo, status=ACCEPTED)
    late = await make_swap(li, bo)
    for swap, status in ((asked, ACCEPTED), (running, CANCELLED), (late, ACCEPTED)):
        await node.run(generation, SET_STATUS, id=swap.id, status=status)
    over = await database.collection("swaps").update_one(
        {"_id": ObjectId(late.id)}, {"$set": {"due_at": deps.now() - timedelta(days=1)}}
    )
    assert over.modified_count == 1
    assert await expire_due_swaps(later(deps, timedelta(days=6))) == 0  # accepted ones do not expire
    async with running_jobs(database):
        assert steps(await until_at(deps, ana, asked, 2))[-1] == (li.id, ACCEPTED)
        assert steps(await until_at(deps, ana, running, 3))[-1] == ("", CANCELLED)
        assert steps(await until_at(deps, li, late, 2))[-1] == (bo.id, ACCEPTED)


async def test_what_an_older_application_has_cancelled_is_no_news(
    jobs: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    """As a migration leaves it: without a history of the end."""
    swap = await make_swap(await make_user("Ana"), await make_user("Li"))
    old: dict[str, Any] = {"$set": {"status": CANCELLED}, "$unset": {"due_at": "", "open_key": ""}}
    await database.collection("swaps").update_one({"_id": ObjectId(swap.id)}, old)
    async with running_jobs(database, "second"):
        await asyncio.sleep(1)
    assert completed(jobs, "swaps", "recognised") == completed(jobs, "swaps", "left") == 0
