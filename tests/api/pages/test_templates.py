from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from jinja2 import Template

from api.pages import layout


async def test_every_template_is_compiled_soon_after_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {file.relative_to(layout.FOLDER).as_posix() for file in layout.FOLDER.rglob("*.html")}
    compiled: set[str] = set()
    get_template = layout._ENVIRONMENT.get_template

    def note(name: str) -> Template:
        template = get_template(name)  # raises for a template that cannot be compiled
        compiled.add(name)
        return template

    monkeypatch.setattr(layout, "COMPILE_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(layout, "COMPILE_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(layout._ENVIRONMENT, "get_template", note)
    running = layout.compile_templates(web.Application())
    await anext(running)
    async with asyncio.timeout(60):
        while compiled != names:
            await asyncio.sleep(0.01)
    assert [rest async for rest in running] == []
