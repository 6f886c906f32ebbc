"""Roles: granted on the command line, or to the Telegram accounts that the settings name."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Invalid, NotFound
from handlers.auth.identities import TELEGRAM, Identity, sign_in
from handlers.auth.roles import appoint_admins, grant_role, list_staff
from handlers.runtime.deps import Deps
from handlers.users import get_user, register_telegram_user
from storage.mongodb.database import Database, new_id, object_id
from storage.mongodb.indexes import ensure_indexes
from storage.mongodb.migrations import migrate
from storage.store import open_store
from tests.factories import MakeUser
from tests.service import ROOT


async def test_configured_admins_have_the_role_now_and_after_sign_up(deps: Deps, make_user: MakeUser) -> None:
    deps = replace(deps, admin_telegram_ids=frozenset({501, 502, 503}))
    early = await make_user(telegram_id=501)
    await appoint_admins(deps, deps.admin_telegram_ids)
    assert (await get_user(deps, early.id)).role == "admin"
    assert (await register_telegram_user(deps, 502, "Late", "en")).role == "admin"
    assert (await register_telegram_user(deps, 504, "Else", "en")).role == "member"
    by_mail = await make_user(email="ada@example.org")
    assert (await sign_in(deps, Identity(TELEGRAM, "503", telegram_id=503), linking=by_mail)).role == "admin"


async def test_role_is_granted_by_any_identifier_and_applies_at_once(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(email="ada@example.org", telegram_id=511)
    assert (await deps.store.users.find_recent(ada.id)) is not None
    for who, role in (("511", "moderator"), ("Ada@example.org", "admin"), (ada.id, "member")):
        assert (await grant_role(deps, who, role)).role == role
        assert (await get_user(deps, ada.id)).role == role
    assert await list_staff(deps) == []
    for who in ("", "512", "nobody@example.org", new_id(), "9" * 40, "\ud800"):
        with pytest.raises(NotFound):
            await grant_role(deps, who, "admin")
    with pytest.raises(Invalid):
        await grant_role(deps, "511", "emperor")


async def test_the_command_line_grants_lists_and_revokes(
    deps: Deps, mongo_uri: str, make_user: MakeUser, tmp_path: Path
) -> None:
    ada = await make_user("Ada", telegram_id=521)
    head, _, query = mongo_uri.partition("?")
    uri = f"{head.rstrip('/')}/{deps.store.database.name}?{query}"

    async def run(*arguments: str) -> tuple[int | None, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "skillswap", "admin", *arguments),
            cwd=tmp_path,
            env={**kept, "MONGODB_URI": uri, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
            | {"ADMIN_TELEGRAM_IDS": "9"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await child.communicate()
        return child.returncode, out.decode()

    assert await run("list") == (0, "Nobody yet: skillswap admin grant <Telegram id, mail address or user id>\n")
    assert await run("grant", "521", "--role", "moderator") == (0, f"{ada.id}  moderator  Ada\n")
    assert await run("list") == (0, f"{ada.id}  moderator  Ada\n")
    assert await run("revoke", ada.id) == (0, f"{ada.id}  member     Ada\n")
    code, said = await run("grant", "nobody@example.org")
    assert (code, "no such person" in said) == (1, True)


async def test_accounts_of_nextauths_adapter_sign_in_the_same_user(database: Database, deps: Deps) -> None:
    ada = await sign_in(deps, Identity("email", "ada@example.org"))
    await database.collection("accounts").drop_index("once")
    await database.collection("meta").delete_many({})
    row = {"type": "oauth", "provider": "google", "providerAccountId": "77", "access_token": "kept"}
    rows = [{**row, "userId": object_id(ada.id)}, {**row, "userId": object_id(new_id())}, {**row, "userId": None}]
    await database.collection("accounts").insert_many([dict(each) for each in rows])
    await migrate(database, worker="w", progress=lambda line: None)
    await ensure_indexes(database)
    assert (
        await sign_in(replace(deps, store=open_store(database, deps.vocabulary)), Identity("google", "77"))
    ).id == ada.id
    kept = await database.collection("accounts").find_one({"subject": "77"})
    assert kept is not None
    assert kept["access_token"] == "kept"
