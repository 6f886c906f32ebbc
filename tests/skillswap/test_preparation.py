"""A start imports what its role needs at once, and no more."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AT_FIRST_USE = ("PIL", "cloudinary", "icalendar", "joserfc", "linkify_it", "phonenumbers", "rapidfuzz")

PREPARED = """
import sys
from skillswap.preparation import prepare
prepare(sys.argv[1])
print(*{name.partition(".")[0] for name in sys.modules})
"""


@pytest.mark.parametrize(
    ("role", "without"), [("run", ()), ("api", ("telegram", "bot", "mail")), ("bot", ("socketio",))]
)
async def test_a_start_does_not_import_what_few_requests_need(role: str, without: tuple[str, ...]) -> None:
    words = ("-c", PREPARED, role)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert not {*AT_FIRST_USE, *without} & {*out.decode().split()}
