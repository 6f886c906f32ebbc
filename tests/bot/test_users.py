"""The own profile in the bot: its card, and editing one field at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.sandbox import Message
from bot.users import profile_card
from bot.views.lengths import MAX_CAPTION, visible_units
from domain.geo import Coordinates
from domain.skills import MAX_SKILLS
from domain.users import ProfileChanges, User
from handlers.dialogs import get_dialog
from handlers.photos import find_photo
from handlers.runtime.texts import load_texts
from handlers.users import update_profile
from skillswap.demo.portraits import draw_portrait
from tests.bot.conftest import Bot
from tests.bot.profile.test_onboarding import press_until


async def member(bot: Bot, **fields: Any) -> int:
    user = await bot.member("Ana", offers="Guitar", wants="Python", **fields)
    assert user.telegram_id is not None
    return user.telegram_id


def shows(label: str) -> Callable[[Message], bool]:
    """Return a condition: the message has a button with this label."""
    return lambda message: any(button.label == label for button in message.buttons)


async def send_photo(bot: Bot, person: int, data: bytes, expected: str, *, as_document: bool = False) -> Message:
    sent = await bot.sandbox.send_photo(person, data, as_document=as_document)
    return await bot.sandbox.wait_for(person, expected, after=sent)


async def test_profile_card_shows_all_fields_with_a_button_each(bot: Bot) -> None:
    ana = await member(bot, location="Lisbon", availability="weekend mornings")
    seen = await bot.say(ana, "/profile", "Ana")
    for words in ("Lisbon", "Guitar", "Python", "weekend mornings", "Public"):
        assert words in seen.words
    labels = [button.label for button in seen.buttons]
    assert labels[:7] == ["✏️ Name", "🎓 I teach", "🌱 I learn", "🕒 Time", "📍 Place", "📷 Photo", "👀 Who sees me"]


async def test_edit_is_saved_and_closes_the_question(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "📍 Place", "Where are you?")
    seen = await bot.say(ana, "Porto", "Saved")
    assert "Porto" in seen.words
    await bot.until_idle()
    await bot.say(ana, "hello")
    await bot.until_idle()
    assert (await bot.user(ana)).location == "Porto"


async def test_other_command_closes_the_open_profile_question(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "🌱 I learn", "would like to learn these")
    await bot.say(ana, "/circles", "Circles of three")
    await bot.until_idle()
    await bot.say(ana, "Sunday is fine")
    await bot.until_idle()
    assert (await bot.user(ana)).skills_wanted == ("Python",)


async def test_skill_held_under_another_name_is_not_suggested(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    seen = await bot.press(ana, seen, "🌱 I learn", "would like to learn these")
    assert "+ Photography" in [button.label for button in seen.buttons]
    seen = await bot.say(ana, "fotografía", "would like to learn these")
    labels = [button.label for button in seen.buttons]
    assert "fotografía ✕" in labels
    assert "+ Photography" not in labels


async def test_repeated_edit_is_saved_once(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "🎓 I teach", "You teach these")
    await bot.until_idle()
    bot.sandbox.fail("sendMessage", status=502, description="Bad Gateway")
    await bot.say(ana, "Chess", "You teach these")
    assert (await bot.user(ana)).skills_offered == ("Guitar", "Chess")


async def test_invalid_answer_is_refused_and_asked_for_again(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "✏️ Name", "call you")
    await bot.say(ana, "x" * 65, "64 characters")
    await bot.say(ana, "Ana" + "\u0301" * 9, "can't show")
    await bot.say(ana, "Ana B.", "Saved")
    assert (await bot.user(ana)).name == "Ana B."


async def test_a_name_with_balanced_marks_of_direction_stays(bot: Bot) -> None:
    mohammed = bot.person("\u2067محمد\u2069")
    await bot.say(mohammed, "/start", "people trade skills")
    assert (await bot.user(mohammed)).name == "\u2067محمد\u2069"
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "✏️ Name", "call you")
    await bot.say(ana, "\u2067אנה\u2069 \u202eB.\uf8ff", "Saved")
    assert (await bot.user(ana)).name == "\u2067אנה\u2069 B."


async def test_availability_is_toggled_and_typed(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    seen = await bot.press(ana, seen, "🕒 Time", "do you have time")
    for label in ("Weekday evenings", "Weekend mornings"):
        await bot.sandbox.press(ana, seen.id, label)
        seen = await bot.sandbox.wait_for(ana, shows(f"✓ {label}"))
    assert (await bot.user(ana)).availability == "weekday evenings, weekend mornings"
    seen = await bot.say(ana, "Fridays after six, not in May", "In your words")
    user = await bot.user(ana)
    assert user.availability == "weekday evenings, weekend mornings, Fridays after six, not in May"
    assert user.slots == ("weekday evenings", "weekend mornings")
    await bot.say(ana, "y" * 190, "characters at most")
    await bot.sandbox.press(ana, seen.id, "✓ Weekday evenings")
    await bot.sandbox.wait_for(ana, shows("Weekday evenings"))
    assert (await bot.user(ana)).availability == "weekend mornings, Fridays after six, not in May"


async def test_visibility_is_changed_from_its_command(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/visibility", "Who may find you?")
    await bot.press(ana, seen, "🔒 Private", "Saved")
    assert not (await bot.user(ana)).is_public
    assert (await get_dialog(bot.deps, ana)).flow == ""


async def test_new_photo_replaces_the_old_one(bot: Bot) -> None:
    ana = await member(bot)
    await bot.say(ana, "/photo", "A photo of you?")
    seen = await send_photo(bot, ana, draw_portrait(3), "Saved")
    assert seen.photo is not None
    first = (await bot.user(ana)).photo_url
    assert first
    await bot.say(ana, "/photo", "This is your photo")
    await send_photo(bot, ana, draw_portrait(4), "Saved", as_document=True)
    await bot.until_idle()
    second = (await bot.user(ana)).photo_url
    assert second
    assert second != first
    assert await find_photo(bot.deps, first) is None


async def test_photo_can_be_removed(bot: Bot) -> None:
    ana = await member(bot)
    await bot.say(ana, "/photo", "A photo of you?")
    await send_photo(bot, ana, draw_portrait(3), "Saved")
    seen = await bot.say(ana, "/photo", "This is your photo")
    await bot.press(ana, seen, "🗑 Remove this photo", "A photo of you?")
    assert (await bot.user(ana)).photo_url is None


async def test_an_empty_file_is_answered_and_the_question_stays_open(bot: Bot) -> None:
    ana = await member(bot)
    await bot.say(ana, "/photo", "A photo of you?")
    await send_photo(bot, ana, b"", "I can't read that as a photo", as_document=True)
    await send_photo(bot, ana, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", as_document=True)
    await send_photo(bot, ana, draw_portrait(3), "Saved")
    assert (await bot.user(ana)).photo_url


async def test_photo_does_not_answer_another_question(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "📍 Place", "Where are you?")
    await send_photo(bot, ana, draw_portrait(3), "asked for something else")
    assert (await bot.user(ana)).photo_url is None
    await bot.say(ana, "Porto", "Saved")


async def test_telegram_file_url_is_never_exposed(bot: Bot) -> None:
    ana = await member(bot)
    await bot.say(ana, "/photo", "A photo of you?")
    await send_photo(bot, ana, draw_portrait(3), "Saved")
    user = await bot.user(ana)
    assert bot.sandbox.token not in (user.photo_url or "")
    assert "/file/bot" not in str([call.params for call in bot.sandbox.calls])


async def test_concurrent_change_on_the_web_is_kept(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "📍 Place", "Where are you?")
    await update_profile(bot.deps, await bot.user(ana), ProfileChanges(availability="Mondays"))
    seen = await bot.say(ana, "Porto", "Saved")
    assert "Mondays" in seen.words


async def test_location_is_saved_coarsely_and_only_on_request(bot: Bot) -> None:
    ana = await member(bot)
    sent = await bot.sandbox.send_other(ana, "location")
    await bot.sandbox.wait_for(ana, lambda message: message.from_bot, after=sent)
    assert (await bot.user(ana)).coordinates is None
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "📍 Place", "Where are you?")
    sent = await bot.sandbox.send_other(ana, "location")
    seen = await bot.sandbox.wait_for(ana, "Saved", after=sent)
    assert (await bot.user(ana)).coordinates == Coordinates(40.4, -3.7)
    assert "I keep your rough area" in seen.words
    asked = await bot.press(ana, seen, "📍 Place", "I know your rough area")
    seen = await bot.press(ana, asked, "📡 Forget my area", shows("✏️ Name"))
    await bot.until_idle()
    assert (await bot.user(ana)).coordinates is None
    assert "rough area" not in bot.sandbox.chat(ana)[-1].words


def test_longest_card_fits_into_a_caption() -> None:
    user = User(
        id="0" * 24,
        name="😀" * 64,
        created_at=datetime.now(UTC),
        location="😀" * 80,
        availability="&" * 200,
        skills_offered=tuple(f"{n:02}" + "😀" * 38 for n in range(MAX_SKILLS)),
        skills_wanted=tuple(f"{n:02}" + "<" * 38 for n in range(MAX_SKILLS)),
    )
    for texts in load_texts().values():
        for is_own in (True, False):
            card = profile_card(texts, user, is_own=is_own)
            assert visible_units(card) <= MAX_CAPTION
            assert "19" in card or any(texts.plain("match.more_skills", n=n) in card for n in range(1, MAX_SKILLS))


async def test_level_is_chosen_shown_and_cleared(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    seen = await bot.press(ana, seen, "🎓 I teach", "You teach these")
    seen = await bot.press(ana, seen, "🎚 Levels", "How well")
    seen = await bot.press(ana, seen, "Guitar", "Guitar")
    seen = await bot.press(ana, seen, "advanced", "How well")
    assert shows("Guitar (advanced)")(seen)
    assert (await bot.user(ana)).offered_levels == {"guitar": "advanced"}
    seen = await bot.press(ana, seen, "⬅️ My profile", "Guitar (advanced)")
    seen = await bot.press(ana, seen, "edit:teach", "You teach these")
    seen = await bot.press(ana, seen, "🎚 Levels", "How well")
    seen = await bot.press(ana, seen, "Guitar (advanced)", "🎚 Guitar")
    await bot.press(ana, seen, "Leave it open", "How well")
    assert (await bot.user(ana)).offered_levels == {}


async def test_a_slot_taken_off_and_chosen_again_has_its_hours_as_before(bot: Bot) -> None:
    ana = await member(bot)
    tuesday = (1 * 24 + 19, 1 * 24 + 20)
    await update_profile(bot.deps, await bot.user(ana), ProfileChanges(hours=tuesday))
    seen = await bot.say(ana, "/profile", "weekday evenings")
    seen = await bot.press(ana, seen, "🕒 Time", "When do you have time?")
    seen = await press_until(bot, ana, seen, "✓ Weekday evenings", "Weekday evenings")
    assert (await bot.user(ana)).free == ()
    seen = await press_until(bot, ana, seen, "Weekday evenings", "✓ Weekday evenings")
    await press_until(bot, ana, seen, "Weekend mornings", "✓ Weekend mornings")
    assert (await bot.user(ana)).free == (*tuesday, *(5 * 24 + hour for hour in range(8, 12)), *range(152, 156))
