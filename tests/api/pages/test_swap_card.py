"""The card of a request as whoever decides sees it, and the list beside it."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

from api.pages.swap_list import OVER_SHOWN, SHOWN
from domain.planning import Meeting
from domain.swaps import ACCEPTED, CANCELLED, Swap
from domain.users import ProfileChanges, User
from handlers import sessions
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from handlers.users import update_profile
from storage.mongodb.database import new_id
from tests.api.conftest import Client
from tests.api.pages.conftest import Get, Post, values_of
from tests.api.pages.test_swap_pages import DAY
from tests.factories import MakeSwap, MakeUser
from tests.moved_clock import MoveClock

MOST_OF_A_PAGE = 15_000
"""Bytes of a page, compressed."""


async def complete(deps: Deps, ada: User, ben: User, swap: Swap) -> None:
    await sessions.note_session(deps, ada, swap.id, Meeting(()))
    await sessions.answer_session(deps, ben, swap.id, "1", "yes")
    for person in (ada, ben):
        await sessions.finish_swap(deps, person, swap.id)


async def test_the_one_who_decides_sees_who_asks_for_what_why_it_fits_and_until_when(
    read: Get, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user(
        "Ada", timezone="Europe/Madrid", location="Lisbon", availability="weekday evenings", locale="de",
        skills_offered=("Python",), skills_wanted=("Guitar",), photo_url="https://img.example.org/ada.jpg",
    )  # fmt: skip
    guitar, python = ("Guitar",), ("Python",)
    ben = await make_user(
        "Ben", timezone="Europe/Madrid", availability="weekday evenings", skills_offered=guitar, skills_wanted=python
    )
    key_of = deps.vocabulary.key_of
    changes = ProfileChanges(offered_levels={key_of("Python"): "expert"}, wanted_levels={key_of("Guitar"): "beginner"})
    await update_profile(deps, ada, changes)
    slots = tuple((deps.now() + days * DAY).replace(minute=0, second=0, microsecond=0) for days in (2, 3))
    swap = await propose_swap(deps, ada, Proposal(ben.id, "Python", ben.skills_offered[0], "Hi <b>", slots=slots))
    _, page = await read(ben, f"/swaps/{swap.id}")
    assert 'src="https://img.example.org/ada.jpg"' in page
    assert "Ada asks you" in page
    assert re.search(r"Answer by .+ · \d days left", page)
    for said in ("Python (expert)", "Guitar (beginner)", "You are both free: weekday evenings", "Lisbon · German"):
        assert said in page, said
    assert f'href="/people/{ada.id}"' in page
    assert len(re.findall(r'<span class="at">, [^<]+</span>', page)) == len(slots)  # the button names the time
    assert 'href="/swaps"' in page
    _, page = await read(ada, f"/swaps/{swap.id}")
    assert "asks you" not in page
    assert "Answer by" not in page
    assert "both free" not in page


async def test_of_a_private_profile_the_card_says_that_it_is_private(
    read: Get, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", is_public=False, location="Lisbon")
    ben = await make_user("Ben")
    swap = await propose_swap(deps, ada, Proposal(ben.id, ada.skills_offered[0], ben.skills_offered[0]))
    _, page = await read(ben, f"/swaps/{swap.id}")
    assert "Ada keeps their profile private" in page
    assert "Lisbon" not in page
    assert f"/people/{ada.id}" not in page
    assert f"/report/{swap.id}/{ada.id}" in page


async def test_the_list_stands_beside_the_swap_that_needs_the_reader_first(
    read: Get, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python", "Chess"))
    cleo = await make_user("Cleo", skills_offered=("Chess",), skills_wanted=("Guitar",))
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",))
    running = await make_swap(cleo, ben, status=ACCEPTED)
    asked = await make_swap(ada, ben)
    _, page = await read(ben, "/swaps")
    assert page.count("<h1") == 1
    assert f'<form class="stack accept" method="post" action="/swaps/{asked.id}">' in page
    _, page = await read(ben, f"/swaps/{running.id}")
    assert page.count("<h1") == 1
    assert f'href="/swaps/{running.id}" aria-current="true"' in page
    assert f'href="/swaps/{asked.id}"' in page
    assert f'action="/swaps/{asked.id}"' not in page  # the forms are those of the one that was opened


async def test_a_completed_swap_leads_to_its_rating_until_it_is_given(
    read: Get, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await complete(deps, ada, ben, swap)
    address = f"/swaps/{swap.id}/rate/{ben.id}"
    assert f'class="button" href="{address}"' in (await read(ada, f"/swaps/{swap.id}"))[1]
    await write_review(deps, ada, swap.id, ben.id, None)
    assert f'class="button" href="{address}"' not in (await read(ada, f"/swaps/{swap.id}"))[1]


async def test_what_one_has_said_of_a_session_stays_on_the_page_and_can_be_changed(
    read: Get, send: Post, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, move_clock: MoveClock
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    start = (deps.now() + 2 * DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, ada, swap.id, Meeting((start,)))
    await sessions.agree_session(deps, ben, swap.id, "1", start)
    await move_clock(days=3)
    path, no = f"/swaps/{swap.id}", [("action", "say"), ("session", "1"), ("said", "no"), ("reason", "could_not")]
    assert (await send(ada, path, no))[0] == 303
    _, page = await read(ada, path)
    assert "Ben does not see your answer." in page
    assert "Change my answer" in page
    assert "does not see your answer" not in (await read(ben, path))[1]
    yes = [("action", "say"), ("session", "1"), ("said", "yes"), ("leg", "0"), ("leg", "1")]
    assert (await send(ada, path, yes))[0] == 303
    assert "Now it is Ben’s turn." in (await read(ada, path))[1]


async def test_a_rating_can_be_changed_until_it_is_shown_and_answered_once_it_is(
    read: Get, send: Post, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await complete(deps, ada, ben, swap)
    path, rate = f"/swaps/{swap.id}", f"/swaps/{swap.id}/rate/{ben.id}"
    given = [("stars", "4"), ("praise", "clear"), ("text", "Patient <i>"), ("note_to_moderators", "Late once")]
    assert (await send(ada, rate, given))[0] == 303
    _, page = await read(ada, path)
    assert f'href="{rate}"' in page
    assert "Nobody sees it yet." in page
    assert "Patient" not in (await read(ben, path))[1]
    _, page = await read(ada, rate)
    assert "Patient <i></textarea>" in page
    assert "Late once</textarea>" in page
    assert 'value="4" required checked' in page
    changed = [("review", values_of(page, "review")[0]), ("stars", "5"), ("text", "Patient, and on time")]
    assert (await send(ada, rate, changed))[0] == 303
    assert (await send(ben, f"/swaps/{swap.id}/rate/{ada.id}", [("stars", "5"), ("text", "Curious")]))[0] == 303
    status, page = await send(ada, rate, [*changed[:2], ("text", "Too late for this")])
    assert (status, "Too late for this" in page) == (409, True)
    _, page = await read(ben, path)
    assert "Patient, and on time" in page
    (review,) = values_of(page, "review")
    status, page = await send(ben, path, [("action", "reply"), ("review", review), ("reply", "x" * 301)])
    assert (status, "x" * 301 in page) == (422, True)
    assert (await send(ben, path, [("action", "reply"), ("review", review), ("reply", "Thank you <b>")]))[0] == 303
    assert "Thank you <b>" in (await read(ada, path))[1]
    status, page = await send(ben, path, [("action", "reply"), ("review", review), ("reply", "Once more")])
    assert (status, "Once more" in page) == (409, True)


async def test_what_was_written_stays_when_the_time_to_say_it_is_over(
    read: Get, send: Post, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    fields = [("action", "state"), ("statement", "I waited at the <door>.")]
    status, page = await send(ada, f"/swaps/{swap.id}", fields)
    assert (status, "I waited at the <door>." in page) == (409, True)


async def test_a_list_of_500_swaps_is_a_small_page_that_is_turned(
    client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    over, running = await make_swap(ada, ben, status=CANCELLED), await make_swap(ada, ben, status=ACCEPTED)
    for number in range(250):
        for swap in (running, over):
            legs = tuple(replace(leg, skill=f"{leg.skill} {number}", key="") for leg in swap.legs)
            copy = replace(swap, id=new_id(), legs=legs)
            assert await deps.store.swaps.insert(copy, ())
    async with client(ada).get("/swaps") as answer:
        page = await answer.text()
    assert page.count('<a class="line') <= 2 * SHOWN + OVER_SHOWN
    assert "open_before=" in page
    assert "over_before=" in page
    assert len(gzip.compress(page.encode())) < MOST_OF_A_PAGE
