"""The start of the bot: what its log tells the operator."""

from __future__ import annotations

import logging

import pytest
from telegram import User

from bot.application import report_bot


def log_of(caplog: pytest.LogCaptureFixture, *, inline: bool, groups: bool) -> str:
    caplog.clear()
    with caplog.at_level(logging.INFO):
        report_bot(User(1, "Swaps", True, username="SwapsBot", supports_inline_queries=inline, can_join_groups=groups))
    return caplog.text


def test_the_log_names_the_bot_and_its_link(caplog: pytest.LogCaptureFixture) -> None:
    assert "the bot is Swaps, https://t.me/SwapsBot" in log_of(caplog, inline=True, groups=False)


def test_the_log_names_what_is_missing_at_botfather(caplog: pytest.LogCaptureFixture) -> None:
    assert "/set" not in log_of(caplog, inline=True, groups=False)
    assert "/setinline" in log_of(caplog, inline=False, groups=False)
    assert "/setjoingroups" in log_of(caplog, inline=True, groups=True)
