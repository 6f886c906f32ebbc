"""The door in a browser: an invite link, the rules, one's application, and how one stands; with plain forms."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from domain.community import APPROVAL, GROUP, LINK, OPEN, CommunityChanges
from domain.users import ADMIN, MODERATOR, User
from handlers import standing
from handlers.applications import ask_applicant, decide_application, get_application
from handlers.community import change_community
from handlers.invites import make_invite, revoke_invite
from handlers.runtime.deps import Deps
from handlers.users import get_user, register_email_user
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeUser

RULES = "Be kind.\nNo <selling>."


async def set_door(deps: Deps, make_user: MakeUser, join: str, **changes: Any) -> User:
    admin = await make_user("Olga Petrova", role=ADMIN, telegram_id=None)
    if join == GROUP:
        changes["group_chat_id"] = -5
    given = {"about": "Neighbours & friends", "contact": "olga@example.org", **changes}
    await change_community(deps, admin, CommunityChanges(name="Harbour <b>", join=join, **given))
    return await get_user(deps, admin.id)


async def newcomer(deps: Deps, name: str = "Nils") -> User:
    return await register_email_user(deps, f"{name.lower()}@example.org", name)


PROFILE = [("name", "Nils"), ("teaches", "Guitar"), ("learns", "Python, Chess"), ("locale", "en"), ("is_public", "on")]


async def test_a_visitor_reads_who_invites_to_what_and_signs_in_from_there(
    deps: Deps, make_user: MakeUser, read: Get
) -> None:
    admin = await set_door(deps, make_user, LINK, rules=RULES)
    invite = await make_invite(deps, admin)
    status, page = await read(None, f"/i/{invite.code}")
    assert status == 200
    for words in ("Harbour <b>", "Neighbours & friends", "Olga invites you", "No <selling>.", "olga@example.org"):
        assert words in page, words
    assert "Petrova" not in page
    assert f"/api/auth/signin?callbackUrl=/i/{invite.code}" in page
    assert "data-module" not in page  # works without scripts


async def test_somebody_comes_in_by_a_link_with_a_mail_address_alone(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    admin = await set_door(deps, make_user, LINK, rules=RULES)
    invite = await make_invite(deps, admin)
    nils, path = await newcomer(deps), f"/i/{invite.code}"
    assert "You are not in yet" in (await read(nils, path))[1]
    version = values_of((await read(nils, path))[1], "rules_version")
    status, page = await send(nils, path, [("rules_version", version[0])])
    assert (status, "First, please agree to our rules" in page) == (403, True)
    assert await send(nils, path, [("rules_version", version[0]), ("agree", "on")]) == (303, "/welcome")
    assert await send(nils, "/me/edit", PROFILE) == (303, "/")
    after = await get_user(deps, nils.id)
    assert (after.standing.membership, after.joining.invited_by, after.rules_agreed) == ("member", admin.id, 1)
    assert after.skills_wanted == ("Python", "Chess")
    assert "You are in already" in (await read(nils, path))[1]


async def test_rules_that_changed_meanwhile_are_read_before_one_joins(
    deps: Deps, make_user: MakeUser, send: Post
) -> None:
    admin = await set_door(deps, make_user, LINK, rules=RULES)
    invite, nils = await make_invite(deps, admin), await newcomer(deps)
    await change_community(deps, admin, CommunityChanges(rules="Be on time."))
    status, page = await send(nils, f"/i/{invite.code}", [("rules_version", "1"), ("agree", "on")])
    assert (status, "Be on time." in page, values_of(page, "rules_version")) == (409, True, ["2"])
    assert not (await get_user(deps, nils.id)).joining.invite_id


@pytest.mark.parametrize(
    ("end", "status", "said"),
    [
        ("used_up", 410, "All places of this invitation are taken"),
        ("expired", 410, "This invitation has expired"),
        ("revoked", 410, "This invitation was taken back"),
        ("author_banned", 410, "This invitation was taken back"),
        ("unknown", 404, "There is no such invitation"),
    ],
)
async def test_a_link_that_leads_nowhere_says_why_and_what_to_do(
    deps: Deps, make_user: MakeUser, read: Get, send: Post, end: str, status: int, said: str
) -> None:
    admin = await set_door(deps, make_user, LINK, members_may_invite=True)
    ada = await make_user("Ada")
    invite = await make_invite(deps, ada)
    invites = deps.store.database.collection("invites")
    if end == "used_up":
        await invites.update_one({"code": invite.code}, {"$set": {"used": invite.uses}})
    elif end == "expired":
        await invites.update_one({"code": invite.code}, {"$set": {"until": deps.now() - timedelta(days=1)}})
    elif end == "revoked":
        await revoke_invite(deps, ada, invite.id)
    elif end == "author_banned":
        await standing.ban(deps, admin, ada.id, reason="rude")
    path = f"/i/{'nothing-here' if end == 'unknown' else invite.code}"
    code, page = await read(None, path)
    assert (code, said in page, "Ask somebody who is here for a new link" in page) == (status, True, True)
    assert "Ada" not in page
    nils = await newcomer(deps)
    if end != "used_up":  # whether a place is left is counted when a profile is complete
        assert (await send(nils, path, []))[0] == 404
    assert (await get_user(deps, nils.id)).standing.membership == "applicant"


async def test_the_state_of_a_link_is_public_over_rest(client: Any, deps: Deps, make_user: MakeUser) -> None:
    invite = await make_invite(deps, await set_door(deps, make_user, LINK))
    async with client().get(f"/api/invites/codes/{invite.code}") as answer:
        document = await answer.json()
    assert (document["state"], document["invited_by"]) == ("running", "Olga")
    async with client().get("/api/invites/codes/nothing-here") as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "invite.not_valid")


@pytest.mark.parametrize(
    ("join", "said"),
    [
        (OPEN, "Everybody can join."),
        (LINK, "Somebody who is here can give you a link"),
        (APPROVAL, "answer one question"),
        (GROUP, "Be in our group"),
    ],
)
async def test_the_front_page_says_how_to_come_in(
    deps: Deps, make_user: MakeUser, read: Get, join: str, said: str
) -> None:
    await set_door(deps, make_user, join, languages=("es", "en"))
    for path in ("/", "/community"):
        page = (await read(None, path))[1]
        for words in (said, "Neighbours & friends", "olga@example.org", "1 person teaches 1 skill", "Spanish"):
            assert words in page, words
        assert "Olga" not in page


async def test_rules_are_agreed_to_and_anew_when_they_change(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    admin = await set_door(deps, make_user, OPEN, rules=RULES)
    ada = await make_user("Ada")
    assert "Version 1" in (await read(None, "/rules"))[1]
    assert "Our rules wait for your yes" in (await read(ada, "/swaps"))[1]
    version = values_of((await read(ada, "/rules"))[1], "rules_version")[0]
    assert await send(ada, "/rules", [("rules_version", version)]) == (303, "/")
    assert "wait for your yes" not in (await read(ada, "/swaps"))[1]
    assert "You have agreed" in (await read(ada, "/rules"))[1]
    await change_community(deps, admin, CommunityChanges(rules="Be on time."))
    status, page = await send(ada, "/rules", [("rules_version", version)])
    assert (status, "Be on time." in page, 'role="alert"' in page) == (409, True, True)
    assert "have changed since you agreed" in page
    assert await send(ada, "/rules", [("rules_version", values_of(page, "rules_version")[0])]) == (303, "/")
    assert (await get_user(deps, ada.id)).rules_agreed == 2
    assert (await send(ada, "/rules", [("rules_version", "x")]))[0] == 422


async def test_somebody_applies_is_asked_and_waits(deps: Deps, make_user: MakeUser, read: Get, send: Post) -> None:
    admin = await set_door(deps, make_user, APPROVAL, rules=RULES, question="What brings you <here>?")
    nils, secret = await newcomer(deps), await make_user("Secretperson")
    _, page = await read(nils, "/application")
    assert "On your way into" in page
    assert "2 people teach" in page
    assert secret.name not in page
    assert '<textarea id="answer"' not in page
    status, page = await send(nils, "/application", [("answer", "I moved <here>.")])
    assert (status, "First, please agree to our rules" in page) == (403, True)
    await send(nils, "/rules", [("rules_version", "1")])
    assert await send(nils, "/me/edit", PROFILE) == (303, "/application")
    nils = await get_user(deps, nils.id)
    _, page = await read(nils, "/application")
    assert "What brings you <here>?" in page
    status, page = await send(nils, "/application", [("answer", "x" * 501)])
    assert (status, "x" * 501 in page) == (422, True)
    assert await send(nils, "/application", [("answer", "I moved <here>.")]) == (303, "/application")
    _, page = await read(nils, "/application")
    assert "I moved <here>." in page
    assert "You are waiting at the door" in page
    await ask_applicant(deps, admin, nils.id, "Where do you live?")
    _, page = await read(nils, "/application")
    assert "Where do you live?" in page
    assert await send(nils, "/application", [("answer", "By the harbour.")]) == (303, "/application")
    assert (await get_application(deps, nils)).replied == "By the harbour."
    await decide_application(deps, admin, nils.id, "not_now")
    assert "can't let you in at the moment" in (await read(nils, "/application"))[1]
    await decide_application(deps, admin, nils.id, "let_in")
    assert await read(await get_user(deps, nils.id), "/application") == (303, "/")


async def test_a_warning_is_read_and_confirmed_on_the_home_page(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    moderator, ada = await make_user(role=MODERATOR), await make_user("Ada")
    await standing.warn(deps, moderator, ada.id, reason="Please <stop>.")
    _, page = await read(ada, "/")
    assert "The organisers have written something to you" in page
    assert "Please <stop>." in page
    assert (await read(ada, "/swaps"))[0] == 403
    assert await send(ada, "/standing", []) == (303, "/")
    assert (await get_user(deps, ada.id)).standing.warned_at is None
    assert (await read(ada, "/swaps"))[0] == 200


async def test_whoever_is_suspended_reads_until_when_and_whom_to_ask(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    admin = await set_door(deps, make_user, OPEN)
    ada = await make_user("Ada", timezone="Europe/Madrid")
    await standing.suspend(deps, admin, ada.id, reason="rude")
    ada = await get_user(deps, ada.id)
    assert await read(ada, "/") == (303, "/standing")
    _, page = await read(ada, "/swaps")
    assert "Your account is resting" in page
    _, page = await read(ada, "/standing")
    assert ada.standing.suspended_until is not None
    for words in ("rude or threatening words", "olga@example.org", ada.standing.suspended_until.isoformat()):
        assert words in page, words
    [answer] = re.findall(r'href="(/mail/answer\?token=[^"]+)"', page)
    assert (await send(ada, answer, [("text", "It was a <joke>.")]))[0] == 200
    _, page = await read(ada, "/standing")
    assert ("It was a <joke>." in page, "/mail/answer" in page) == (True, False)


async def test_whoever_is_banned_reads_at_the_sign_in_how_to_answer(deps: Deps, make_user: MakeUser, read: Get) -> None:
    await set_door(deps, make_user, OPEN)
    status, page = await read(None, "/api/auth/error?error=AccessDenied")
    assert (status, "it says how to answer" in page, "olga@example.org" in page) == (403, True, True)


async def test_what_is_refused_in_a_profile_stays_filled_in(make_user: MakeUser, read: Get, send: Post) -> None:
    ada = await make_user("Ada", availability="after lunch")
    status, page = await send(ada, "/me/edit", [*PROFILE[1:], ("name", ""), ("location", "<Old Town>")])
    assert (status, 'role="alert"' in page, "<Old Town>" in page) == (422, True, True)
    assert "Python, Chess" in page
    fields = [*PROFILE, ("slot", "weekday evenings")]
    assert await send(ada, "/me/edit", fields) == (303, "/")
    _, page = await read(ada, "/me/edit")
    assert 'value="weekday evenings" checked' in page
    assert "Python\nChess" in page


async def test_forms_of_other_sites_agree_and_join_nothing(deps: Deps, client: Any, make_user: MakeUser) -> None:
    await set_door(deps, make_user, OPEN, rules=RULES)
    ada = await make_user("Ada")
    for path in ("/rules", "/me/edit", "/standing", "/application", "/i/nothing-here"):
        headers = {"Origin": "https://elsewhere.example"}
        async with client(ada).post(path, data={"rules_version": "1", "name": "Eve"}, headers=headers) as answer:
            assert answer.status == 403, path
    after = await get_user(deps, ada.id)
    assert (after.rules_agreed, after.name) == (0, "Ada")
