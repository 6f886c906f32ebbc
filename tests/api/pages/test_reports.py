"""Reporting in the browser: a plain form, for whoever has no script, in the reader's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from handlers.blocks import list_blocks
from handlers.circles import ask_circle
from handlers.messages import Draft, send_message
from tests.factories import list_possible

if TYPE_CHECKING:
    import aiohttp

    from domain.reports import Report
    from domain.users import User
    from handlers.runtime.deps import Deps
    from tests.api.conftest import Client, Web
    from tests.factories import MakeSwap, MakeUser


async def read(http: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with http.get(path, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def send(http: aiohttp.ClientSession, path: str, fields: dict[str, str], *, origin: str) -> tuple[int, str]:
    """Send the form, as a browser without scripts does."""
    async with http.post(path, data=fields, headers={"Origin": origin}, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def made_about(deps: Deps, about: User) -> list[Report]:
    case = await deps.store.cases.find_open(about.id)
    return await deps.store.reports.list_of_case(case.id) if case is not None else []


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
async def test_a_person_of_a_swap_is_reported_by_a_form_without_a_script(
    deps: Deps, client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap, status: str
) -> None:
    ada, ben = await make_user("Ada"), await make_user("<i>Ben</i>")
    swap = await make_swap(ada, ben, status=status)
    http, path = client(ada), f"/report/{swap.id}/{ben.id}"
    link = f'<a href="{path}" aria-label="🚩 Report &lt;i&gt;Ben&lt;/i&gt;">'
    assert link in (await read(http, f"/swaps/{swap.id}"))[1]
    code, page = await read(http, path)
    assert code == 200
    assert "<h1>Report &lt;i&gt;Ben&lt;/i&gt;?</h1>" in page
    assert "data-module" not in page  # works without scripts
    assert re.findall(r'name="reason" value="(\w+)"', page) == [
        "dating", "selling", "rude", "false_profile", "session", "child", "other",
    ]  # fmt: skip
    assert '<input type="checkbox" name="attach_messages">' in page
    assert '<input type="checkbox" name="block" checked>' in page
    fields = {"reason": "rude", "text": "He <b>shouted</b>.\r\nTwice.", "block": "on"}
    code, page = await send(http, path, fields, origin=web.url)
    assert (code, "Your report has arrived" in page) == (200, True)
    [report] = await made_about(deps, ben)
    assert (report.by, report.reason, report.text) == (ada.id, "rude", "He <b>shouted</b>.\nTwice.")
    assert (report.subject, report.subject_id, report.evidence.messages) == ("swap", swap.id, ())
    assert [block.user.id for block in await list_blocks(deps, ada)] == [ben.id]


async def test_ticks_decide_whether_messages_go_along_and_whether_it_blocks(
    deps: Deps, client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(deps, ben, Draft(swap.id, "See you at my hotel", "web"))
    fields = {"reason": "dating", "text": "", "attach_messages": "on"}
    await send(client(ada), f"/report/{swap.id}/{ben.id}", fields, origin=web.url)
    [report] = await made_about(deps, ben)
    assert [line["message"] for line in report.evidence.messages] == ["See you at my hotel"]
    assert await list_blocks(deps, ada) == []


async def test_somebody_in_a_circle_that_is_not_closed_is_reported_without_being_known(
    deps: Deps, client: Client, web: Web, make_user: MakeUser
) -> None:
    ana = await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Chinese",))
    li = await make_user("Li Wei", skills_offered=("Python",), skills_wanted=("Guitar",))
    noor = await make_user("Noor Haddad", skills_offered=("Chinese",), skills_wanted=("Python",))
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    http = client(ana)
    page = (await read(http, "/circles"))[1]
    assert re.findall(r'href="/report/(\w+)/(\w+)">🚩 Report (\w+)<', page) == [
        (circle.id, "you_learn", "Noor"), (circle.id, "you_teach", "Li"),
    ]  # fmt: skip
    page = (await read(http, f"/report/{circle.id}/you_learn"))[1]
    for secret in (noor.id, li.id, "Haddad", "attach_messages"):
        assert secret not in page
    code, page = await send(http, f"/report/{circle.id}/you_learn", {"reason": "false_profile"}, origin=web.url)
    assert (code, "Haddad" in page) == (200, False)
    [report] = await made_about(deps, noor)
    assert (report.subject, report.subject_id) == ("swap", circle.id)
    assert (await read(client(noor), f"/report/{circle.id}/else"))[0] == 404
    stranger = await make_user("Eve")
    assert (await read(client(stranger), f"/report/{circle.id}/you_learn"))[0] == 404


@pytest.mark.parametrize(
    ("locale", "title"),
    [("en", "Report Ben?"), ("es", "¿Denunciar a Ben?"), ("de", "Ben melden?"), ("fr", "Signaler Ben\u202f?")],
)
async def test_the_form_is_in_the_readers_language(
    client: Client, make_user: MakeUser, locale: str, title: str
) -> None:
    ada, ben = await make_user("Ada", locale=locale), await make_user("Ben")
    assert f"<h1>{title}</h1>" in (await read(client(ada), f"/report/{ben.id}"))[1]


async def test_a_report_without_a_reason_or_from_another_site_is_refused(
    deps: Deps, client: Client, web: Web, make_user: MakeUser
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    http = client(ada)
    assert (await send(http, f"/report/{ben.id}", {"text": "hm"}, origin=web.url))[0] == 422
    assert (await send(http, f"/report/{ben.id}", {"reason": "rude"}, origin="https://elsewhere.example"))[0] == 403
    assert await made_about(deps, ben) == []


async def test_a_refused_report_stays_filled_in(
    deps: Deps, client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    path = f"/report/{swap.id}/{ben.id}"
    fields = {"text": "He <b>shouted</b>.", "attach_messages": "on"}
    code, page = await send(client(ada), path, fields, origin=web.url)
    assert (code, 'role="alert"' in page, "He &lt;b&gt;shouted&lt;/b&gt;.</textarea>" in page) == (422, True, True)
    assert 'name="attach_messages" checked' in page
    assert 'name="block">' in page
    too_long = {"reason": "rude", "text": "x" * 5000}
    code, page = await send(client(ada), path, too_long, origin=web.url)
    assert (code, f"{too_long['text']}</textarea>" in page, 'value="rude" required checked' in page) == (
        422,
        True,
        True,
    )
    assert await made_about(deps, ben) == []


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded; charset=none"])
async def test_a_form_of_an_unknown_kind_is_refused_in_a_page(
    client: Client, web: Web, make_user: MakeUser, kind: str
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    for path in (f"/report/{ben.id}", "/blocks"):
        headers = {"Origin": web.url, "Content-Type": kind}
        async with client(ada).post(path, data=b"user_id=x", headers=headers) as answer:
            assert answer.status < 500, path
            assert answer.content_type == "text/html", path
