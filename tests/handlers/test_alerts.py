"""Alerts: a user who begins to teach is reported once, and no crash loses it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.alerts import LIVES, MAX_ALERTS, QUIET, Alert
from domain.errors import Conflict, NotFound
from domain.events import ALERT_ENDED, ALERT_FOUND
from domain.users import MODERATOR, ProfileChanges, User
from domain.vocabulary import MERGED, Decision
from handlers import alerts
from handlers.alerts import (
    add_alert,
    end_due_alerts,
    list_alerts,
    load_alert_news,
    look_for_alerts,
    remove_alert,
    renew_alert,
)
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.moderation import merge_skill
from handlers.notifications import claim_delivery, finish_delivery
from handlers.runtime.deps import Deps
from handlers.users import delete_account, update_profile
from storage.mongodb.database import Database
from tests.factories import MakeUser

HOUR = timedelta(hours=1)


class Clock:
    """A clock that the test moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(deps: Deps) -> Clock:
    return Clock(deps.now())


@pytest.fixture
def then(deps: Deps, clock: Clock) -> Deps:
    """The operations by the test's clock."""
    return replace(deps, now=clock)


@pytest.fixture
async def ana(make_user: MakeUser) -> User:
    return await make_user("Ana", telegram_id=True, skills_offered=("Python",), skills_wanted=("Guitar",))


async def teaches(deps: Deps, user: User, *skills: str) -> User:
    return await update_profile(deps, user, ProfileChanges(skills_offered=skills))


async def writes(database: Database) -> int:
    """Return how many update commands the database has been sent."""
    return int((await database.command("serverStatus"))["metrics"]["commands"]["update"]["total"])


async def notifications(deps: Deps) -> list[tuple[str, list[str]]]:
    """Deliver due notifications: (event, names of reported users)."""
    told = []
    while (delivery := await claim_delivery(deps, "w", set())) is not None:
        news = await load_alert_news(deps, delivery)
        if news is not None:
            told.append((delivery.event, [teacher.name for teacher in news.teachers]))
        await finish_delivery(deps, delivery, is_sent=news is not None)
    return told


async def test_new_teacher_is_reported_once(then: Deps, ana: User, make_user: MakeUser) -> None:
    li = await make_user("Li", skills_offered=("Chess",))
    await add_alert(then, ana, "guitar")
    li = await teaches(then, li, "Chess", "GUITAR")
    assert await look_for_alerts(then) == 1
    li = await teaches(then, li, "Chess")
    await teaches(then, li, "Guitar")
    assert await look_for_alerts(then) == 0
    assert await notifications(then) == [(ALERT_FOUND, ["Li"])]


async def test_teachers_found_within_a_day_are_reported_together(
    then: Deps, clock: Clock, ana: User, make_user: MakeUser
) -> None:
    await add_alert(then, ana, "Guitar")
    for number, name in enumerate(("Li", "Bo", "Cy", "Di")):
        clock.at += HOUR * number
        await teaches(then, await make_user(name, skills_offered=("Chess",)), "Guitar")
        await look_for_alerts(then)
    assert await notifications(then) == [(ALERT_FOUND, ["Li"])]
    clock.at += QUIET
    assert await notifications(then) == [(ALERT_FOUND, ["Bo", "Cy", "Di"])]
    clock.at += 2 * QUIET
    assert await notifications(then) == []


async def test_unlisted_users_are_neither_found_nor_reported(then: Deps, ana: User, make_user: MakeUser) -> None:
    await add_alert(then, ana, "Guitar")
    private = await make_user("Pia", skills_offered=("Chess",), is_public=False)
    private = await teaches(then, private, "Guitar")
    shy = await teaches(then, await make_user("Sol", skills_offered=("Chess",)), "Guitar")
    assert await look_for_alerts(then) == 1
    await update_profile(then, shy, ProfileChanges(is_public=False))
    assert await notifications(then) == []
    await update_profile(then, private, ProfileChanges(is_public=True))
    assert await look_for_alerts(then) == 1


async def test_own_profile_and_other_skills_do_not_match_an_alert(then: Deps, ana: User, make_user: MakeUser) -> None:
    await add_alert(then, ana, "C")
    await teaches(then, ana, "C")
    await teaches(then, await make_user("Li"), "C++", "C#")
    assert await look_for_alerts(then) == 0


