"""A screen reaches its person, whatever becomes of its photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handlers.photos import PROFILE, upload_photo
from handlers.swaps import Proposal, propose_swap
from tests.factories import jpeg

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

UNREACHABLE = "Bad Request: failed to get HTTP URL content"


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.person("Ana", "guitar", "Python")


async def test_a_photo_that_telegram_cannot_fetch_does_not_break_a_card(stage: Stage, ana: User) -> None:
    await stage.person("Li", "Python", "guitar", photo_url="https://photos.example.org/gone.jpg")
    stage.sandbox.fail("sendPhoto", status=400, description=UNREACHABLE)
    card = await stage.says(ana, "/match", "Li")
    assert not card.photo
    assert "<b>" not in card.words
    assert "🤝 Propose a swap" in stage.buttons(card)


async def test_a_request_comes_with_its_buttons_though_its_photo_does_not(stage: Stage, ana: User) -> None:
    li = await stage.person("Li", "Python", "guitar", photo_url="https://photos.example.org/gone.jpg")
    stage.sandbox.fail("sendPhoto", status=400, description=UNREACHABLE)
    await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    card = await stage.sees(ana, "Li would like to swap")
    assert not card.photo
    assert card.entities[0]["type"] == "bold"
    assert stage.buttons(card) == ["✅ Accept", "✖️ Decline"]


async def test_a_photo_is_sent_anew_when_its_id_was_another_bots(stage: Stage, ana: User) -> None:
    li = await stage.person("Li", "Python", "guitar")
    photo = await upload_photo(stage.deps, li, jpeg(), purpose=PROFILE)
    await stage.deps.photos.remember_file_id(photo.id, "of-another-bot")
    card = await stage.says(ana, "/match", "Li")
    assert card.photo

    async def is_known_anew() -> bool:
        known = await stage.deps.photos.find_by_url(photo.url)
        return known is not None and known.telegram_file_id != "of-another-bot"

    await stage.until(is_known_anew)
