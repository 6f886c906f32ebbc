"""A start imports what its role needs at once, and no more."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AT_FIRST_USE = (
    "PIL",
    "aiosmtplib",
    "cloudinary",
    "cryptography.x509",
    "icalendar",
    "joserfc",
    "linkify_it",
    "phonenumbers",
    "rapidfuzz",
    "requests",
    "sqlite3",
    "tomllib",
)

IMPORTED = "\nimport sys\nprint(*sys.modules)"


@pytest.mark.parametrize(
    ("role", "without"),
    [("run", ("telegram", "mail")), ("api", ("telegram", "bot", "mail")), ("bot", ("socketio",)), ("worker", ("api",))],
)
async def test_a_start_does_not_import_what_few_requests_need(role: str, without: tuple[str, ...]) -> None:
    imported = await _imported_by(f"from skillswap.preparation import prepare; prepare({role!r})")
    assert not {*AT_FIRST_USE, *without} & imported


async def test_the_bot_imports_nothing_that_few_of_its_updates_need() -> None:
    imported = await _imported_by("from skillswap.preparation import prepare_background; prepare_background('run')")
    assert "telegram" in imported
    assert not {*AT_FIRST_USE} & imported


async def test_receiving_updates_does_not_import_the_bot() -> None:
    imported = await _imported_by("import bot.tokens, bot.updates.webhook")
    assert "telegram" not in imported


async def _imported_by(program: str) -> set[str]:
    """Return the packages that are imported after a program."""
    words = ("-c", program + IMPORTED)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return set(out.decode().split())
