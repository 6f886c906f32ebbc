"""Where the clock can be moved: in development on this machine; elsewhere a moved database is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skillswap.movable_clock import why_clock_is_fixed
from skillswap.settings import Settings, variables
from tests.moved_clock import MoveClock
from tests.skillswap.test_cli import skillswap

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
