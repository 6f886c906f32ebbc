"""The page of a person, and the form that asks them for a swap."""

from __future__ import annotations

from domain.planning import Meeting
from domain.reviews import Rating, Review
from domain.swaps import ACCEPTED, PENDING
from domain.users import User
from domain.week import format_slots
from handlers import sessions
from handlers.blocks import block_user
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from storage.mongodb.database import new_id
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeSwap, MakeUser, insert_swap

EVENINGS = format_slots(("weekday evenings",))


async def rated(deps: Deps, author: User, about: User, text: str) -> Review:
    """Let two complete a swap, and rate each other in it."""
    swap = await insert_swap(deps, author, about, status=ACCEPTED)
    await sessions.note_session(deps, author, swap.id, Meeting(()))
    await sessions.answer_session(deps, about, swap.id, "1", "yes")
    for person in (author, about):
        await sessions.finish_swap(deps, person, swap.id)
    await write_review(deps, about, swap.id, None, Rating(5))
    return await write_review(deps, author, swap.id, None, Rating(4, ("reliable",), text))


async def test_a_profile_is_shown_as_others_see_it_and_hidden_alike(read: Get, deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada", email="ada@example.org")
    ben = await make_user("Ben", availability=f"{EVENINGS}, not in May", email="ben@example.org")
    hal, eve = await make_user("Hal", is_public=False), await make_user("Eve")
    status, page = await read(ada, f"/people/{ben.id}")
    assert (status, "Free: weekday evenings and not in May" in page, "ben@example.org" in page) == (200, True, False)
    assert f"/people/{ben.id}/ask" in page
    status, page = await read(ada, f"/people/{ada.id}")
    assert (status, "This is how others see you" in page, "ada@example.org" in page) == (200, True, False)
    await block_user(deps, eve, ada.id)
    for person_id in (hal.id, eve.id, new_id(), "nonsense"):
        for path in (f"/people/{person_id}", f"/people/{person_id}/ask"):
            assert (await read(ada, path))[0] == 404


async def test_a_swap_is_asked_for_with_a_note_and_times(
    read: Get, send: Post, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", availability=EVENINGS, timezone="Europe/Madrid")
    ben = await make_user("Ben", availability=EVENINGS, timezone="Europe/Madrid")
    status, page = await read(ada, f"/people/{ben.id}/ask")
    slots = values_of(page, "slot")
    assert (status, len(slots) > 3, "You can ask 5 more people" in page) == (200, True, True)
    fields = [("wanted_skill", ben.skills_offered[0]), ("offered_skill", ada.skills_offered[0])]
    fields += [("message", "Hello\r\nBen"), ("slot", slots[0]), ("slot", slots[2]), ("minutes", "90")]
    status, onward = await send(ada, f"/people/{ben.id}/ask", fields)
    (swap,) = await list_swaps(deps, ben)
    assert (status, onward) == (303, f"/swaps/{swap.id}")
    assert (swap.status, swap.message, swap.plan.minutes) == (PENDING, "Hello\nBen", 90)
    assert [slot.isoformat() for slot in swap.plan.slots] == [slots[0], slots[2]]
    _, page = await read(ada, f"/people/{ben.id}")
    assert f'href="/swaps/{swap.id}"' in page


async def test_what_is_refused_keeps_the_note_and_says_where_the_open_swap_is(
    read: Get, send: Post, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben)
    fields = [
        ("wanted_skill", ben.skills_offered[0]),
        ("offered_skill", ada.skills_offered[0]),
        ("message", "Again <b>"),
    ]
    status, page = await send(ada, f"/people/{ben.id}/ask", fields)
    assert (status, 'role="alert"' in page, f'href="/swaps/{swap.id}"' in page) == (409, True, True)
    assert "Again <b></textarea>" in page
    fields[1] = ("offered_skill", "Juggling")
    status, page = await send(ada, f"/people/{ben.id}/ask", fields)
    assert (status, "Again <b></textarea>" in page) == (422, True)
    assert (await send(ada, f"/people/{ben.id}/ask"))[0] == 422


async def test_two_who_ask_each_other_have_a_swap(send: Post, deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    a, b = ada.skills_offered[0], ben.skills_offered[0]
    await send(ada, f"/people/{ben.id}/ask", [("wanted_skill", b), ("offered_skill", a)])
    assert (await send(ben, f"/people/{ada.id}/ask", [("wanted_skill", a), ("offered_skill", b)]))[0] == 303
    (swap,) = await list_swaps(deps, ada)
    assert swap.status == ACCEPTED


async def test_a_recent_no_and_a_used_quota_are_said_before_anything_is_written(
    read: Get, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    await make_swap(ada, ben, status="rejected")
    status, page = await read(ada, f"/people/{ben.id}/ask")
    assert (status, 'role="alert"' in page) == (200, True)
    for _ in range(5):
        other = await make_user(skills_offered=ben.skills_offered, skills_wanted=ben.skills_wanted)
        await make_swap(ada, other)
    last = await make_user("Cleo", skills_offered=ben.skills_offered, skills_wanted=ben.skills_wanted)
    status, page = await read(ada, f"/people/{last.id}/ask")
    assert (status, "That was your last open request for now" in page) == (200, True)


async def test_whoever_teaches_nothing_is_led_to_the_profile(read: Get, make_user: MakeUser) -> None:
    nina, ben = await make_user("Nina", skills_offered=(), skills_wanted=("Guitar",)), await make_user("Ben")
    _, page = await read(nina, f"/people/{ben.id}/ask")
    assert 'href="/me/edit/teach"' in page


async def test_ratings_stand_on_the_profile_and_can_be_reported(
    read: Get, send: Post, deps: Deps, make_user: MakeUser
) -> None:
    ada, ben, cleo = await make_user("Ada"), await make_user("Ben"), await make_user("Cleo")
    review = await rated(deps, ada, ben, "Patient <i>")
    _, page = await read(cleo, f"/people/{ben.id}")
    assert ("4 stars" in page, "Patient <i>" in page, "reliable" in page) == (True, True, True)
    path = f"/report/{ada.id}?review={review.id}"
    assert path in page
    status, page = await read(cleo, path)
    assert (status, f'action="{path}"' in page) == (200, True)
    status, page = await send(cleo, path, [("reason", "rude"), ("text", "Untrue")])
    assert (status, "Your report has arrived" in page) == (200, True)
    case = await deps.store.cases.find_open(ada.id)
    assert case is not None
    (report,) = await deps.store.reports.list_of_case(case.id)
    assert (report.subject, report.subject_id) == ("review", review.id)
    assert f"/report/{ada.id}?review" not in (await read(ada, f"/people/{ben.id}"))[1]


async def test_many_ratings_have_pages(read: Get, deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    for number in range(11):
        author = await make_user(f"P{number}", skills_offered=ada.skills_offered, skills_wanted=ada.skills_wanted)
        await rated(deps, author, ben, f"Words {number}.")
    _, page = await read(ada, f"/people/{ben.id}")
    assert "Words 10." in page
    assert "Words 0." not in page
    (older,) = [part.split('"')[0] for part in page.split('href="')[1:] if "before=" in part.split('"')[0]]
    assert "Words 0." in (await read(ada, older))[1]
