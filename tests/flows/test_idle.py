"""Database commands of an idle service."""

from __future__ import annotations

from pathlib import Path

from tests.bench.idle import count_idle_commands

SECONDS = 5.0
MAX_COMMANDS_A_SECOND = 5.0


async def test_idle_service_sends_fewer_than_five_database_commands_a_second(tmp_path: Path) -> None:
    commands = await count_idle_commands(tmp_path, SECONDS)
    assert sum(commands.values()) < MAX_COMMANDS_A_SECOND, commands
    assert commands["getMore"] > 0.5  # the change stream is read
