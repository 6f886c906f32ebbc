"""Movable clock: in development on this machine alone; elsewhere a moved database is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import Sandbox
from skillswap.loopback import free_port
from skillswap.movable_clock import why_clock_is_fixed
from skillswap.settings import Settings, variables
from storage.mongodb.database import Database
from tests.moved_clock import MoveClock
from tests.service import running_service
from tests.skillswap.test_cli import skillswap
from tests.waiting import eventually

TOKEN = "424242:a-token-of-the-real-Telegram"
PRODUCTION = {
    "SKILLSWAP_ENV": "production",
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "NEXTAUTH_SECRET": "a secret that only these tests know, long enough",
    "NEXTAUTH_URL": "https://swap.example.org",
    "CLOUDINARY_CLOUD_NAME": "cloud",
    "CLOUDINARY_API_KEY": "key",
    "CLOUDINARY_API_SECRET": "cloudinary-secret",
    "EMAIL_SERVER": "smtp://127.0.0.1:1",
    "EMAIL_FROM": "hello@swap.example.org",
}


@pytest.fixture
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_bare_environment")
@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, None),
        ({"host": "localhost", "mongodb_uri": "mongodb://127.0.0.1:27017/x"}, None),
        ({"mongodb_uri": "mongodb://u:p%40ss@[::1]:27017,localhost/x?replicaSet=rs0"}, None),
        ({"telegram_bot_token": TOKEN, "telegram_api_url": "http://127.0.0.1:8081"}, None),
        ({"skillswap_env": "production"}, "SKILLSWAP_ENV"),
        ({"host": "0.0.0.0"}, "HOST"),
        ({"host": "10.0.0.7"}, "HOST"),
        ({"mongodb_uri": "mongodb://127.0.0.1,db.example.org/x"}, "MONGODB_URI"),
        ({"mongodb_uri": "mongodb+srv://localhost/x"}, "MONGODB_URI"),
        ({"mongodb_uri": "mongodb://localhost@db.example.org/x"}, "MONGODB_URI"),
        ({"telegram_bot_token": TOKEN}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": TOKEN, "telegram_api_url": "https://api.example.org"}, "TELEGRAM_BOT_TOKEN"),
    ],
)
def test_the_clock_moves_in_development_on_this_machine_only(values: dict[str, Any], named: str | None) -> None:
    reason = why_clock_is_fixed(Settings.load(None, **values))
    assert reason is None if named is None else named in str(reason)


@pytest.mark.parametrize("role", ["run", "api", "bot", "worker"])
async def test_production_does_not_start_on_a_moved_clock(
    role: str, tmp_path: Path, database_uri: str, move_clock: MoveClock
) -> None:
    await move_clock(days=7, hours=1)
    env = {**PRODUCTION, "DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri}
    code, out, err = await skillswap(role, **env)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "7 d 1 h ahead" in err
    assert "SKILLSWAP_ENV=production" in err


async def test_the_command_moves_the_clock_of_a_running_service(tmp_path: Path, database_uri: str) -> None:
    sandbox_port = free_port()
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "SANDBOX_PORT": str(sandbox_port)}
    async with running_service(env), aiohttp.ClientSession(f"http://127.0.0.1:{sandbox_port}") as http:
        code, out, _ = await skillswap("clock", **env)
        assert (code, out.endswith(" UTC, the real time\n")) == (0, True)
        code, out, _ = await skillswap("clock", "+1d", **env)
        assert code == 0
        shown = datetime.now(UTC) + timedelta(days=1)
        assert out.startswith(f"{shown:%Y-%m-%d }")
        assert out.endswith(" UTC, 1 d 0 h ahead of the real time\n")

        async def is_followed() -> bool:
            async with http.get("/sandbox/api/state") as reply:
                return bool((await reply.json())["clock"]["ahead"] == timedelta(days=1).total_seconds())

        await eventually(is_followed)


@pytest.mark.parametrize("step", ["0h", "-1d", "1 day", "", "+1m", "9999w", "١d"])
async def test_the_command_refuses_a_step_that_it_cannot_do(step: str, tmp_path: Path, database_uri: str) -> None:
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri}
    code, _, err = await skillswap("clock", "--", step, **env)
    assert code == 2
    assert "Traceback" not in err
    _, out, _ = await skillswap("clock", **env)
    assert out.endswith("the real time\n")


async def test_the_command_is_refused_in_production(tmp_path: Path, database_uri: str, database: Database) -> None:
    env = {**PRODUCTION, "DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri}
    code, out, err = await skillswap("clock", "+1d", **env)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "SKILLSWAP_ENV=production" in err
    assert await database.collection("meta").find_one({"_id": "clock"}) is None


async def test_production_has_no_route_that_moves_the_clock(tmp_path: Path, database_uri: str) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    env = {**PRODUCTION, "DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "SANDBOX_PORT": str(free_port())}
    env |= {"TELEGRAM_BOT_TOKEN": sandbox.token, "TELEGRAM_API_URL": sandbox.url}
    try:
        async with running_service(env) as service, aiohttp.ClientSession() as http:
            for path in ("/sandbox/api/clock", "/api/clock"):
                async with http.post(f"{service.url}{path}", json={"seconds": 3600}) as reply:
                    assert reply.status == 404
            with pytest.raises(aiohttp.ClientConnectorError):  # the sandbox's page does not run
                await http.post(f"http://127.0.0.1:{env['SANDBOX_PORT']}/sandbox/api/clock", json={"seconds": 3600})
    finally:
        await sandbox.stop()
