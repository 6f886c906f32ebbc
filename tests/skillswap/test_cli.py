"""The command line: errors are reported in one line, with the matching exit code."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import aiohttp

from bot.sandbox import Sandbox
from domain.messages import WEB
from handlers import standing
from handlers.messages import Draft, list_messages, send_message
from handlers.runtime.deps import Deps
from handlers.users import delete_account, register_email_user
from skillswap.bootstrap import open_deps
from skillswap.demo.seeding import add_people
from skillswap.loopback import free_port
from skillswap.settings import Settings
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from storage.mongodb.mongod import find_mongod
from tests.conftest import ROOT
from tests.factories import SECRET, MakeSwap, MakeUser
from tests.service import START_SECONDS, running_service
from tests.waiting import eventually


async def skillswap(*arguments: str, **env: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "skillswap",
        *arguments,
        env={**kept, "PYTHONPATH": str(ROOT), **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=env.get("DATA_DIR", str(ROOT)),
    )
    out, err = await child.communicate()
    return child.returncode or 0, out.decode(), err.decode()


async def test_openapi_command_needs_no_database(tmp_path: Path) -> None:
    code, out, _ = await skillswap("openapi", DATA_DIR=str(tmp_path))
    assert code == 0
    assert json.loads(out)["openapi"].startswith("3.1")


async def test_a_negative_number_of_people_is_refused() -> None:
    for command in ("demo", "seed"):
        code, _, err = await skillswap(command, "--people", "-1")
        assert code == 2
        assert "cannot be negative" in err


async def test_occupied_port_is_reported_in_one_line(tmp_path: Path, database_uri: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = await skillswap("api", DATA_DIR=str(tmp_path), MONGODB_URI=database_uri, PORT=str(port))
    assert code == 2
    assert err.count("\n") == 1
    assert f"127.0.0.1:{port} cannot be used" in err


async def test_unreachable_database_is_reported_in_one_line(tmp_path: Path) -> None:
    uri = "mongodb://127.0.0.1:1/skillswap?serverSelectionTimeoutMS=300"
    for command in ("worker", "seed"):
        code, _, err = await skillswap(command, DATA_DIR=str(tmp_path), MONGODB_URI=uri)
        assert code == 2
        assert err.startswith("skillswap: ")
        assert "Traceback" not in err


async def test_same_seed_adds_the_same_users_once(deps: Deps) -> None:
    assert await add_people(deps, 20, seed_number=3) == 20
    assert await add_people(deps, 25, seed_number=3) == 5
    assert await add_people(deps, 0, seed_number=3) == 0


async def test_seed_says_what_it_added_and_what_was_there(tmp_path: Path, database_uri: str) -> None:
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri}
    code, out, _ = await skillswap("seed", "--people", "3", **env)
    assert (code, "3 people have been added." in out) == (0, True)
    _, out, _ = await skillswap("seed", "--people", "4", **env)
    assert "1 people have been added; 3 were there before." in out
    _, out, _ = await skillswap("seed", "--people", "4", **env)
    assert "Nothing to do: all 4 people were there before." in out


async def test_a_second_process_on_the_data_folder_is_told_in_one_line(tmp_path: Path, database_uri: str) -> None:
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri}
    async with running_service({**env, "SANDBOX_PORT": str(free_port())}):
        code, _, err = await skillswap("bot", **env, SANDBOX_PORT=str(free_port()), METRICS_PORT=str(free_port()))
    assert (code, err.count("\n")) == (2, 1)
    assert "another process uses it; DATA_DIR names another folder" in err


async def test_start_prints_the_link_of_the_bot(tmp_path: Path, database_uri: str) -> None:
    sandbox = Sandbox(bot_username="GuitarsOfPortoBot")
    await sandbox.start()
    log = tmp_path / "log"
    env = {
        "DATA_DIR": str(tmp_path),
        "MONGODB_URI": database_uri,
        "TELEGRAM_API_URL": sandbox.url,
        "TELEGRAM_BOT_TOKEN": sandbox.token,
    }
    try:
        async with running_service(env, log=log):
            await eventually(lambda: "Telegram  https://t.me/GuitarsOfPortoBot" in log.read_text())
    finally:
        await sandbox.stop()


async def test_a_misspelt_variable_is_named_at_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKN=1:a\n")
    code, _, err = await skillswap("check", DATA_DIR=str(tmp_path))
    assert code == 0
    assert err == "skillswap: .env: TELEGRAM_BOT_TOKN is not a setting; did you mean TELEGRAM_BOT_TOKEN?\n"


async def test_check_verifies_the_parts_that_would_start(tmp_path: Path) -> None:
    code, out, _ = await skillswap("check", DATA_DIR=str(tmp_path))
    program = await asyncio.to_thread(find_mongod)
    assert (code, f"embedded, in {tmp_path} ({program})" in out) == (0, True)

    hidden = tmp_path / "bin" / "fiftyone"  # a package of the same name, with no mongod in it
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").touch()
    env = {"DATA_DIR": str(tmp_path), "PATH": str(tmp_path), "PYTHONPATH": f"{hidden.parent}:{ROOT}"}
    code, out, _ = await skillswap("check", **env)
    assert code == 1
    assert "PROBLEM no mongod is on this machine" in out


async def test_roles_are_granted_while_the_embedded_database_runs(tmp_path: Path) -> None:
    mongod = await EmbeddedMongo.start(tmp_path)
    try:
        code, out, err = await skillswap("admin", "list", DATA_DIR=str(tmp_path))
        assert (code, err) == (0, "")
        assert out.startswith("Nobody yet")
        assert mongod.mongod_pid is not None
        assert (await skillswap("admin", "grant", "nobody", DATA_DIR=str(tmp_path)))[0] == 1
    finally:
        await mongod.stop()


async def test_backup_of_a_running_service_restores_everything(
    tmp_path: Path, deps: Deps, database_uri: str, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    said = [await send_message(deps, ada, Draft(swap.id, f"word {number}", WEB)) for number in range(5)]
    file = str(tmp_path / "all.tar.gz")
    code, out, err = await skillswap("backup", file, DATA_DIR=str(tmp_path), MONGODB_URI=database_uri)
    assert (code, err) == (0, "")
    assert out.endswith(f"are in {file}\n")
    assert Path(file).stat().st_mode & 0o077 == 0

    # Into the database of another machine: the one that it runs itself.
    code, out, err = await skillswap("restore", file, DATA_DIR=str(tmp_path))
    assert (code, err) == (0, "")
    code, _, err = await skillswap("restore", file, DATA_DIR=str(tmp_path))
    assert (code, "not empty" in err) == (2, True)
    assert (await skillswap("restore", file, "--replace", DATA_DIR=str(tmp_path)))[0] == 0
    mongod = await EmbeddedMongo.start(tmp_path)
    database = await Database.open(mongod.uri)
    try:
        there = await open_deps(Settings.load(env_file=None, data_dir=tmp_path), database, worker="restored")
        assert (await there.store.users.find(ada.id)) == ada
        assert await list_messages(there, ben, swap.id) == said
        code, _, err = await skillswap("restore", file, "--replace", DATA_DIR=str(tmp_path))
        assert (code, "end it first" in err) == (2, True)
    finally:
        await database.close()
        await mongod.stop()


async def test_incomplete_backup_changes_nothing(tmp_path: Path, deps: Deps, database_uri: str) -> None:
    await add_people(deps, 3, seed_number=1)
    whole, half, other = (tmp_path / name for name in ("whole", "half", "other"))
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri}
    assert (await skillswap("backup", str(whole), **env))[0] == 0
    half.write_bytes(whole.read_bytes()[:-40])
    other.write_text("something else")
    for file in (half, other, tmp_path / "nothing"):
        code, _, err = await skillswap("restore", str(file), "--replace", **env)
        assert (code, err.count("\n")) == (2, 1)
        assert "Traceback" not in err
    assert await deps.store.database.collection("users").count_documents({}) == 3


async def test_process_without_the_api_serves_probes_on_its_own_port(tmp_path: Path, database_uri: str) -> None:
    port = free_port()
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "METRICS_PORT": str(port)}
    async with running_service(env, role="worker"), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        await eventually(lambda: _is_ready(session), within=START_SECONDS)
        async with session.get("/readyz") as answer:
            assert (await answer.json())["parts"] == {"database": True, "indexes": True, "change_stream": True}
        async with session.get("/metrics") as answer:
            text = await answer.text()
        assert "skillswap_deliveries" in text
        assert "skillswap_change_stream_current 1.0" in text
        async with session.get("/api/user") as answer:
            assert answer.status == 404
        code, _, err = await skillswap("worker", **env)
        assert code == 2
        assert "METRICS_PORT names another" in err


async def test_api_is_ready_before_the_bot_is_connected(tmp_path: Path, database_uri: str) -> None:
    called = asyncio.Event()
    telegram = await asyncio.start_server(lambda *_: called.set(), "127.0.0.1", 0)  # it never answers
    address = f"http://127.0.0.1:{telegram.sockets[0].getsockname()[1]}"
    env = {"MONGODB_URI": database_uri, "TELEGRAM_BOT_TOKEN": "7:secret", "TELEGRAM_API_URL": address}
    async with telegram, running_service({"DATA_DIR": str(tmp_path), **env}) as service:
        async with aiohttp.ClientSession(service.url) as session:
            async with session.get("/readyz") as answer:
                assert await answer.json() == {
                    "ok": True,
                    "parts": {"database": True, "indexes": True, "change_stream": True, "bot": False},
                }
            await asyncio.wait_for(called.wait(), START_SECONDS)
            service.child.terminate()  # while the start still waits for Telegram
            status = 200
            async with asyncio.timeout(START_SECONDS):
                while status == 200:
                    async with session.get("/readyz") as answer:
                        status = answer.status
            assert status == 503


async def _is_ready(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def test_people_are_banned_and_let_in_again_from_the_command_line(
    deps: Deps, database_uri: str, make_user: MakeUser, make_swap: MakeSwap, tmp_path: Path
) -> None:
    ada, ben = await make_user("Ada", email="ada@example.org"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    uri = {"MONGODB_URI": f"{database_uri}", "DATA_DIR": str(tmp_path), "NEXTAUTH_SECRET": SECRET}
    code, out, err = await skillswap("ban", "ada@example.org", "--reason", "selling", **uri)
    assert (code, out.strip()) == (0, f"{ada.id}  banned"), err
    assert (await deps.store.swaps.find(swap.id)).end_reason == "partner_unavailable"  # type: ignore[union-attr]
    code, out, _ = await skillswap("audit", ada.id, **uri)
    assert "by command line  selling" in out
    assert (await skillswap("unban", ada.id, **uri))[1].strip() == f"{ada.id}  may come in again"
    assert (await skillswap("ban", "nobody@example.org", **uri))[0] == 1
    await standing.hide(deps, standing.COMMAND_LINE, ada.id)
    assert (await skillswap("unhide", ada.id, **uri))[1].strip() == f"{ada.id}  is shown again"
    await standing.suspend(deps, standing.COMMAND_LINE, ada.id, reason="rude")
    assert (await skillswap("lift", "ada@example.org", **uri))[1].strip() == f"{ada.id}  is no longer suspended"
    assert (await skillswap("lift", ada.id, **uri))[1].strip() == f"{ada.id}  was not suspended"
    await skillswap("ban", ada.id, **uri)
    banned = await deps.store.users.find(ada.id)
    assert banned is not None
    await delete_account(deps, banned)
    code, out, err = await skillswap("unban", "ada@example.org", **uri)  # the account is gone, and the bar is not
    assert (code, out.strip()) == (0, f"{ada.id}  may come in again"), err
    assert (await register_email_user(deps, "ada@example.org", "Ada")).status == "active"
