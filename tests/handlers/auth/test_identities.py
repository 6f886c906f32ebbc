"""Sign-in with provider accounts: one user for one account, and no account is linked silently."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.users import ProfileChanges, User
from handlers.auth.accounts import EMAIL_ACCOUNT, TELEGRAM_ACCOUNT, list_linked_accounts, unlink
from handlers.auth.identities import EMAIL, TELEGRAM, Identity, sign_in
from handlers.matches import next_match
from handlers.runtime.deps import Deps
from handlers.users import delete_account, get_user, update_profile, view_user
from storage.mongodb.database import Database
from tests.factories import MakeUser

GOOGLE = Identity("google", "108", name="Ada", email="ada@example.org", is_email_verified=True)


def telegram(number: int) -> Identity:
    return Identity(TELEGRAM, str(number), name="Ada", telegram_id=number)


async def test_first_sign_in_creates_the_user_and_the_next_finds_it(deps: Deps) -> None:
    ada = await sign_in(deps, GOOGLE)
    assert (ada.name, ada.email, ada.is_public, ada.onboarded) == ("Ada", "ada@example.org", True, False)
    assert (await sign_in(deps, replace(GOOGLE, email="new@example.org", name="Someone"))).id == ada.id
    assert (await sign_in(deps, Identity(EMAIL, "ada@example.org"))).id == ada.id


async def test_concurrent_first_sign_ins_create_one_user(deps: Deps, database: Database) -> None:
    async def later(milliseconds: float) -> User:
        await asyncio.sleep(milliseconds / 1000)
        return await sign_in(deps, GOOGLE)

    # Half a millisecond apart, they meet each other's account, user and address in every order.
    people = await asyncio.gather(*(later(number / 2) for number in range(24)))
    assert len({person.id for person in people}) == 1
    assert await database.collection("users").count_documents({}) == 1
    assert await database.collection("accounts").count_documents({}) == 1


async def test_taken_address_is_never_linked_silently(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(email="ada@example.org")
    with pytest.raises(Conflict, match=r"auth\.account_not_linked"):
        await sign_in(deps, GOOGLE)
    assert (await sign_in(deps, GOOGLE, linking=ada)).id == ada.id
    assert (await sign_in(deps, GOOGLE)).id == ada.id


async def test_unverified_address_signs_in_no_user_and_reserves_nothing(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(email="ada@example.org")
    guest = await sign_in(deps, replace(GOOGLE, is_email_verified=False))
    assert guest.id != ada.id
    assert guest.email is None


async def test_account_linked_to_another_user_is_not_reassigned(deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await make_user(telegram_id=41, email="ada@example.org"), await make_user()
    await sign_in(deps, GOOGLE, linking=ada)
    for identity in (GOOGLE, telegram(41), Identity(EMAIL, "ada@example.org")):
        with pytest.raises(Conflict, match=r"auth\.linked_elsewhere"):
            await sign_in(deps, identity, linking=ben)
    assert await list_linked_accounts(deps, ben) == []


async def test_telegram_and_mail_users_can_link_further_sign_in_methods(deps: Deps, make_user: MakeUser) -> None:
    by_mail, by_telegram = await make_user(email="ada@example.org"), await make_user(telegram_id=51)
    assert (await sign_in(deps, telegram(52), linking=by_mail)).telegram_id == 52
    assert (await sign_in(deps, Identity(EMAIL, "ben@example.org"), linking=by_telegram)).email == "ben@example.org"
    assert (await sign_in(deps, telegram(52))).id == by_mail.id
    assert (await sign_in(deps, Identity(EMAIL, "ben@example.org"))).id == by_telegram.id
    with pytest.raises(Conflict, match=r"auth\.already_linked"):
        await sign_in(deps, telegram(53), linking=await get_user(deps, by_mail.id))
    linked = await sign_in(deps, Identity(EMAIL, "second@example.org"), linking=await get_user(deps, by_mail.id))
    assert [door.label for door in await list_linked_accounts(deps, linked)] == [
        "",
        "ada@example.org",
        "second@example.org",
    ]
    assert (await sign_in(deps, Identity(EMAIL, "second@example.org"))).id == by_mail.id


async def test_banned_user_cannot_sign_in(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(email="ada@example.org")
    await sign_in(deps, GOOGLE, linking=ada)
    await deps.store.database.collection("users").update_one({"name": ada.name}, {"$set": {"status": "banned"}})
    for identity in (GOOGLE, Identity(EMAIL, "ada@example.org")):
        with pytest.raises(Forbidden, match=r"auth\.banned"):
            await sign_in(deps, identity)


async def test_unprintable_name_is_replaced_and_subject_is_bounded(deps: Deps) -> None:
    assert (await sign_in(deps, Identity("oidc", "1", name="\u202e\n"))).name == "New member"
    assert len((await sign_in(deps, Identity("oidc", "2", name="x" * 500))).name) == 64
    assert (await sign_in(deps, Identity("oidc", "3", name="\u2067محمد\u2069"))).name == "\u2067محمد\u2069"
    assert (await sign_in(deps, Identity("oidc", "4", name="\u2067" + "م" * 99 + "\u2069"))).name == "م" * 63
    for subject in ("", "x" * 256, "\ud800", "1\n"):
        with pytest.raises(Invalid):
            await sign_in(deps, Identity("oidc", subject))


async def test_last_sign_in_method_survives_concurrent_unlinking(deps: Deps) -> None:
    ada = await sign_in(deps, GOOGLE)
    google = next(door for door in await list_linked_accounts(deps, ada) if door.provider == "google")
    ended = await asyncio.gather(
        unlink(deps, ada, google.id),
        unlink(deps, ada, EMAIL_ACCOUNT),
        unlink(deps, ada, google.id),
        return_exceptions=True,
    )
    assert sum(not isinstance(end, Exception) for end in ended) == 1
    left = await list_linked_accounts(deps, await get_user(deps, ada.id))
    assert len(left) == 1
    with pytest.raises(Conflict, match=r"account\.last_one"):
        await unlink(deps, ada, left[0].id)


async def test_unlinking_another_users_account_is_refused(deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await make_user(email="ada@example.org"), await make_user(telegram_id=61, email="ben@example.org")
    await sign_in(deps, GOOGLE, linking=ada)
    door = (await list_linked_accounts(deps, ada))[-1]
    for door_id in (door.id, "google", "0" * 24, "", "not an id"):
        with pytest.raises(NotFound):
            await unlink(deps, ben, door_id)
    assert (await sign_in(deps, GOOGLE)).id == ada.id


async def test_unlinked_telegram_account_is_unknown_to_the_bot(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(telegram_id=71, email="ada@example.org")
    await unlink(deps, ada, TELEGRAM_ACCOUNT)
    assert (await sign_in(deps, telegram(71))).id != ada.id
    assert (await get_user(deps, ada.id)).telegram_id is None


async def test_erased_user_can_sign_up_again_with_the_same_account(deps: Deps, database: Database) -> None:
    ada = await sign_in(deps, GOOGLE)
    await delete_account(deps, ada)
    assert await database.collection("accounts").count_documents({}) == 0
    again = await sign_in(deps, GOOGLE)
    assert again.id != ada.id
    # a document that outlived its user in a crash is free as well
    await database.collection("users").update_one(
        {"email": again.email}, [{"$replaceWith": {"_id": "$_id", "status": "deleted"}}]
    )
    assert (await sign_in(deps, GOOGLE)).id not in (ada.id, again.id)


@pytest.mark.parametrize(
    "identity", [GOOGLE, Identity(EMAIL, "bo@example.org"), telegram(77)], ids=["oauth", "mail", "telegram"]
)
async def test_a_newcomer_of_the_web_is_found_once_there_is_a_skill(
    deps: Deps, make_user: MakeUser, identity: Identity
) -> None:
    viewer = await make_user("Vi", skills_offered=("Chess",), skills_wanted=("Lutes",))
    bo = await sign_in(deps, identity)
    with pytest.raises(NotFound):
        await view_user(deps, viewer, bo.id)
    await update_profile(deps, bo, ProfileChanges(skills_offered=("Lutes",), skills_wanted=("Chess",)))
    assert (await view_user(deps, viewer, bo.id)).id == bo.id
    match = await next_match(deps, viewer)
    assert match is not None
    assert match.user.id == bo.id


async def test_a_newcomer_who_chose_to_be_private_stays_private(deps: Deps, make_user: MakeUser) -> None:
    viewer = await make_user("Vi")
    bo = await update_profile(deps, await sign_in(deps, GOOGLE), ProfileChanges(is_public=False))
    await update_profile(deps, bo, ProfileChanges(skills_offered=("Lutes",), skills_wanted=("Chess",)))
    with pytest.raises(NotFound):
        await view_user(deps, viewer, bo.id)
