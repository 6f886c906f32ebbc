"""Lists, completion of skills, and metrics."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from domain.messages import TELEGRAM
from domain.users import ProfileChanges
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import SEARCHES
from handlers.users import delete_account, update_profile
from tests.api.conftest import Client, open_web
from tests.factories import MakeSwap, MakeUser


async def pages(session: aiohttp.ClientSession, url: str) -> list[list[Any]]:
    """Return every page, following the Link header."""
    found: list[list[Any]] = []
    while url:
        async with session.get(url) as answer:
            assert answer.status == 200, await answer.text()
            found.append(await answer.json())
            named = re.fullmatch(r'<(/[^>]+)>; rel="next"', answer.headers.get("Link", ""))
            url = named[1] if named else ""
    return found


async def test_search_pages_have_no_gap_and_no_overlap(client: Client, make_user: MakeUser) -> None:
    me = await make_user(skills_offered=("Guitar",))
    wanted = set()
    for number in range(23):  # equal ranks are ordered by id
        more = {"location": "Harbour"} if number % 3 else {}
        wanted.add((await make_user(skills_offered=("Lace making",), skills_wanted=("Guitar",), **more)).id)
    found = await pages(client(me), "/api/users?skill=lace+Making&limit=5")
    ids = [card["user"]["_id"] for page in found for card in page]
    assert [len(page) for page in found] == [5, 5, 5, 5, 3]
    assert len(ids) == len(set(ids))
    assert set(ids) == wanted


@pytest.mark.parametrize("cursor", ["x", "", "!!!!", "NTphYmM", "OTk5OTk5OTk5OTk5OTo2NWYw", "é"])
async def test_invalid_cursor_is_refused(client: Client, make_user: MakeUser, cursor: str) -> None:
    async with client(await make_user()).get("/api/users", params={"skill": "Chess", "cursor": cursor}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "invalid_cursor")


async def test_a_chat_is_read_back_page_by_page(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    for number in range(10):
        await send_message(deps, ada if number % 2 else ben, Draft(swap.id, str(number), TELEGRAM))
    back = await pages(client(ada), f"/api/chat/{swap.id}?limit=4")
    assert [[m["seq"] for m in page] for page in back] == [[7, 8, 9, 10], [3, 4, 5, 6], [1, 2]]
    on = await pages(client(ada), f"/api/chat/{swap.id}?after=3&limit=4")
    assert [[m["seq"] for m in page] for page in on] == [[4, 5, 6, 7], [8, 9, 10]]
    async with client(ada).get(f"/api/chat/{swap.id}?after=1&before=5") as answer:
        assert answer.status == 422


async def test_searches_are_rate_limited(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user())
    statuses = []
    for _ in range(SEARCHES.burst + 3):
        async with session.get("/api/users?skill=Chess") as answer:
            statuses.append(answer.status)
    assert statuses[: SEARCHES.burst] == [200] * SEARCHES.burst
    assert statuses[-1] == 429


async def complete(client: Client, user: Any, beginning: str) -> list[dict[str, Any]]:
    async with client(user).get("/api/skills", params={"q": beginning}) as answer:
        assert answer.status == 200, await answer.text()
        return list(await answer.json())


async def test_skills_are_completed_by_name_and_by_spellings_in_use(client: Client, make_user: MakeUser) -> None:
    me = await make_user(skills_offered=("Guitar",), skills_wanted=("Python",))
    await make_user(skills_offered=("Çini art", "C++"), skills_wanted=("Violonchelo",), locale="es")
    unused = {"is_taught": False, "is_wanted": False, "teachers": 0, "learners": 0, "is_guess": False}
    art = {"skill": "Çini art", "key": "cini art", **unused, "is_taught": True, "teachers": 1}
    cello = {"skill": "Cello", "key": "cello", **unused, "is_wanted": True, "learners": 1}
    assert await complete(client, me, "CINI") == [art]
    assert (await complete(client, me, "cel"))[0] == (await complete(client, me, "violonch"))[0] == cello
    assert {"skill": "Swimming", "key": "swimming", **unused} in await complete(client, me, "natac")
    assert [found["key"] for found in await complete(client, me, "c++")] == ["c++"]
    assert await complete(client, me, "zzz") == []


async def test_completion_omits_private_and_deleted_users(deps: Deps, client: Client, make_user: MakeUser) -> None:
    me = await make_user()
    hidden = await make_user(skills_offered=("Xylophone canary",), is_public=False)
    leaving = await make_user(skills_offered=("Xylophone solo",))
    assert [found["skill"] for found in await complete(client, me, "xyl")] == ["Xylophone solo"]
    await delete_account(deps, leaving)
    assert await complete(client, me, "xyl") == []
    await update_profile(deps, hidden, ProfileChanges(is_public=True))
    assert [found["skill"] for found in await complete(client, me, "xyl")] == ["Xylophone canary"]


async def test_metrics_count_by_route_and_contain_no_personal_data(client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    async with client(ada).get(f"/api/users/{ben.id}"), client().get("/secret-path-of-somebody"):
        pass
    async with client().get("/metrics") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert 'skillswap_requests_total{method="GET",route="/api/users/{id}",status="200"} 1.0' in text
    assert 'route="(none)",status="404"' in text
    for number in ("skillswap_sockets", 'skillswap_deliveries{state="queued"}', "process_cpu_seconds_total"):
        assert number in text
    for secret in (ada.id, ben.id, "secret-path", ada.name):
        assert secret not in text


async def test_metrics_require_loopback_or_the_token(deps: Deps, client: Client) -> None:
    async with client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"}) as answer:
        hidden = await answer.json()
    assert (answer.status, hidden["code"]) == (404, "not_found")
    async with open_web(deps, metrics_token="a-token-for-the-operator") as web, aiohttp.ClientSession() as session:
        for header, status in (("", 404), ("Bearer wrong", 404), ("Bearer a-token-for-the-operator", 200)):
            async with session.get(f"{web.url}/metrics", headers={"Authorization": header}) as answer:
                assert answer.status == status


async def test_durations_are_counted_by_route_and_unknown_methods_share_a_label(client: Client) -> None:
    for method in ("GET", "HEAD", "GET", "PROPFIND"):
        async with client().request(method, "/secret-path-of-somebody"):
            pass
    async with client().get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    assert 'skillswap_request_seconds_count{route="(none)"} 4.0' in lines
    assert 'skillswap_request_seconds_bucket{le="+Inf",route="(none)"} 4.0' in lines
    assert 'skillswap_requests_total{method="GET",route="(none)",status="404"} 2.0' in lines
    assert 'skillswap_requests_total{method="(other)",route="(none)",status="404"} 1.0' in lines
    assert not any("PROPFIND" in line for line in lines)
    buckets = [float(line.split()[-1]) for line in lines if line.startswith("skillswap_request_seconds_bucket{")]
    assert buckets == sorted(buckets)  # each bucket contains those below it
