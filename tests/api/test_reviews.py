"""Ratings over REST: hidden until both are written or the time is over, then shown at the same moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from domain.planning import Meeting
from domain.records import Record
from domain.reviews import Review
from domain.swaps import ACCEPTED, COMPLETED, Swap
from domain.timetable import RATE_WITHIN, REMIND_TO_RATE
from domain.users import ADMIN, BANNED, User
from handlers import sessions
from handlers.circles import ask_circle, join_circle
from handlers.reviews import reveal
from handlers.runtime.deps import Deps
from handlers.timeline import do_due_steps
from handlers.users import delete_account
from storage.mongodb.database import Database, new_id
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeSwap, MakeUser, later, list_possible, recipients_of
from tests.moved_clock import MoveClock
from tests.waiting import eventually

GOOD = {"stars": 5, "praise": ["friendly", "clear"], "text": "A patient teacher.", "note_to_moderators": "All fine."}
DAY = timedelta(days=1)


async def complete(deps: Deps, one: User, two: User, swap: Swap) -> Swap:
    """Bring a running swap to its end: a session that both confirm, and both are done."""
    await sessions.note_session(deps, one, swap.id, Meeting(()))
    await sessions.answer_session(deps, two, swap.id, "1", "yes")
    await sessions.finish_swap(deps, one, swap.id)
    return await sessions.finish_swap(deps, two, swap.id)


async def registered_long_ago(database: Database, *people: User) -> None:
    """Ratings by accounts that are a few days old count later."""
    ids = [ObjectId(person.id) for person in people]
    change = {"$set": {"created_at": people[0].created_at - 30 * DAY}}
    await database.collection("users").update_many({"_id": {"$in": ids}}, change)


@pytest.fixture
async def pair(database: Database, make_user: MakeUser) -> tuple[User, User]:
    people = await make_user(telegram_id=True), await make_user(telegram_id=True)
    await registered_long_ago(database, *people)
    return people


@pytest.fixture
async def done(deps: Deps, pair: tuple[User, User], make_swap: MakeSwap) -> Swap:
    return await complete(deps, *pair, await make_swap(*pair, status=ACCEPTED))


async def rate(client: Client, person: User, swap: Swap, **fields: Any) -> tuple[int, dict[str, Any]]:
    async with client(person).post("/api/reviews", json={"swap_id": swap.id, **GOOD, **fields}) as answer:
        return answer.status, await answer.json()


async def shown(client: Client, viewer: User, about: User) -> list[dict[str, Any]]:
    async with client(viewer).get(f"/api/users/{about.id}/reviews") as answer:
        assert answer.status == 200
        found: list[dict[str, Any]] = await answer.json()
        return found


async def facts(client: Client, viewer: User, about: User) -> dict[str, Any]:
    async with client(viewer).get(f"/api/users/{about.id}") as answer:
        return dict((await answer.json())["facts"])


async def test_both_ratings_appear_at_the_same_moment(
    client: Client, deps: Deps, database: Database, pair: tuple[User, User], done: Swap, make_user: MakeUser
) -> None:
    ada, ben = pair
    reader = await make_user()
    status, first = await rate(client, ada, done)
    assert (status, first["shown"], first["praise"]) == (201, False, ["clear", "friendly"])
    assert await shown(client, reader, ben) == await shown(client, ben, ben) == []
    async with client(ben).get(f"/api/swap/{done.id}/reviews") as answer:
        assert await answer.json() == []
    status, second = await rate(client, ben, done, stars=4, text="Came prepared.")
    assert (status, second["shown"]) == (201, True)
    assert [(one["author"], one["stars"]) for one in await shown(client, reader, ben)] == [(ada.id, 5)]
    assert [(one["author"], one["text"]) for one in await shown(client, reader, ada)] == [(ben.id, "Came prepared.")]
    assert "note_to_moderators" not in (await shown(client, reader, ben))[0]
    assert sorted(await recipients_of(database, done.id, "review.revealed")) == sorted(p.id for p in pair)
    assert not await reveal(deps, done)


def revealed(sockets: list[Any]) -> list[list[Any]]:
    """Return what each socket was told about shown ratings."""
    return [[data for event, data in socket.received if event == "review:revealed"] for socket in sockets]


async def test_both_sockets_hear_at_the_same_moment_that_the_ratings_are_shown(
    client: Client, connect: Connect, web: Web, pair: tuple[User, User], done: Swap, make_user: MakeUser
) -> None:
    ada, ben = pair
    sockets = [await connect(ada), await connect(ben), await connect(await make_user())]
    await rate(client, ada, done)
    await web.catch_up()
    assert revealed(sockets) == [[], [], []]
    await rate(client, ben, done, stars=4)
    await eventually(lambda: revealed(sockets) == [[{"swap_id": done.id}], [{"swap_id": done.id}], []])
    for person in pair:
        async with client(person).get(f"/api/swap/{done.id}/reviews") as answer:
            assert len(await answer.json()) == 2
    await web.catch_up()
    assert revealed(sockets)[:2] == [[{"swap_id": done.id}]] * 2  # once


async def test_sockets_hear_of_a_rating_that_the_end_of_the_time_shows(
    client: Client, connect: Connect, deps: Deps, web: Web, pair: tuple[User, User], done: Swap
) -> None:
    await rate(client, pair[0], done)
    sockets = [await connect(person) for person in pair]
    await do_due_steps(later(deps, RATE_WITHIN + timedelta(seconds=1)))
    await eventually(lambda: revealed(sockets) == [[{"swap_id": done.id}]] * 2)


async def test_sockets_hear_of_a_rating_that_a_decision_not_to_rate_shows(
    client: Client, connect: Connect, web: Web, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    await rate(client, ada, done)
    sockets = [await connect(person) for person in pair]
    async with client(ben).post("/api/reviews/decline", json={"swap_id": done.id}) as answer:
        assert answer.status == 200
    await eventually(lambda: revealed(sockets) == [[{"swap_id": done.id}]] * 2)


async def test_two_decisions_not_to_rate_show_nothing_and_say_nothing(
    client: Client, connect: Connect, web: Web, pair: tuple[User, User], done: Swap
) -> None:
    sockets = [await connect(person) for person in pair]
    for person in pair:
        async with client(person).post("/api/reviews/decline", json={"swap_id": done.id}) as answer:
            assert answer.status == 200
    await web.catch_up()
    assert revealed(sockets) == [[], []]


async def test_a_single_rating_is_shown_when_the_time_is_over(
    client: Client, deps: Deps, database: Database, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    await rate(client, ada, done)
    await do_due_steps(later(deps, RATE_WITHIN - timedelta(minutes=1)))
    assert await recipients_of(database, done.id, "review.revealed") == []
    after = later(deps, RATE_WITHIN + timedelta(seconds=1))
    await do_due_steps(after)
    assert sorted(await recipients_of(database, done.id, "review.revealed")) == sorted(p.id for p in pair)
    assert len(await after.store.reviews.list_shown(ben.id, at=after.now())) == 1
    assert (await after.store.users.find_many([ben.id]))[ben.id].record.stars == 5


async def test_reminders_go_to_those_who_have_not_written(
    client: Client, deps: Deps, database: Database, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    await rate(client, ada, done)
    for left in REMIND_TO_RATE:
        await do_due_steps(later(deps, RATE_WITHIN - left + timedelta(minutes=1)))
    assert await recipients_of(database, done.id, "review.soon") == [ben.id, ben.id]


async def test_no_rating_is_a_choice_that_shows_the_others(
    client: Client, deps: Deps, database: Database, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    await rate(client, ada, done)
    async with client(ben).post("/api/reviews/decline", json={"swap_id": done.id}) as answer:
        declined = await answer.json()
    assert (answer.status, declined["stars"], declined["shown"]) == (200, None, True)
    assert len(await shown(client, ada, ben)) == 1
    assert await shown(client, ben, ada) == []
    status, problem = await rate(client, ben, done)
    assert (status, problem["code"]) == (409, "review.written")
    for left in REMIND_TO_RATE:
        await do_due_steps(later(deps, RATE_WITHIN - left + timedelta(minutes=1)))
    assert await recipients_of(database, done.id, "review.soon") == []


async def test_what_is_still_to_be_rated_is_listed(client: Client, pair: tuple[User, User], done: Swap) -> None:
    ada, ben = pair
    async with client(ada).get("/api/reviews/pending") as answer:
        (pending,) = await answer.json()
    assert (pending["swap_id"], pending["about"]) == (done.id, ben.id)
    await rate(client, ada, done)
    async with client(ada).get("/api/reviews/pending") as answer:
        assert await answer.json() == []


async def test_a_rating_is_edited_until_it_is_shown_and_answered_once_then(
    client: Client, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    _, mine = await rate(client, ada, done)
    path = f"/api/reviews/{mine['_id']}"
    async with client(ada).put(path, json={"stars": 3, "text": "On second thoughts."}) as answer:
        assert (answer.status, (await answer.json())["stars"]) == (200, 3)
    async with client(ben).put(path, json={"stars": 1}) as answer:
        assert answer.status == 404
    async with client(ben).post(f"{path}/reply", json={"text": "Early."}) as answer:
        assert answer.status == 404
    await rate(client, ben, done)
    async with client(ada).put(path, json={"stars": 5}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (409, "review.shown")
    async with client(ben).post(f"{path}/reply", json={"text": "Thank you."}) as answer:
        assert (answer.status, (await answer.json())["reply"]) == (200, "Thank you.")
    async with client(ben).post(f"{path}/reply", json={"text": "And more."}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (409, "review.replied")


async def test_what_cannot_be_rated_is_refused_and_changes_nothing(
    client: Client, deps: Deps, database: Database, pair: tuple[User, User], make_swap: MakeSwap, make_user: MakeUser
) -> None:
    ada, ben = pair
    stranger = await make_user()
    running = await make_swap(ada, ben, status=ACCEPTED)
    status, problem = await rate(client, ada, running)
    assert (status, problem["code"]) == (409, "review.not_completed")
    swap = await complete(deps, ada, ben, running)
    for person, fields, expected in (
        (stranger, {}, (404, "swap.not_found")),
        (ada, {"about": stranger.id}, (403, "review.not_met")),
        (ada, {"about": ada.id}, (422, "review.yourself")),
        (ada, {"stars": 0}, (422, "invalid_field")),
        (ada, {"stars": 6}, (422, "invalid_field")),
        (ada, {"praise": ["handsome"]}, (422, "invalid_field")),
        (ada, {"text": "x" * 501}, (422, "text.too_long")),
    ):
        status, problem = await rate(client, person, swap, **fields)
        assert (status, problem["code"]) == expected, fields
    assert await database.collection("reviews").count_documents({}) == 0
    at = deps.now() - RATE_WITHIN - timedelta(seconds=1)
    await database.collection("swaps").update_one({"_id": ObjectId(swap.id)}, {"$set": {"plan.completed_at": at}})
    status, problem = await rate(client, ada, swap)
    assert (status, problem["code"]) == (409, "review.closed")


async def test_a_mean_is_shown_from_three_raters_on_and_new_accounts_count_later(
    client: Client, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    teacher = await make_user(telegram_id=True, skills_offered=("Python",), skills_wanted=("Guitar",))
    for number, stars in enumerate((5, 4, 4)):
        assert (await facts(client, teacher, teacher))["rating"] is None
        learner = await make_user(skills_offered=("Guitar",), skills_wanted=("Python",))
        await registered_long_ago(database, learner)
        swap = await complete(deps, teacher, learner, await make_swap(teacher, learner, status=ACCEPTED))
        await rate(client, learner, swap, stars=stars)
        await rate(client, teacher, swap)
        assert (await facts(client, learner, teacher))["swaps_held"] == number + 1
    assert (await facts(client, teacher, teacher))["rating"] == {"mean": 4.3, "n": 3}
    newcomer = await make_user(skills_offered=("Guitar",), skills_wanted=("Python",))
    swap = await complete(deps, teacher, newcomer, await make_swap(teacher, newcomer, status=ACCEPTED))
    await rate(client, newcomer, swap, stars=1)
    await rate(client, teacher, swap)
    assert (await facts(client, teacher, teacher))["rating"] == {"mean": 4.3, "n": 3}
    assert len(await shown(client, newcomer, teacher)) == 4


async def test_the_ratings_of_banned_people_vanish_and_those_of_deleted_ones_lose_their_name(
    client: Client,
    deps: Deps,
    database: Database,
    make_user: MakeUser,
    make_swap: MakeSwap,
    pair: tuple[User, User],
    done: Swap,
) -> None:
    ada, ben = pair
    reader = await make_user()
    await rate(client, ada, done)
    await delete_account(deps, ada)
    async with client(ben).post("/api/reviews/decline", json={"swap_id": done.id}) as answer:
        assert answer.status == 200  # nobody rates whoever has left, but may want to see what they wrote
    (one,) = await shown(client, reader, ben)
    assert (one["author"], one["author_name"], one["text"]) == (None, None, "A patient teacher.")
    users = database.collection("users")
    await users.update_one({"_id": ObjectId(ada.id)}, {"$set": {"status": BANNED}})
    assert await shown(client, reader, ben) == []


async def test_lines_for_the_moderators_are_read_by_them_alone(
    client: Client, make_user: MakeUser, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    await rate(client, ada, done, stars=5, note_to_moderators="The room was locked.")
    async with client(ben).get("/api/moderation/notes") as answer:
        assert answer.status == 403
    admin = await make_user(role=ADMIN)
    async with client(admin).get("/api/moderation/notes") as answer:
        (note,) = await answer.json()
    assert (note["note"], note["author"], note["about"]) == ("The room was locked.", ada.id, ben.id)


async def test_facts_are_never_taken_from_a_profile_that_is_sent(client: Client, pair: tuple[User, User]) -> None:
    ada, ben = pair
    fake = {"facts": {"swaps_held": 99}, "record": {"swaps_held": 99, "stars": 500, "raters": 100}}
    async with client(ada).put("/api/user", json=fake) as answer:
        assert answer.status in (200, 422)
    assert (await facts(client, ben, ada))["swaps_held"] == 0


async def test_a_completed_swap_of_older_applications_cannot_be_rated(
    client: Client, database: Database, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    swap = await make_swap(*pair, status=ACCEPTED)
    change = {"$set": {"status": COMPLETED}, "$unset": {"plan": "", "wake_at": ""}}
    await database.collection("swaps").update_one({"_id": ObjectId(swap.id)}, change)
    status, problem = await rate(client, pair[0], swap)
    assert status == 409
    assert problem["code"] in ("review.not_completed", "swap.changed")


async def test_a_missed_session_is_a_fact_for_its_time_only(
    client: Client, make_user: MakeUser, deps: Deps, move_clock: MoveClock
) -> None:
    record = Record(no_shows=3, no_shows_until=deps.now() + timedelta(days=10))
    ada, ben = await make_user("Ada", record=record, telegram_id=True), await make_user("Ben", telegram_id=True)
    assert (await facts(client, ben, ada))["no_shows"] == 3
    await move_clock(weeks=2)
    assert (await facts(client, ben, ada))["no_shows"] == 0


async def test_in_a_circle_nobody_reads_what_another_one_has_written_to_the_moderators(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    skills = ("Python", "Guitar", "Chess")
    people = [
        await make_user(skills_offered=(skills[n],), skills_wanted=(skills[n - 1],), telegram_id=True) for n in range(3)
    ]
    (possible,) = await list_possible(deps, people[0])
    circle = await ask_circle(deps, people[0], possible.id)
    for person in people[1:]:
        circle = await join_circle(deps, person, circle.id, version=circle.version)
    at = deps.now() - RATE_WITHIN
    for author, about in ((1, 2), (2, 0), (0, 1)):
        names = people[author].id, people[about].id
        review = Review(new_id(), circle.id, *names, author, 3, at, at, 5, (), "Well done.", f"by {author}")
        assert await deps.store.reviews.insert(review)
    for number, reader in enumerate(people):
        async with client(reader).get(f"/api/swap/{circle.id}/reviews") as answer:
            found = await answer.json()
        assert len(found) == 3
        notes = [one["note_to_moderators"] for one in found if one["note_to_moderators"]]
        assert notes == [f"by {number}"]


async def next_rate(client: Client, person: User, swap: Swap) -> list[str] | None:
    """Return who has still to rate in a swap, as this person is told; None when nobody has."""
    async with client(person).get(f"/api/swap/{swap.id}") as answer:
        action = (await answer.json())["next_action"]
    return action and sorted(action["by"])


async def test_the_next_action_names_those_alone_who_have_not_rated(
    client: Client, connect: Connect, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    assert await next_rate(client, ada, done) == sorted([ada.id, ben.id])
    socket = await connect(ben)
    await rate(client, ada, done)
    assert await next_rate(client, ada, done) == await next_rate(client, ben, done) == [ben.id]
    await eventually(lambda: [data["next_action"]["by"] for _, data in socket.received] == [[ben.id]])
    async with client(ben).post("/api/reviews/decline", json={"swap_id": done.id}) as answer:
        assert answer.status == 200
    assert await next_rate(client, ada, done) is None


async def test_nobody_rates_whoever_has_left(
    client: Client, deps: Deps, database: Database, pair: tuple[User, User], done: Swap
) -> None:
    ada, ben = pair
    await delete_account(deps, ben)
    status, problem = await rate(client, ada, done)
    assert (status, problem["code"]) == (404, "user.not_found")
    async with client(ada).get("/api/reviews/pending") as answer:
        assert await answer.json() == []
    for left in REMIND_TO_RATE:
        await do_due_steps(later(deps, RATE_WITHIN - left + timedelta(minutes=1)))
    assert await recipients_of(database, done.id, "review.soon") == []
    assert await database.collection("reviews").count_documents({}) == 0
