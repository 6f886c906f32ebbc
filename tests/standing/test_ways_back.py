"""A banned person at every way back: each is refused, with the account still there and after it was deleted."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import pytest
import socketio

from domain.cases import REPORT
from domain.errors import Forbidden
from domain.users import MODERATOR, User
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.auth.identities import EMAIL, Identity, sign_in
from handlers.auth.login_links import issue_login_link
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.cases import open_case
from handlers.exits import leave_at_once
from handlers.runtime.deps import Deps
from handlers.users import delete_account, register_email_user, register_telegram_user
from tests.api.auth.nextauth.conftest import Browser
from tests.api.conftest import Client, Connect, Web, open_web
from tests.bot.conftest import Bot
from tests.factories import SECRET, MakeUser
from tests.standing.conftest import put_in
from tests.standing.test_bot import deliver, sender_of
from tests.waiting import eventually

BOT_TOKEN = "7000000001:AAEexampleexampleexampleexample"
MAIL = "bad@example.org"


async def ban_by_rest(client: Client, moderator: User, user_id: str) -> None:
    path = f"/api/moderation/people/{user_id}/actions"
    async with client(moderator).post(path, json={"action": "ban", "reason": "selling"}) as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "banned")


def init_data(telegram_id: int) -> str:
    fields = {"user": json.dumps({"id": telegram_id, "first_name": "Bad"}), "auth_date": str(int(time.time()))}
    text = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", BOT_TOKEN.encode(), "sha256")
    return urlencode({**fields, "hash": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()})


async def test_the_bot_lets_nobody_back_not_even_after_the_account_was_deleted(
    bot: Bot, make_user: MakeUser, client: Client
) -> None:
    moderator = await make_user(role=MODERATOR)
    await bot.member("Canaryname", offers="Python", wants="Guitar")
    user = await bot.member("Bad", offers="Guitar", wants="Python")
    bad = user.telegram_id or 0
    await ban_by_rest(client, moderator, user.id)
    card = await bot.say(bad, "/start", "This account has been closed")
    query = {"id": "77", "from": sender_of(bad), "query": "python", "offset": ""}
    assert "Canaryname" not in await deliver(bot, inline_query=query)
    sure = await bot.press(bad, card, "🗑 Delete my account")
    yes = next(one.label for one in sure.buttons if (one.data or "").startswith("delete:"))
    await bot.press(bad, sure, yes)
    await bot.until_idle()
    assert await bot.deps.store.users.find_by_telegram(bad) is None
    await bot.say(bad, "/start", "This account is closed")
    assert await bot.deps.store.users.find_by_telegram(bad) is None
    query = {"id": "78", "from": sender_of(bad), "query": "python", "offset": ""}
    assert "Canaryname" not in await deliver(bot, inline_query=query)


@pytest.mark.parametrize("standing", ["banned", "suspended", "warned", "applicant"])
async def test_whoever_may_do_nothing_else_can_delete_their_account_by_command(bot: Bot, standing: str) -> None:
    user = await bot.member("Bad", offers="Guitar", wants="Python")
    await put_in(bot.deps, user.id, standing, bot.deps.now())
    await bot.say(user.telegram_id or 0, "/delete", "Delete your account?")


@pytest.mark.parametrize("is_deleted", [False, True], ids=["banned", "deleted since"])
async def test_the_same_mail_and_telegram_account_open_nothing(
    deps: Deps, make_user: MakeUser, client: Client, is_deleted: bool
) -> None:
    moderator, bad = await make_user(role=MODERATOR), await make_user(email=MAIL, telegram_id=True)
    await ban_by_rest(client, moderator, bad.id)
    await leave_at_once(deps, bad.id)
    if is_deleted:
        found = await deps.store.users.find(bad.id)
        assert found is not None
        await delete_account(deps, found)
        with pytest.raises(Forbidden, match=r"auth\.banned"):
            await register_telegram_user(deps, bad.telegram_id or 0, "Bad", "en")
    # a new Telegram account, and the old mail address linked to it, also in another spelling of the same mailbox
    again = await make_user("Again", telegram_id=True)
    spellings = (MAIL, "bad+2@example.org")
    for mail in spellings if is_deleted else spellings[1:]:
        with pytest.raises(Forbidden, match=r"auth\.banned"):
            await sign_in(deps, Identity(EMAIL, mail, email=mail, is_email_verified=True), linking=again)
        with pytest.raises(Forbidden, match=r"auth\.banned"):
            await sign_in(deps, Identity(EMAIL, mail, email=mail, is_email_verified=True))
        with pytest.raises(Forbidden, match=r"auth\.banned"):
            await sign_in(deps, Identity("google", "new", email=mail, is_email_verified=True))
    with pytest.raises(Forbidden, match=r"auth\.banned"):
        await sign_in(deps, Identity(EMAIL, MAIL, email=MAIL, is_email_verified=True))
    async with open_web(deps, providers=Providers(SealedCookies([SECRET]), bot_token=BOT_TOKEN)) as web:
        app = Browser(web.url)
        await app.call("callback/telegram", initData=init_data(bad.telegram_id or 0), callbackUrl="/")
        assert await app.user() is None
        await app.session.close()
    if is_deleted:  # an account of another person is none of theirs
        assert (await register_email_user(deps, "good@example.org", "Good")).status == "active"


async def test_an_old_session_a_link_from_before_and_a_socket_held_open_end(
    deps: Deps, make_user: MakeUser, client: Client, web: Web, connect: Connect
) -> None:
    moderator, bad = await make_user(role=MODERATOR), await make_user(email=MAIL, telegram_id=True)
    session, socket = client(bad), await connect(bad)
    link = await issue_login_link(deps, bad)
    async with session.get("/api/user") as answer:
        assert answer.status == 200
    await ban_by_rest(client, moderator, bad.id)
    async with session.get("/api/user") as answer:
        assert answer.status == 401
    await eventually(lambda: not socket.connected)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect(bad)
    token = link.partition("token=")[2]
    path = "/api/auth/callback/telegram-link"
    async with client().post(path, data={"token": token}, allow_redirects=False) as answer:
        assert "next-auth.session-token" not in answer.headers.get("Set-Cookie", "")


async def test_whoever_deletes_their_account_while_a_case_is_open_is_banned_all_the_same(
    deps: Deps, make_user: MakeUser, client: Client
) -> None:
    moderator, gone = await make_user(role=MODERATOR), await make_user(email=MAIL, telegram_id=True)
    path = f"/api/moderation/people/{gone.id}/actions"
    await open_case(deps, about=gone.id, kind=REPORT, reason="rude")
    await delete_account(deps, gone)
    back = await register_telegram_user(deps, gone.telegram_id or 0, "Back", "en")
    async with client(back).get("/api/user") as answer:
        assert answer.status == 200
    async with client(moderator).post(path, json={"action": "ban", "reason": "rude"}) as answer:
        assert answer.status == 200
    async with client(back).get("/api/user") as answer:
        assert answer.status == 401
    with pytest.raises(Forbidden, match=r"auth\.banned"):
        await register_email_user(deps, MAIL, "Back again")
    never = await make_user()
    await delete_account(deps, never)
    async with client(moderator).post(path.replace(gone.id, never.id), json={"action": "ban"}) as answer:
        assert answer.status == 404


async def test_whoever_deletes_their_account_to_be_rid_of_a_suspension_finds_it_again(
    deps: Deps, make_user: MakeUser, client: Client
) -> None:
    moderator, bad = await make_user(role=MODERATOR), await make_user(email=MAIL, telegram_id=True)
    path = f"/api/moderation/people/{bad.id}/actions"
    async with client(moderator).post(path, json={"action": "suspend", "reason": "rude"}) as answer:
        until = (await answer.json())["suspended_until"]
    found = await deps.store.users.find(bad.id)
    assert found is not None
    await delete_account(deps, found)
    for back in (
        await register_telegram_user(deps, bad.telegram_id or 0, "Bad", "en"),
        await register_email_user(deps, MAIL, "Bad"),
    ):
        async with client(back).get("/api/user") as answer:
            assert (await answer.json())["suspended_until"] == until
        async with client(back).get("/api/matches") as answer:
            assert (answer.status, (await answer.json())["code"]) == (403, "standing.suspended")


async def test_a_ban_of_who_has_left_is_undone_or_lifted_like_any_other(
    deps: Deps, make_user: MakeUser, client: Client
) -> None:
    moderator, gone = await make_user(role=MODERATOR), await make_user(email=MAIL, telegram_id=True)
    path = f"/api/moderation/people/{gone.id}/actions"
    await open_case(deps, about=gone.id, kind=REPORT, reason="rude")
    await delete_account(deps, gone)
    back = await register_telegram_user(deps, gone.telegram_id or 0, "Back", "en")
    for way in ("undo", "unban"):
        async with client(moderator).post(path, json={"action": "ban", "reason": "rude"}) as answer:
            entry = (await answer.json())["decision"]
        with pytest.raises(Forbidden, match=r"auth\.banned"):
            await register_email_user(deps, MAIL, "Again")
        if way == "undo":
            async with client(moderator).post(f"/api/moderation/audit/{entry}/undo") as answer:
                assert answer.status == 200
        else:
            async with client(moderator).post(path, json={"action": "unban"}) as answer:
                assert answer.status == 200
        again = await deps.store.users.find(back.id)
        assert again is not None
        assert again.standings(deps.now()) == ("member",)
    assert (await register_email_user(deps, MAIL, "Again")).status == "active"
    async with client(moderator).get("/api/moderation/audit", params={"about": gone.id}) as answer:
        assert [each["action"] for each in await answer.json()] == ["unban", "ban", "undo", "ban"]


async def test_a_ban_finds_everybody_whom_somebody_has_come_back_as(
    deps: Deps, make_user: MakeUser, client: Client
) -> None:
    moderator, first = await make_user(role=MODERATOR), await make_user(email=MAIL, telegram_id=True)
    path = f"/api/moderation/people/{first.id}/actions"
    await open_case(deps, about=first.id, kind=REPORT, reason="rude")
    await delete_account(deps, first)
    second = await register_telegram_user(deps, first.telegram_id or 0, "Second", "en")
    web_side = await make_user(email="other@example.org")
    code, _ = await offer_merge(deps, web_side)
    survivor = await accept_merge(deps, second, code)
    async with client(moderator).post(path, json={"action": "ban", "reason": "rude"}) as answer:
        assert answer.status == 200
    async with client(survivor).get("/api/user") as answer:
        assert answer.status == 401
    await leave_at_once(deps, survivor.id)
    with pytest.raises(Forbidden, match=r"auth\.banned"):
        await register_email_user(deps, MAIL, "Third")
    assert (await register_telegram_user(deps, first.telegram_id or 0, "Third", "en")).status == "banned"


async def test_a_ban_counts_for_the_accounts_of_a_profile_deleted_before(
    deps: Deps, make_user: MakeUser, client: Client
) -> None:
    moderator, first = await make_user(role=MODERATOR), await make_user(email=MAIL, telegram_id=True)
    async with client(moderator).post(
        f"/api/moderation/people/{first.id}/actions", json={"action": "suspend", "reason": "rude"}
    ) as answer:
        assert answer.status == 200
    found = await deps.store.users.find(first.id)
    assert found is not None
    await delete_account(deps, found)
    second = await register_telegram_user(deps, first.telegram_id or 0, "Second", "en")
    await ban_by_rest(client, moderator, second.id)
    await leave_at_once(deps, second.id)
    with pytest.raises(Forbidden, match=r"auth\.banned"):
        await register_email_user(deps, MAIL, "Third")


async def test_nobody_bans_themselves_by_a_profile_they_have_deleted(
    deps: Deps, make_user: MakeUser, client: Client
) -> None:
    gone, other = await make_user(email=MAIL, telegram_id=True), await make_user(role=MODERATOR)
    await open_case(deps, about=gone.id, kind=REPORT, reason="rude")
    await delete_account(deps, gone)
    back = await register_telegram_user(deps, gone.telegram_id or 0, "Back", "en")
    await deps.store.users.set_role(back.id, MODERATOR)
    for actor in (back, other):  # the other one may not decide about staff
        path = f"/api/moderation/people/{gone.id}/actions"
        async with client(actor).post(path, json={"action": "ban", "reason": "rude"}) as answer:
            assert answer.status == 403
    assert (await register_email_user(deps, MAIL, "Not barred")).status == "active"
