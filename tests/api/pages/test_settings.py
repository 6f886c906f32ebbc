"""Settings by plain forms: what the bot's settings do, a page each; and leaving, over REST too."""

from __future__ import annotations

import re
from dataclasses import replace

from domain.users import DELETED, PAUSED
from handlers import standing
from handlers.auth.accounts import EMAIL_ACCOUNT, list_linked_accounts
from handlers.auth.sessions import open_session
from handlers.runtime.deps import Deps
from handlers.users import get_user
from tests.api.conftest import COOKIE, Client
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeUser


async def test_every_setting_has_a_page_and_says_what_it_is_set_to(make_user: MakeUser, read: Get) -> None:
    ada = await make_user("Ada", timezone="Europe/Madrid")
    status, page = await read(ada, "/settings")
    assert status == 200
    for words in ("English", "With a sound", "Madrid (Spain)", "Everybody"):
        assert words in page
    for href in re.findall(r'<a class="line" href="([^"]+)"', page):
        assert (await read(ada, href))[0] == 200, href
    assert 'href="/settings"' in (await read(ada, "/me"))[1]
    assert (await read(ada, "/settings/nothing"))[0] == 404


async def test_language_sound_and_visibility_are_changed(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    ada = await make_user("Ada")
    assert await send(ada, "/settings/language", [("locale", "de")]) == (303, "/settings/language?saved")
    assert "Gespeichert" in (await read(ada, "/settings/language?saved"))[1]
    assert (await send(ada, "/settings/language", [("locale", "xx")]))[0] == 422
    await send(ada, "/settings/sound", [("sound", "off")])
    await send(ada, "/settings/visible", [("visible", "private")])
    user = await get_user(deps, ada.id)
    assert (user.locale, user.notifications, user.is_public) == ("de", False, False)
    assert (await send(ada, "/settings/sound", []))[0] == 422


async def test_somebody_paused_is_told_why_and_is_found_again(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    ada = await make_user("Ada")
    await deps.store.records.set_paused(ada.id, is_paused=True)
    assert (await get_user(deps, ada.id)).status == PAUSED
    assert "Let people find me again" in (await read(ada, "/settings/visible"))[1]
    await send(ada, "/settings/visible", [("resume", "1")])
    assert (await get_user(deps, ada.id)).is_listed


async def test_a_way_in_is_unlinked_but_never_the_last_one(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    ada = await make_user("Ada", email="ada@example.org", telegram_id=77)
    assert "ada@example.org" in (await read(ada, "/settings/access"))[1]
    unlink = [("action", "unlink"), ("account", EMAIL_ACCOUNT)]
    assert await send(ada, "/settings/access", unlink) == (303, "/settings/access?saved")
    left = await list_linked_accounts(deps, await get_user(deps, ada.id))
    assert [one.provider for one in left] == ["telegram"]
    status, page = await send(ada, "/settings/access", [("action", "unlink"), ("account", left[0].id)])
    assert (status, 'role="alert"' in page) == (409, True)


async def test_two_profiles_become_one_after_a_look_at_what_would_happen(
    deps: Deps, make_user: MakeUser, client: Client, read: Get, send: Post
) -> None:
    stays = await make_user("Ada <b>", email="ada@example.org", telegram_id=None)
    moves = await make_user("Ada's phone", telegram_id=77)
    status, page = await send(stays, "/settings/access", [("action", "offer")])
    found = re.search(r'class="code"[^>]*>([A-Z0-9]{4}-[A-Z0-9]{4})<', page)
    assert (status, found is not None) == (200, True)
    assert found is not None
    status, page = await send(moves, "/settings/access", [("action", "preview"), ("code", "AAAA-AAAA")])
    assert (status, 'role="alert"' in page) == (422, True)
    status, page = await send(moves, "/settings/access", [("action", "preview"), ("code", found[1])])
    assert (status, "Move everything to Ada <b>?" in page) == (200, True)
    assert (await get_user(deps, moves.id)).status != DELETED  # nothing has happened yet
    form = {"action": "accept", "code": values_of(page, "code")[0]}
    async with client(moves).post("/settings/access", data=form, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/me")
        assert COOKIE in answer.cookies  # signed in as the profile that stays
    assert (await get_user(deps, stays.id)).telegram_id == 77


async def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(
    deps: Deps, make_user: MakeUser, client: Client, read: Get, send: Post
) -> None:
    ada = await make_user("Ada")
    await open_session(deps, ada, provider="email", user_agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    page = (await read(ada, "/settings/sessions"))[1]
    assert "Firefox, Linux" in page
    session = values_of(page, "session")[0]
    assert await send(ada, "/settings/sessions", [("session", session)]) == (303, "/settings/sessions?saved")
    assert "Firefox, Linux" not in (await read(ada, "/settings/sessions"))[1]
    assert (await send(ada, "/settings/sessions", [("session", session)]))[0] == 404
    async with client(ada).post("/settings/sessions", data={}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert answer.cookies[COOKIE].value == ""
    assert (await read(ada, "/settings"))[1].startswith("/api/auth/signin")


async def test_the_address_of_the_calendar_is_shown_once(make_user: MakeUser, read: Get, send: Post) -> None:
    ada = await make_user("Ada")
    status, page = await send(ada, "/settings/calendar", [("action", "new")])
    found = re.search(r'value="(https?://[^"]+\.ics)"', page)
    assert (status, found is not None) == (200, True)
    page = (await read(ada, "/settings/calendar"))[1]
    assert ".ics" not in page
    assert "There is an address since" in page
    assert await send(ada, "/settings/calendar", [("action", "end")]) == (303, "/settings/calendar?saved")
    assert "There is an address" not in (await read(ada, "/settings/calendar"))[1]


async def test_an_account_is_deleted_after_a_tick_and_over_rest_after_a_yes(
    deps: Deps, make_user: MakeUser, client: Client, send: Post
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    status, page = await send(ada, "/settings/leave", [])
    assert (status, "Tick the box first" in page) == (422, True)
    assert await deps.store.users.find(ada.id) == replace(ada)
    status, page = await send(ada, "/settings/leave", [("sure", "on")])
    assert (status, "Everything is deleted" in page) == (200, True)
    for body, status in (({}, 422), ({"confirm": False}, 422), ({"confirm": True}, 200)):
        async with client(ben).post("/api/user/delete", json=body) as answer:
            assert answer.status == status
    for person in (ada, ben):
        gone = await deps.store.users.find(person.id)
        assert gone is not None
        assert (gone.status, gone.name) == (DELETED, "")


async def test_settings_of_comfort_stay_open_to_somebody_suspended(deps: Deps, make_user: MakeUser, send: Post) -> None:
    eva, sue = await make_user("Eva", role="moderator"), await make_user("Sue")
    await standing.suspend(deps, eva, sue.id, reason="selling")
    sue = await get_user(deps, sue.id)
    assert (await send(sue, "/settings/sound", [("sound", "off")]))[0] == 303
    assert (await send(sue, "/settings/visible", [("visible", "private")]))[0] == 403
    assert (await send(sue, "/settings/leave", [("sure", "on")]))[0] == 200
