"""Screening: a newcomer's first words with a way out of the service wait until a moderator has looked at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cases import BAN, LET_THROUGH, NOTHING, REFUSE, WORDS
from domain.errors import Conflict, Forbidden, NotFound, TooMany
from domain.events import SWAP_PROPOSED
from domain.records import Record
from domain.reports import SELLING
from domain.screening import MAX_WAITING, SCREENED_FOR
from domain.swaps import ACCEPTED, CANCELLED, PARTNER_GONE, PENDING, WORDS_REFUSED, Swap
from domain.users import MODERATOR, User
from handlers.blocks import block_person
from handlers.cases import act_on_case, find_case_file, list_cases
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.edits import edit_message
from handlers.messages import Draft, list_messages, send_message
from handlers.quotas import get_quota
from handlers.runtime.deps import Deps
from handlers.screening import list_waiting_words, settle_due_words, take_back_waiting
from handlers.swaps import Proposal, accept_swap, answer_swap, cancel_swap, get_swap, list_swaps, propose_swap
from handlers.users import delete_account
from storage.mongodb.database import Database
from tests.factories import MakeUser, deliveries_of, later

LINK = "Hello! More about me: example.org/me"
PLAIN = "Hello! I would love to learn chess with you."
SWAPPED = Record(swaps_held=1)


async def pair(make_user: MakeUser) -> tuple[User, User, User]:
    """Return a newcomer, a member who has swapped, and a moderator."""
    new = await make_user("New", skills_offered=("Chess",), skills_wanted=("Go",))
    old = await make_user("Old", telegram_id=True, skills_offered=("Go",), skills_wanted=("Chess",), record=SWAPPED)
    return new, old, await make_user("Mod", role=MODERATOR)


async def ask(deps: Deps, asker: User, partner: User, note: str = LINK) -> Swap:
    return await propose_swap(
        deps, asker, Proposal(partner.id, asker.skills_offered[0], partner.skills_offered[0], note)
    )


async def act(deps: Deps, moderator: User, action: str, reason: str = "") -> None:
    (case,) = await list_cases(deps, moderator, limit=10)
    await act_on_case(deps, moderator, case.id, action, reason)


async def texts(deps: Deps, reader: User, swap: Swap) -> list[str]:
    return [message.message for message in await list_messages(deps, reader, swap.id)]


async def letters(database: Database, user: User) -> list[str]:
    return [doc["kind"] async for doc in database.collection("letters").find().sort("_id") if str(doc["to"]) == user.id]


async def test_a_request_with_a_link_is_seen_by_nobody_but_its_asker(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old)
    assert (swap.status, swap.screened_at is not None) == (PENDING, True)
    assert [one.id for one in await list_swaps(deps, new)] == [swap.id]
    assert await list_swaps(deps, old) == []
    with pytest.raises(NotFound):
        await get_swap(deps, old, swap.id)
    with pytest.raises(NotFound):
        await accept_swap(deps, old, swap.id)
    assert await deliveries_of(database, swap.id) == []
    assert [words.text for words in await list_waiting_words(deps, new)] == [LINK]
    (case,) = await list_cases(deps, moderator, limit=10)
    assert (case.about, case.kinds) == (new.id, (WORDS,))
    file = await find_case_file(deps, case.id)
    assert file is not None
    assert [words.text for words in file.words] == [LINK]


async def test_what_is_let_through_goes_the_usual_way_once(deps: Deps, database: Database, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old)
    hours_later = later(deps, timedelta(hours=3))
    await act(hours_later, moderator, LET_THROUGH)
    (seen,) = await list_swaps(deps, old)
    assert (seen.id, seen.message, seen.participants) == (swap.id, LINK, (new.id, old.id))
    assert seen.due_at is not None
    assert seen.due_at > (swap.created_at + timedelta(days=5, hours=2))  # the time to answer begins now
    assert await list_cases(deps, moderator, limit=10) == []
    for _ in range(2):
        await settle_due_words(later(deps, SCREENED_FOR * 2))
    assert [line for line in await deliveries_of(database, swap.id) if line[0] == SWAP_PROPOSED] == [
        (SWAP_PROPOSED, old.id)
    ]
    assert (await accept_swap(deps, old, swap.id)).status == ACCEPTED


async def test_the_writer_of_refused_words_hears_why(deps: Deps, database: Database, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old)
    await act(deps, moderator, REFUSE)
    assert await list_swaps(deps, old) == []
    ended = await get_swap(deps, new, swap.id)
    assert (ended.status, ended.end_reason) == (CANCELLED, WORDS_REFUSED)
    (letter,) = [doc async for doc in database.collection("letters").find()]
    assert (str(letter["to"]), letter["kind"], letter["words"]["text"]) == (new.id, "words_refused", LINK)
    assert (await get_quota(deps, new)).used == 0
    assert (await ask(deps, new, old, PLAIN)).screened_at is None  # and may ask in other words


async def test_nobody_has_looked_in_time(deps: Deps, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old)
    assert await settle_due_words(later(deps, SCREENED_FOR - timedelta(minutes=1))) == 0
    assert await list_swaps(deps, old) == []
    assert await settle_due_words(later(deps, SCREENED_FOR)) == 1
    assert [one.id for one in await list_swaps(deps, old)] == [swap.id]
    assert len(await list_cases(deps, moderator, limit=10)) == 1  # somebody may still look


@pytest.mark.parametrize(
    "change",
    [
        lambda deps, user: replace(user, record=SWAPPED),
        lambda deps, user: replace(user, role=MODERATOR),
    ],
)
async def test_words_of_those_who_are_known_do_not_wait(
    deps: Deps, make_user: MakeUser, change: Callable[[Deps, User], User]
) -> None:
    new, old, _ = await pair(make_user)
    assert (await ask(deps, change(deps, new), old)).screened_at is None


async def test_in_the_first_day_words_wait_though_a_swap_was_completed(deps: Deps, make_user: MakeUser) -> None:
    _, old, _ = await pair(make_user)
    quick = await make_user(skills_offered=("Chess",), record=SWAPPED, created_at=deps.now())
    assert (await ask(deps, quick, old)).screened_at is not None


async def test_plain_words_and_words_after_a_yes_do_not_wait(deps: Deps, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old, PLAIN)
    await send_message(deps, new, Draft(swap.id, "At 10:30, or on 12.12.2026?", "web"))
    await accept_swap(deps, old, swap.id)
    sent = await send_message(deps, new, Draft(swap.id, "Call me: 0171 1234567", "web"))
    assert (sent.seq, sent.is_screened) == (2, False)
    edited = await edit_message(deps, new, swap.id, 2, LINK)
    assert (edited.message, edited.is_screened) == (LINK, False)
    assert await list_cases(deps, moderator, limit=10) == []


async def test_messages_wait_in_order_and_arrive_once(deps: Deps, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old, PLAIN)
    first = await send_message(deps, new, Draft(swap.id, LINK, "web", client_id="a"))
    again = await send_message(deps, new, Draft(swap.id, LINK, "web", client_id="a"))
    second = await send_message(deps, new, Draft(swap.id, "As I said above", "web"))
    assert (first.is_screened, second.is_screened, first.seq, again.id) == (True, True, 0, first.id)
    assert await texts(deps, old, swap) == []
    with pytest.raises(Conflict, match="client_id_reused"):
        await send_message(deps, new, Draft(swap.id, PLAIN, "web", client_id="a"))
    await send_message(deps, old, Draft(swap.id, "Hello?", "web"))
    await act(deps, moderator, LET_THROUGH)
    assert await texts(deps, old, swap) == ["Hello?", LINK, "As I said above"]
    assert (await send_message(deps, new, Draft(swap.id, LINK, "web", client_id="a"))).seq == 2
    await settle_due_words(later(deps, SCREENED_FOR * 2))
    assert len(await texts(deps, old, swap)) == 3
    assert not (await send_message(deps, new, Draft(swap.id, "Now at once", "web"))).is_screened


async def test_a_clean_message_edited_into_a_link_shows_its_old_words_until_then(
    deps: Deps, make_user: MakeUser
) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old, PLAIN)
    sent = await send_message(deps, new, Draft(swap.id, "Hello", "web"))
    waiting = await edit_message(deps, new, swap.id, sent.seq, LINK)
    assert (waiting.is_screened, waiting.message) == (True, LINK)
    assert await texts(deps, old, swap) == ["Hello"]
    await act(deps, moderator, LET_THROUGH)
    (edited,) = await list_messages(deps, old, swap.id)
    assert (edited.message, edited.changed, edited.is_screened) == (LINK, 1, False)


async def test_the_note_of_a_counter_offer_follows_as_a_message(deps: Deps, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    new = await make_user("New", skills_offered=("Chess", "Yoga"), skills_wanted=("Go",))
    swap = await ask(deps, old, new, PLAIN)
    offer = CounterOffer("Yoga", "Go", "Rather yoga: @some_body")
    countered = await counter_swap(deps, new, swap.id, offer)
    assert (countered.rounds, countered.message, countered.author) == (2, "", new.id)
    assert (await counter_swap(deps, new, swap.id, offer)).version == countered.version  # repeated
    assert await texts(deps, old, swap) == []
    await act(deps, moderator, LET_THROUGH)
    assert await texts(deps, old, swap) == ["Rather yoga: @some_body"]
    await settle_due_words(later(deps, SCREENED_FOR * 2))
    assert len(await texts(deps, old, swap)) == 1


async def test_a_decision_against_the_person_refuses_the_words_and_nothing_lets_them_through(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    for decision, is_through in ((BAN, False), ("warn", False), ("hide", False), (NOTHING, True)):
        new, old, moderator = await pair(make_user)
        swap = await ask(deps, new, old, PLAIN)
        await send_message(deps, new, Draft(swap.id, LINK, "web"))
        await act(deps, moderator, decision, SELLING)
        assert bool(await texts(deps, old, swap)) == is_through
        assert ("words_refused" in await letters(database, new)) != is_through
        await settle_due_words(later(deps, SCREENED_FOR * 2))
        assert bool(await texts(deps, old, swap)) == is_through
        assert await list_cases(deps, moderator, limit=10) == []


async def test_a_process_that_dies_after_the_decision_leaves_nothing_to_be_let_through(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old, moderator = await pair(make_user)
    await ask(deps, new, old)

    async def dies(*args: object, **options: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("handlers.cases.decide_waiting", dies)
        with pytest.raises(RuntimeError):
            await act(deps, moderator, "warn", SELLING)
    await settle_due_words(later(deps, SCREENED_FOR))
    assert await list_swaps(deps, old) == []


@pytest.mark.parametrize("action", [LET_THROUGH, REFUSE])
async def test_the_job_completes_what_a_killed_process_has_decided(
    deps: Deps, database: Database, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old, PLAIN)
    for text in (LINK, "second", "third"):
        await send_message(deps, new, Draft(swap.id, text, "web"))
        await send_message(deps, old, Draft(swap.id, "?", "web"))

    async def dies(*args: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("handlers.screened_words.carry_out", dies)
        with pytest.raises(RuntimeError):
            await act(deps, moderator, action)
    assert await texts(deps, old, swap) == ["?", "?", "?"]
    for _ in range(2):
        await settle_due_words(later(deps, timedelta(seconds=1)))
    through = [LINK, "second", "third"] if action == LET_THROUGH else []
    assert await texts(deps, old, swap) == ["?", "?", "?", *through]
    assert len(await letters(database, new)) == (0 if through else 3)


async def test_a_case_that_a_killed_process_did_not_open_is_opened(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old, moderator = await pair(make_user)

    async def dies(*args: object, **options: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("handlers.screening.open_case", dies)
        with pytest.raises(RuntimeError):
            await ask(deps, new, old)
    assert await list_cases(deps, moderator, limit=10) == []
    await settle_due_words(later(deps, timedelta(minutes=2)))
    assert len(await list_cases(deps, moderator, limit=10)) == 1
    with monkeypatch.context() as patched:
        patched.setattr("handlers.requests.insert_request", dies)
        with pytest.raises(RuntimeError):
            await ask(deps, new, await make_user(skills_offered=("Go",)))
    assert len(await list_waiting_words(deps, new)) == 2
    await settle_due_words(later(deps, timedelta(minutes=2)))
    assert len(await list_waiting_words(deps, new)) == 1  # no request was made: there is nothing to look at


async def test_who_asks_for_the_same_meanwhile_starts_the_swap(deps: Deps, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old)
    met = await ask(deps, old, new, PLAIN)
    assert (met.id, met.status, met.participants) == (swap.id, ACCEPTED, (new.id, old.id))
    assert await list_waiting_words(deps, new) == []
    await act(deps, moderator, REFUSE)
    assert (await get_swap(deps, old, swap.id)).status == ACCEPTED


@pytest.mark.parametrize("what", ["gone", "blocked", "private"])
async def test_a_request_to_somebody_who_is_not_there_any_more_ends(deps: Deps, make_user: MakeUser, what: str) -> None:
    new, old, _ = await pair(make_user)
    swap = await ask(deps, new, old)
    if what == "gone":
        await delete_account(deps, old)
    elif what == "blocked":
        await block_person(deps, old, new)
    else:
        assert await deps.store.users.replace_profile(old, replace(old, is_public=False, profile_version=1))
    await settle_due_words(later(deps, SCREENED_FOR))
    ended = await get_swap(deps, new, swap.id)
    assert (ended.status, ended.end_reason) == (CANCELLED, PARTNER_GONE)
    assert await list_swaps(deps, old) == []


async def test_a_request_is_taken_back_unseen(deps: Deps, database: Database, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old)
    await cancel_swap(deps, new, swap.id)
    assert await list_waiting_words(deps, new) == []
    await act(deps, moderator, LET_THROUGH)
    await settle_due_words(later(deps, SCREENED_FOR))
    assert await list_swaps(deps, old) == []
    assert old.id not in [to for _, to in await deliveries_of(database, swap.id)]


async def test_words_are_taken_back_or_lost_when_the_conversation_ends(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    new, old, moderator = await pair(make_user)
    swap = await ask(deps, new, old, PLAIN)
    await send_message(deps, new, Draft(swap.id, LINK, "web"))
    (words,) = await list_waiting_words(deps, new)
    with pytest.raises(NotFound):
        await take_back_waiting(deps, old, words.id)
    await take_back_waiting(deps, new, words.id)
    assert await list_waiting_words(deps, new) == []
    await send_message(deps, new, Draft(swap.id, LINK, "web"))
    await answer_swap(deps, new, swap.id, CANCELLED)
    await act(deps, moderator, LET_THROUGH)
    assert await texts(deps, old, swap) == []
    assert await letters(database, new) == ["words_lost"]


async def test_words_that_wait_are_bounded(deps: Deps, make_user: MakeUser) -> None:
    new, old, _ = await pair(make_user)
    new = await make_user("Busy", skills_offered=("Chess", "Yoga"), skills_wanted=("Go",))
    swap = await ask(deps, old, new, PLAIN)  # whoever is asked may write without limit
    for number in range(MAX_WAITING):
        await send_message(later(deps, timedelta(seconds=2 * number)), new, Draft(swap.id, LINK, "web"))
    with pytest.raises(TooMany, match=r"words\.too_many"):
        await send_message(later(deps, timedelta(minutes=5)), new, Draft(swap.id, LINK, "web"))


async def test_a_question_may_be_asked_three_times_also_while_it_waits(deps: Deps, make_user: MakeUser) -> None:
    new, old, _ = await pair(make_user)
    swap = await ask(deps, new, old, PLAIN)
    for number in range(3):
        await send_message(deps, new, Draft(swap.id, f"{LINK}{number}", "web"))
    with pytest.raises(Conflict, match="wait_for_answer"):
        await send_message(deps, new, Draft(swap.id, LINK, "web"))


async def test_of_two_moderators_one_decides_about_the_words(deps: Deps, make_user: MakeUser) -> None:
    new, old, moderator = await pair(make_user)
    other = await make_user("Other", role=MODERATOR)
    swap = await ask(deps, new, old, PLAIN)
    await send_message(deps, new, Draft(swap.id, LINK, "web"))
    (case,) = await list_cases(deps, moderator, limit=10)
    await send_message(deps, new, Draft(swap.id, "and a second one", "web"))
    with pytest.raises(Conflict, match=r"case\.changed"):  # it was not on the card
        await act_on_case(deps, moderator, case.id, LET_THROUGH, version=case.version)
    await act_on_case(deps, moderator, case.id, "take")
    with pytest.raises(Conflict, match=r"case\.taken"):
        await act_on_case(deps, other, case.id, LET_THROUGH)
    with pytest.raises(Forbidden):
        await act_on_case(deps, new, case.id, LET_THROUGH)
    await act_on_case(deps, moderator, case.id, LET_THROUGH)
    await act_on_case(deps, moderator, case.id, LET_THROUGH)  # repeated
    with pytest.raises(Conflict, match=r"case\.done"):
        await act_on_case(deps, other, case.id, REFUSE)
    with pytest.raises(Conflict, match=r"case\.no_undo"):
        await act_on_case(deps, moderator, case.id, "undo")
    assert len(await texts(deps, old, swap)) == 2