async def test_an_alert_follows_its_skill_when_moderators_merge_it(
    then: Deps, ana: User, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_alert(then, ana, "Six strings")
    decided = then.vocabulary.decided([Decision("six strings", MERGED, into="guitar")])
    monkeypatch.setattr(then.store.skills, "vocabulary", decided)
    await teaches(then, await make_user("Li", skills_offered=("Chess",)), "Guitar")
    assert await look_for_alerts(then) == 1
    assert await notifications(then) == [(ALERT_FOUND, ["Li"])]


async def test_crash_between_save_and_search_loses_and_repeats_nothing(
    then: Deps, ana: User, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [await make_user(telegram_id=True, skills_offered=("Chess",)) for _ in range(3)]
    for person in (ana, *others):
        await add_alert(then, person, "Guitar")
    await teaches(then, await make_user("Li", skills_offered=("Chess",)), "Guitar")
    whole, done = alerts._add_find, 0

    async def dies_after_two(*given: object) -> bool:
        nonlocal done
        done += 1
        if done > 2:
            raise SystemError("killed")
        return await whole(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(alerts, "_add_find", dies_after_two)
        with pytest.raises(SystemError):
            await look_for_alerts(then)
    await asyncio.gather(*(look_for_alerts(then) for _ in range(3)))
    assert await notifications(then) == [(ALERT_FOUND, ["Li"])] * 4
    assert await then.store.beginnings.waiting() == []


async def test_the_many_who_begin_what_nobody_waits_for_are_looked_at_together(
    then: Deps, database: Database, ana: User, make_user: MakeUser
) -> None:
    await add_alert(then, ana, "Guitar")
    for number in range(12):
        await teaches(
            then, await make_user(f"Li {number}", skills_offered=("Chess",)), "Guitar" if number == 5 else "Go"
        )
    before = await writes(database)
    assert await look_for_alerts(then) == 1
    assert await writes(database) - before == 3  # the eleven, the teacher into the alert, the twelfth
    assert await notifications(then) == [(ALERT_FOUND, ["Li 5"])]
    assert await then.store.beginnings.waiting() == []


async def test_alert_expires_and_can_be_renewed(then: Deps, clock: Clock, ana: User, make_user: MakeUser) -> None:
    alert = await add_alert(then, ana, "Guitar")
    clock.at += LIVES
    assert await end_due_alerts(then) == 1
    assert await end_due_alerts(then) == 0
    await teaches(then, await make_user("Li", skills_offered=("Chess",)), "Guitar")
    assert await look_for_alerts(then) == 0
    assert await notifications(then) == [(ALERT_ENDED, [])]
    assert not (await list_alerts(then, ana))[0].is_running
    await renew_alert(then, ana, alert.id)
    await teaches(then, await make_user("Bo", skills_offered=("Chess",)), "Guitar")
    assert await look_for_alerts(then) == 1


async def test_repeated_alert_request_keeps_one_alert(then: Deps, ana: User) -> None:
    both = await asyncio.gather(add_alert(then, ana, "Guitar"), add_alert(then, ana, "guitar"))
    assert both[0].id == both[1].id
    assert len(await list_alerts(then, ana)) == 1


async def test_alerts_are_limited_and_separate_for_each_user(then: Deps, ana: User, make_user: MakeUser) -> None:
    made = [await add_alert(then, ana, f"Skill {number}") for number in range(MAX_ALERTS)]
    with pytest.raises(Conflict, match="too_many"):
        await add_alert(then, ana, "One more")
    await add_alert(then, ana, "Skill 3")
    other = await make_user("Li")
    for alert_id in (made[0].id, "nonsense"):
        with pytest.raises(NotFound):
            await alerts.remove_alert(then, other, alert_id)
        with pytest.raises(NotFound):
            await renew_alert(then, other, alert_id)


async def test_alerts_are_erased_with_their_user(then: Deps, ana: User) -> None:
    alert = await add_alert(then, ana, "Guitar")
    await delete_account(then, ana)
    assert await then.store.alerts.find(alert.id) is None


async def test_merge_keeps_alerts_and_reports_the_losers_skills(then: Deps, ana: User, make_user: MakeUser) -> None:
    other = await make_user("Ana, too", email="ana@example.org", skills_offered=("Cooking",))
    waiting = await make_user("Li", telegram_id=True)
    await add_alert(then, waiting, "Cooking")
    await add_alert(then, ana, "Guitar")
    await add_alert(then, other, "guitar")
    await add_alert(then, other, "Chess")
    code, _ = await offer_merge(then, ana)
    one = await accept_merge(then, other, code)
    assert sorted(alert.key for alert in await list_alerts(then, one)) == ["chess", "guitar"]
    assert await look_for_alerts(then) == 1
    assert await notifications(then) == [(ALERT_FOUND, ["Ana"])]


async def test_concurrent_alerts_do_not_exceed_the_limit(deps: Deps, ana: User) -> None:
    asked = (add_alert(deps, ana, f"Skill {number}") for number in range(MAX_ALERTS + 8))
    results = await asyncio.gather(*asked, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Conflict)]
    assert [problem.code for problem in refused] == ["alert.too_many"] * 8
    assert len(await list_alerts(deps, ana)) == MAX_ALERTS
    kept = next(result for result in results if isinstance(result, Alert))
    await remove_alert(deps, ana, kept.id)
    assert (await add_alert(deps, ana, "Another")).skill == "Another"
    with pytest.raises(Conflict):
        await add_alert(deps, ana, "Yet another")


async def test_merge_of_alerts_keeps_the_running_one(then: Deps, clock: Clock, ana: User, make_user: MakeUser) -> None:
    web = await make_user("Web Ana", email="ana@example.org")
    await add_alert(then, web, "guitar")
    clock.at += LIVES
    assert await end_due_alerts(then) == 1
    await add_alert(then, ana, "Guitar")
    await teaches(then, await make_user("Li", skills_offered=("Chess",)), "Guitar")
    assert await look_for_alerts(then) == 1
    code, _ = await offer_merge(then, web)
    one = await accept_merge(then, ana, code)
    (alert,) = await list_alerts(then, one)
    assert alert.is_running
    assert await notifications(then) == [(ALERT_FOUND, ["Li"])]  # open deliveries of the other one


async def test_decision_about_the_skill_loses_no_delivery(then: Deps, ana: User, make_user: MakeUser) -> None:
    await add_alert(then, ana, "Gitarrra")
    await teaches(then, await make_user("Li", skills_offered=("Chess",)), "Gitarrra")
    assert await look_for_alerts(then) == 1
    await merge_skill(then, await make_user(role=MODERATOR), "gitarrra", "Guitar")
    assert await notifications(then) == [(ALERT_FOUND, ["Li"])]  # before the profiles have the new key
