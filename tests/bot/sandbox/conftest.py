"""A sandbox per test, and the real python-telegram-bot as its client."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from PIL import Image
from telegram import Bot
from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot.sandbox import Person, Sandbox

App = Application[Any, Any, Any, Any, Any, Any]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    started = Sandbox()
    await started.start()
    yield started
    await started.stop()


def bot_for(sandbox: Sandbox) -> Bot:
    """Return a bot whose Bot API server is the sandbox; not initialised."""
    return Bot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        base_file_url=f"{sandbox.url}/file/bot",
        request=HTTPXRequest(read_timeout=10, connection_pool_size=8),
    )


@pytest.fixture
async def telegram(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """A bot that calls methods without polling."""
    async with bot_for(sandbox) as bot:
        yield bot


@pytest.fixture
async def ana(sandbox: Sandbox) -> Person:
    """A user who has pressed START."""
    person = sandbox.add_person("Ana", last_name="Ruiz", username="ana_example", language_code="es")
    await sandbox.send_text(person.id, "/start")
    return person


@pytest.fixture
async def application(sandbox: Sandbox) -> AsyncIterator[App]:
    """A polling application; the test adds its handlers."""
    base = f"{sandbox.url}/bot"
    app = Application.builder().token(sandbox.token).base_url(base).base_file_url(f"{sandbox.url}/file/bot").build()
    await app.initialize()
    await app.start()
    assert app.updater is not None
    await app.updater.start_polling(timeout=5)
    yield app
    await app.updater.stop()
    await app.stop()
    await app.shutdown()


def picture(width: int = 60, height: int = 40, colour: str = "#3a8f7d") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "PNG")
    return stream.getvalue()
