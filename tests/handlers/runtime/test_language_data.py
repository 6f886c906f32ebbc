"""Texts say the same with the part of Babel's data that is kept as with all of it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

SAID = """
import sys
from datetime import UTC, datetime
from zoneinfo import available_timezones
from domain.languages import LOCALES
from handlers.runtime import texts as module
if sys.argv[1] == "all":
    module.forget_unused = lambda languages: None
days = [datetime(2026, month, 3 + month, 2 * month - 1, 5) for month in range(1, 13)]
for locale, texts in module.load_texts().items():
    for say in (texts.date, texts.day, texts.month, texts.weekday, texts.time):
        print(locale, *map(say, days), say(days[0].replace(tzinfo=UTC)), sep="; ")
    print(*(texts.distance(km) for km in (0, 1, 1.5, 2, 11, 1234, 1_000_000)), sep="; ")
    print(*(texts.plain("chat.too_long", n=n, max=1000 * n) for n in range(1, 25)), sep="; ")
    print(*map(texts.language_name, LOCALES), *(texts.enumerate("abcd"[:n]) for n in range(5)), sep="; ")
    print(*map(texts.timezone_name, sorted(available_timezones())), sep="; ")
    print(*(texts.country_name(a + b) for a in map(chr, range(65, 91)) for b in map(chr, range(65, 91))), sep="; ")
    print(texts.is_right_to_left)
"""


async def test_texts_say_the_same_with_the_data_that_is_kept() -> None:
    kept, all_of_it = await asyncio.gather(_said("kept"), _said("all"))
    assert kept == all_of_it
    assert {"4. Januar 2026", "Kairo (Ägypten)", "1,000,000 km"} <= {*kept.replace("\n", "; ").split("; ")}


async def _said(what: str) -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SAID, what, cwd=ROOT, stdout=pipe)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()
