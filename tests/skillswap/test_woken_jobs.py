"""Jobs woken by the change stream: work made by another process is done at once, although every sweep is far away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.events import CIRCLE_POSSIBLE
from domain.records import Record
from domain.swaps import MAX_PAGE
from domain.users import MODERATOR, ProfileChanges, User
from handlers.alerts import add_alert, list_alerts
from handlers.moderation import VocabularyFollower, merge_skill
from handlers.notifications import claim_delivery
from handlers.runtime.change_feed import ALERT_WORK, Change, ChangeFeed
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from handlers.users import get_user, update_profile
from skillswap import schedule as schedule_module
from skillswap.schedule import JOBS, Job, Schedule
from storage.mongodb.database import Database
from tests.factories import MakeUser, build_deps
from tests.moved_clock import MoveClock
from tests.waiting import eventually

START_SECONDS = 20.0
FAR = timedelta(hours=1)
RARE_JOBS = tuple(replace(job, every=FAR) for job in JOBS)


@pytest.fixture
async def elsewhere(database: Database, deps: Deps) -> Deps:
    """Another process on the same database, in which the jobs run."""
    return await build_deps(database)


@asynccontextmanager
async def running(feed: ChangeFeed, *parts: Schedule | VocabularyFollower) -> AsyncIterator[None]:
    for part in parts:
        feed.subscribe(part.on_change)
        part.start()
    feed.start()
    await eventually(lambda: feed.is_live)
    yield
    for part in parts:
        await part.stop()
    await feed.stop()


@pytest.fixture
async def jobs(elsewhere: Deps, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """All jobs of the product, whose intervals are over in an hour; their first runs found nothing."""
    monkeypatch.setattr("handlers.moderation.RELOAD_EVERY", FAR.total_seconds())
    ran = asyncio.Event()

    async def last(deps: Deps) -> int:
        ran.set()
        return 0

    schedule = Schedule(elsewhere, worker="jobs", jobs=(*RARE_JOBS, Job("%d", last, FAR, "none")))
    async with running(ChangeFeed(elsewhere), schedule, VocabularyFollower(elsewhere)):
        await asyncio.wait_for(ran.wait(), START_SECONDS)
        await asyncio.sleep(schedule_module.SPACING + 0.2)
        yield


async def teaches(deps: Deps, user: User, *skills: str) -> User:
    return await update_profile(deps, user, ProfileChanges(skills_offered=skills))


@pytest.mark.usefixtures("jobs")
async def test_an_alert_finds_a_new_teacher_at_once(deps: Deps, make_user: MakeUser) -> None:
    ana, li = await make_user(telegram_id=True), await make_user(skills_offered=("Chess",))
    await add_alert(deps, ana, "guitar")
    await teaches(deps, li, "Chess", "Guitar")

    async def is_found() -> bool:
        (alert,) = await list_alerts(deps, ana)
        return [find.teacher_id for find in alert.finds] == [li.id]

    await eventually(is_found)


@pytest.mark.usefixtures("jobs")
async def test_news_of_a_circle_is_written_at_once(deps: Deps, make_user: MakeUser) -> None:
    await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Chinese",), telegram_id=True)
    await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",), telegram_id=True)
    noor = await make_user("Noor", skills_offered=("Chess",), skills_wanted=("Go",), telegram_id=True)
    await update_profile(deps, noor, ProfileChanges(skills_offered=("Chinese",), skills_wanted=("Python",)))

    async def is_told() -> bool:
        delivery = await claim_delivery(deps, "test", set())
        return delivery is not None and (delivery.event, delivery.to) == (CIRCLE_POSSIBLE, noor.id)

    await eventually(is_told)


@pytest.mark.usefixtures("jobs")
async def test_merged_skill_is_applied_at_once(deps: Deps, elsewhere: Deps, make_user: MakeUser) -> None:
    mia, tom = await make_user(role=MODERATOR), await make_user(skills_offered=("Lutes",))
    await merge_skill(deps, mia, "lutes", "Guitar")

    async def is_taken_over() -> bool:
        return (
            elsewhere.vocabulary.key_of("Lutes") == "guitar"
            and (await get_user(deps, tom.id)).offered_keys == ("guitar",)
        )  # fmt: skip

    await eventually(is_taken_over)


@pytest.mark.usefixtures("jobs")
async def test_late_write_of_an_old_key_is_fixed_by_the_next_runs(deps: Deps, make_user: MakeUser) -> None:
    mia, tom = await make_user(role=MODERATOR), await make_user(skills_offered=("Lutes",))
    await merge_skill(deps, mia, "lutes", "Guitar")
    late = replace(tom, id="f" * 24, offered_keys=("lutes",))
    await deps.store.users.insert(late)  # by a process that lags behind; the stream does not pass it on

    async def is_settled() -> bool:
        return (await get_user(deps, late.id)).offered_keys == ("guitar",)

    await eventually(is_settled)


async def test_sweep_finds_work_of_a_missed_change(
    deps: Deps, elsewhere: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule_module, "SPACING", 0.05)
    ana, li = await make_user(telegram_id=True), await make_user(skills_offered=("Chess",))
    await add_alert(deps, ana, "guitar")
    often = tuple(replace(job, every=timedelta(seconds=0.1)) for job in JOBS if job.work == ALERT_WORK)
    schedule = Schedule(elsewhere, worker="jobs", jobs=often)  # hears of no change
    schedule.start()
    await asyncio.sleep(0.5)
    await teaches(deps, li, "Chess", "Guitar")

    async def is_found() -> bool:
        (alert,) = await list_alerts(deps, ana)
        return bool(alert.finds)

    await eventually(is_found)
    await schedule.stop()


async def test_earlier_work_is_done_after_taking_the_lease(deps: Deps, elsewhere: Deps, make_user: MakeUser) -> None:
    ana, li = await make_user(telegram_id=True), await make_user(skills_offered=("Chess",))
    await add_alert(deps, ana, "guitar")
    await teaches(deps, li, "Chess", "Guitar")
    schedule = Schedule(elsewhere, worker="jobs", jobs=RARE_JOBS)
    schedule.start()

    async def is_found() -> bool:
        (alert,) = await list_alerts(deps, ana)
        return bool(alert.finds)

    await eventually(is_found)
    await schedule.stop()


async def test_a_change_wakes_the_job_in_one_process_only(
    deps: Deps, elsewhere: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule_module, "HOLD_EVERY", 0.02)
    monkeypatch.setattr(schedule_module, "SPACING", 0.0)
    runs: list[str] = []
    work = Change("user", work=frozenset((ALERT_WORK,)))

    def schedule(of: Deps, name: str) -> Schedule:
        async def job(deps: Deps) -> int:
            runs.append(name)
            return 0

        return Schedule(of, worker=name, jobs=(Job("did %d", job, FAR, ALERT_WORK),))

    async def has_run(count: int) -> None:
        await eventually(lambda: len(runs) >= count)

    first, second = schedule(deps, "first"), schedule(elsewhere, "second")
    first.start()
    await has_run(1)  # with the lease
    second.start()
    await asyncio.sleep(0.1)
    for one in (first, second):
        await one.on_change(work)
    await has_run(2)
    await asyncio.sleep(0.1)
    assert runs == ["first", "first"]
    await first.stop()
    await has_run(3)  # the other one takes the lease over, and looks at what there is
    assert runs == ["first", "first", "second"]
    await second.stop()


@pytest.mark.usefixtures("jobs")
async def test_a_moved_clock_expires_every_request_at_once(
    deps: Deps, make_user: MakeUser, move_clock: MoveClock
) -> None:
    known: dict[str, Any] = {"record": Record(swaps_held=1)}  # they may have ten requests open
    askers = [await make_user(skills_offered=("Guitar",), skills_wanted=("Python",), **known) for _ in range(11)]
    asked = [await make_user(skills_offered=("Python",), skills_wanted=("Guitar",)) for _ in range(10)]
    for asker in askers:
        for person in asked:
            await propose_swap(deps, asker, Proposal(person.id, "Guitar", "Python"))
    await move_clock(weeks=1)
    pending = deps.store.database.collection("swaps")

    async def are_expired() -> bool:
        return int(await pending.count_documents({"status": "expired"})) == len(askers) * len(asked) > MAX_PAGE

    await eventually(are_expired)


async def test_a_job_that_failed_runs_again(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_module, "RETRY_AFTER", 0.02)
    monkeypatch.setattr(schedule_module, "SPACING", 0.0)
    runs = 0
    is_done = asyncio.Event()

    async def job(deps: Deps) -> int:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("once")
        is_done.set()
        return 1

    schedule = Schedule(deps, worker="jobs", jobs=(Job("did %d", job, FAR, ALERT_WORK),))
    schedule.start()
    await asyncio.wait_for(is_done.wait(), START_SECONDS)
    await schedule.stop()
