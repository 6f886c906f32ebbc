"""Screens are sent with or without their photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.photos import PROFILE, upload_photo
from handlers.swaps import Proposal, propose_swap
from tests.factories import jpeg

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

UNREACHABLE = "Bad Request: failed to get HTTP URL content"


async def test_card_is_sent_without_a_photo_that_telegram_cannot_fetch(stage: Stage, ana: User) -> None:
    await stage.person("Li", "Python", "guitar", photo_url="https://photos.example.org/gone.jpg")
    stage.sandbox.fail("sendPhoto", status=400, description=UNREACHABLE)
    card = await stage.says(ana, "/match", "Li")
    assert not card.photo
    assert "<b>" not in card.words
    assert "🤝 Propose a swap" in stage.buttons(card)


async def test_request_keeps_its_buttons_without_its_photo(stage: Stage, ana: User) -> None:
    li = await stage.person("Li", "Python", "guitar", photo_url="https://photos.example.org/gone.jpg")
    stage.sandbox.fail("sendPhoto", status=400, description=UNREACHABLE)
    await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar"))
    card = await stage.sees(ana, "Li would like to swap")
    assert not card.photo
    assert card.entities[0]["type"] == "bold"
    assert stage.buttons(card) == [
        "✅ Accept",
        "✖️ Decline",
        "🔁 Change",
        "👤 See Li's profile",
        "💬 Ask",
        "🚫 Block",
        "🚩 Report",
    ]


async def test_photo_is_uploaded_again_if_its_file_id_is_refused(stage: Stage, ana: User) -> None:
    li = await stage.person("Li", "Python", "guitar")
    photo = await upload_photo(stage.deps, li, jpeg(), purpose=PROFILE)
    await stage.deps.photos.remember_file(photo.id, file_id="of-another-bot")
    card = await stage.says(ana, "/match", "Li")
    assert card.photo

    async def has_new_file_id() -> bool:
        known = await stage.deps.photos.find_by_url(photo.url)
        return known is not None and known.telegram_file_id != "of-another-bot"

    await stage.until(has_new_file_id)
