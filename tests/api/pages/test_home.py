from __future__ import annotations

import re

from domain.users import User
from handlers.edits import delete_message
from handlers.messages import Draft, send_message
from handlers.reads import mark_read
from handlers.runtime.deps import Deps
from tests.api.conftest import Client, Web
from tests.factories import MakeSwap, MakeUser


async def test_home_explains_the_service_and_links_the_sign_in(client: Client) -> None:
    async with client().get("/") as answer:
        page = await answer.text()
    assert answer.status == 200
    assert "/web" in page
    assert 'href="/docs"' in page
    assert 'href="/sandbox"' in page


async def test_pages_of_swaps_and_chats_show_what_people_wrote_escaped(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user("<b>Ada</b>")
    ben = await make_user('"><img src=x onerror=alert(1)>')
    swap = await make_swap(ada, ben, message="<script>alert(1)</script>", status="accepted")
    for path, shown in (
        ("/me", "&lt;b&gt;Ada"),
        ("/swaps", "&lt;img src=x"),
        (f"/swaps/{swap.id}", "&lt;script&gt;alert"),
        ("/chats", f'data-chat="{swap.id}"'),
        (f"/chats/{swap.id}", "&lt;img src=x"),
    ):
        async with client(ada).get(path) as answer:
            page = await answer.text()
        assert shown in page, path
        for bad in ("<b>Ada", "<img src=x", "<script>alert"):
            assert bad not in page, path
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


async def test_a_swap_names_skills_in_the_readers_language(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user("Ada", skills_offered=("Gitarre",), skills_wanted=("js",))
    ben = await make_user("Ben", skills_offered=("js",), skills_wanted=("guitar",), locale="es")
    swap = await make_swap(ada, ben)
    async with client(ben).get(f"/swaps/{swap.id}") as answer:
        page = await answer.text()
    assert '<span class="chip" dir="auto">Guitarra (Gitarre)</span>' in page
    assert '<span class="chip" dir="auto">JavaScript (js)</span>' in page


async def test_a_request_shows_the_one_who_decides_what_the_asker_saw_and_no_address(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user(
        "<b>Ada</b>", location="<i>Lisbon", availability="weekday evenings", email="ada@example.org", locale="de"
    )
    ben = await make_user("Ben", availability="weekday evenings")
    swap = await make_swap(ada, ben)
    async with client(ben).get(f"/swaps/{swap.id}") as answer:
        page = await answer.text()
    assert "&lt;i&gt;Lisbon · German" in page
    assert "You are both free: weekday evenings" in page
    assert "hours" not in page
    assert "Answer by " in page
    assert f'<a href="/people/{ada.id}"' in page
    assert "ada@example.org" not in page
    async with client(ada).get(f"/swaps/{swap.id}") as answer:
        page = await answer.text()
    assert "You are both free" not in page
    assert "Answer by " not in page


async def test_an_invitation_to_a_circle_shows_facts_about_who_asks(client: Client, make_user: MakeUser) -> None:
    ana = await make_user("Ana Alvarez", skills_offered=("Guitar",), skills_wanted=("Chinese",), location="Lisbon")
    li = await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",))
    await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",))
    async with client(ana).get("/api/circles/possible") as answer:
        (possible,) = await answer.json()
    await client(ana).post("/api/circles", json={"key": possible["key"]})
    async with client(li).get("/circles") as answer:
        page = await answer.text()
    assert '<li dir="auto">Ana: 📍 Lisbon · 🗣 Language: English' in page
    assert '<li dir="auto">⏳ Answer by ' in page
    assert "Alvarez" not in page


async def test_circles_and_their_chats_are_shown_escaped(client: Client, make_user: MakeUser) -> None:
    ana = await make_user('<b>"Ana"</b> Alvarez', skills_offered=("<i>Guitar",), skills_wanted=("Chinese",))
    li = await make_user("Li", skills_offered=("Python",), skills_wanted=("<i>Guitar",))
    noor = await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",))
    async with client(ana).get("/api/circles/possible") as answer:
        (possible,) = await answer.json()
    async with client(ana).post("/api/circles", json={"key": possible["key"]}) as answer:
        circle = await answer.json()
    for person, shown in ((ana, "Step back"), (li, "No, thanks")):
        async with client(person).get("/circles") as answer:
            page = await answer.text()
        assert f'id="circle-{circle["_id"]}"' in page
        assert shown in page
        assert "Alvarez" not in page or person is ana
        assert "<i>Guitar" not in page
    for person in (li, noor):
        await client(person).put(f"/api/circles/{circle['_id']}", json={"answer": "join", "version": 1})
    for path, shown in (("/chats", f'data-chat="{circle["_id"]}"'), (f"/chats/{circle['_id']}", ana.id)):
        async with client(li).get(path) as answer:
            page = await answer.text()
        assert shown in page
        assert '<b>"Ana' not in page


async def test_sandbox_redirects_to_its_page(client: Client) -> None:
    async with client().get("/sandbox", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.1:9/sandbox")


async def test_readiness_names_the_part_not_ready(client: Client, web: Web) -> None:
    async with client().get("/readyz") as answer:
        assert (answer.status, (await answer.json())["ok"]) == (200, True)
    web.parts["changes"] = False
    async with client().get("/readyz") as answer:
        body = await answer.json()
    assert (answer.status, body) == (503, {"ok": False, "parts": {"database": True, "changes": False}})
    async with client().get("/healthz") as answer:
        assert answer.status == 200


async def test_the_root_leads_to_what_waits_for_the_reader(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    await make_swap(ada, ben)
    async with client(ben).get("/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/swaps")
    async with client(ada).get("/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"] == "/swaps") == (303, False)
    async with client(ada).get("/") as answer:
        assert answer.status == 200


async def test_the_navigation_counts_what_waits_and_what_is_unread(
    client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, cleo = await make_user("Ada"), await make_user("Ben"), await make_user("Cleo")
    asked, running = await make_swap(cleo, ben), await make_swap(ada, ben, status="accepted")
    first = await send_message(deps, ada, Draft(running.id, "Hello", "web"))
    await send_message(deps, ben, Draft(running.id, "Hello to you", "web"))
    await send_message(deps, cleo, Draft(asked.id, "May I ask something?", "web"))
    assert await numbers(client, ben) == {"swaps": 2, "chats": 2}
    await mark_read(deps, ben, running.id, first.seq)
    assert await numbers(client, ben) == {"swaps": 2, "chats": 1}
    deleted = await send_message(deps, ada, Draft(running.id, "Oops", "web"))
    assert (await numbers(client, ben))["chats"] == 2
    await delete_message(deps, ada, running.id, deleted.seq)
    assert (await numbers(client, ben))["chats"] == 1
    assert (await numbers(client, await make_user("Newcomer"))) == {"swaps": 0, "chats": 0}


async def numbers(client: Client, reader: User) -> dict[str, int]:
    async with client(reader).get("/swaps") as answer:
        page = await answer.text()
    shown = re.findall(
        r'data-place="(\w+)">.*?<span class="count"( hidden)?><span aria-hidden="true">(\d+)', page, re.DOTALL
    )
    return {place: int(count) for place, hidden, count in shown if place in ("swaps", "chats")}
