"""Onboarding, from /start to a finished profile, with interruptions and repeated updates."""

from __future__ import annotations

from bot.application import BotRunner
from bot.profile.onboarding import FLOW
from bot.sandbox import Message
from bot.updates.context import BotServices
from domain.users import ProfileChanges, User
from handlers.dialogs import get_dialog
from handlers.users import find_telegram_user, update_profile
from skillswap.demo.portraits import draw_portrait
from tests.bot.conftest import Bot

NAME, TEACH, LEARN, TIMES = "should people call you", "can you teach?", "like to learn?", "do you have time"
PLACE, PHOTO, WHO, PREVIEW = "Where are you?", "A photo of you?", "Who may find you?", "others will see you"


def has(message: Message, label: str) -> bool:
    """Return whether the message has a button with this label."""
    return any(button.label == label for button in message.buttons)


async def press_until(bot: Bot, person: int, message: Message, label: str, expected_label: str) -> Message:
    """Press a button and return the same question once it has the expected button."""
    await bot.sandbox.press(person, message.id, label)
    return await bot.sandbox.wait_for(person, lambda seen: has(seen, expected_label), after=message.id)


async def reach_teach(bot: Bot, first_name: str = "Ana") -> tuple[int, Message]:
    person = bot.person(first_name)
    asked = await bot.say(person, "/start", NAME)
    return person, await bot.press(person, asked, f"Keep “{first_name}”", TEACH)


async def reach_preview(bot: Bot, person: int, seen: Message, *, visibility: str = "🌍 Public") -> Message:
    """Answer the remaining steps in the shortest way, starting from the question for taught skills."""
    seen = await bot.say(person, "Guitar", "You teach these")
    seen = await bot.press(person, seen, "Next ➡️", LEARN)
    seen = await bot.say(person, "Python", "You would like to learn these")
    for label, expected in (("Next ➡️", TIMES), ("Skip", PLACE), ("Skip", PHOTO), ("Skip", WHO), (visibility, PREVIEW)):
        seen = await bot.press(person, seen, label, expected)
    return seen


async def state_of(bot: Bot, person: int) -> tuple[User, str]:
    await bot.until_idle()
    return await bot.user(person), (await get_dialog(bot.deps, person)).step


async def test_new_user_is_listed_after_eight_steps(bot: Bot) -> None:
    ana = bot.person("Ana")
    await bot.say(ana, "/start", NAME)
    await bot.say(ana, "Ana Lucía", TEACH)
    seen = await bot.say(ana, "Guitar, Spanish", "You teach these")
    seen = await bot.press(ana, seen, "Next ➡️", LEARN)
    seen = await bot.say(ana, "Python", "You would like to learn these")
    seen = await bot.press(ana, seen, "Next ➡️", TIMES)
    seen = await press_until(bot, ana, seen, "Weekend mornings", "✓ Weekend mornings")
    seen = await bot.press(ana, seen, "Next ➡️", PLACE)
    await bot.say(ana, "Lisbon", PHOTO)
    await bot.sandbox.send_photo(ana, draw_portrait(1))
    seen = await bot.sandbox.wait_for(ana, WHO)
    assert "Nice one" in seen.words
    seen = await bot.press(ana, seen, "🌍 Public", PREVIEW)
    assert seen.photo is not None
    assert not (await bot.user(ana)).is_public, "nobody is listed before they have said that it looks good"
    await bot.press(ana, seen, "✅ Looks good", "all set")
    user, step = await state_of(bot, ana)
    assert (user.name, user.skills_offered, user.skills_wanted) == ("Ana Lucía", ("Guitar", "Spanish"), ("Python",))
    assert (user.location, user.availability) == ("Lisbon", "weekend mornings")
    assert user.photo_url
    assert (user.is_public, user.onboarded, step) == (True, True, "")


async def test_private_user_is_not_listed(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    seen = await reach_preview(bot, ana, seen, visibility="🔒 Private")
    assert "stay hidden" in seen.words
    await bot.press(ana, seen, "✅ Looks good", "all set")
    user = await bot.user(ana)
    assert (user.is_public, user.onboarded) == (False, True)


async def test_language_follows_telegram_and_can_be_changed_at_once(bot: Bot) -> None:
    ines = bot.person("Inés", language_code="es-MX")
    asked = await bot.say(ines, "/start", "¿Cómo quieres que te llamen?")
    await bot.press(ines, asked, "English", NAME)
    assert (await bot.user(ines)).locale == "en"


async def test_skills_are_added_as_a_list_or_one_by_one_without_duplicates(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    await bot.say(ana, "Guitar, chess; Sewing", "You teach these")
    seen = await bot.say(ana, "  GUITAR ", "on your list already")
    assert [button.label for button in seen.buttons][:3] == ["Guitar ✕", "chess ✕", "Sewing ✕"]
    seen = await press_until(bot, ana, seen, "+ Cooking", "Cooking ✕")
    assert (await bot.user(ana)).skills_offered == ("Guitar", "chess", "Sewing", "Cooking")


async def test_skill_button_pressed_twice_removes_one_skill(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    seen = await bot.say(ana, "Guitar, Chess, Sewing", "You teach these")
    await bot.sandbox.press(ana, seen.id, "Chess ✕")
    await bot.sandbox.press(ana, seen.id, "Chess ✕")
    await bot.sandbox.wait_for(ana, lambda message: has(message, "Sewing ✕") and not has(message, "Chess ✕"))
    user, step = await state_of(bot, ana)
    assert (user.skills_offered, step) == (("Guitar", "Sewing"), "teach")


async def test_exceeded_limit_is_explained_and_the_question_stays_open(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    await bot.say(ana, "x" * 41, "40 characters at most")
    await bot.say(ana, "Juggling", "You teach these")
    assert (await bot.user(ana)).skills_offered == ("Juggling",)
    await bot.say(ana, ", ".join(f"Skill {n}" for n in range(20)), "I left out Skill 19: 20 skills fit into a list")
    assert len((await bot.user(ana)).skills_offered) == 20


async def test_browsing_is_offered_as_soon_as_both_lists_have_one_skill(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    seen = await bot.say(ana, "Guitar", "You teach these")
    assert not has(seen, "🔎 Show matches")
    seen = await bot.press(ana, seen, "Next ➡️", LEARN)
    seen = await bot.say(ana, "Python", "You would like to learn these")
    await bot.press(ana, seen, "🔎 Show matches", "everybody for now")


async def test_browsing_closes_the_open_question(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    seen = await bot.say(ana, "Guitar", "You teach these")
    seen = await bot.press(ana, seen, "Next ➡️", LEARN)
    seen = await bot.say(ana, "Python", "You would like to learn these")
    await bot.press(ana, seen, "🔎 Show matches", "everybody for now")
    await bot.until_idle()
    await bot.say(ana, "Is Sunday fine?")
    await bot.until_idle()
    user = await bot.user(ana)
    assert (user.skills_wanted, user.availability) == (("Python",), "")
    await bot.say(ana, "/start", "Step 3 of 8")


async def test_start_during_onboarding_offers_to_resume(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    seen = await bot.say(ana, "/start", "Welcome back")
    assert "Step 2 of 8" in seen.words
    await bot.press(ana, seen, "▶️ Go on", TEACH)
    seen = await bot.say(ana, "/start", "Welcome back")
    await bot.press(ana, seen, "🔄 Start over", NAME)


async def test_onboarding_survives_a_restart_of_the_bot(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    await bot.say(ana, "Guitar", "You teach these")
    await bot.until_idle()
    await bot.runner.stop()
    services = BotServices(bot.deps)
    runner = BotRunner(services, bot.feed, token=bot.sandbox.token, worker="another", api_url=bot.sandbox.url)
    await runner.start()
    await runner.is_up.wait()
    seen = await bot.say(ana, "Chess", "You teach these")
    await runner.stop()
    assert [button.label for button in seen.buttons][:2] == ["Guitar ✕", "Chess ✕"]


async def test_back_returns_to_the_previous_step_and_edits_to_the_preview(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    seen = await bot.press(ana, seen, "⬅️ Back", NAME)
    seen = await bot.press(ana, seen, "Keep “Ana”", TEACH)
    seen = await reach_preview(bot, ana, seen)
    await bot.press(ana, seen, "📍 Place", PLACE)
    seen = await bot.say(ana, "Porto", PREVIEW)
    assert "Porto" in seen.words
    assert "Everybody here can find you" in seen.words


async def test_cancel_keeps_the_answers_and_start_resumes_at_the_open_step(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    seen = await bot.say(ana, "Guitar", "You teach these")
    await bot.press(ana, seen, "✖️ Cancel", "Stopped")
    user, step = await state_of(bot, ana)
    assert (user.skills_offered, user.is_public, step) == (("Guitar",), False, "")
    await bot.say(ana, "/start", "Step 2 of 8")
    await bot.say(ana, "/cancel", "Stopped")
    seen = await bot.say(ana, "hello?", "not quite done with your profile")
    await bot.press(ana, seen, "▶️ Go on", "You teach these")


async def test_looking_around_says_that_nobody_can_find_the_user_and_a_request_asks_again(bot: Bot) -> None:
    await bot.member("Li", offers="Python", wants="Guitar")
    ana, seen = await reach_teach(bot)
    seen = await bot.say(ana, "Guitar", "You teach these")
    seen = await bot.press(ana, seen, "Next ➡️", LEARN)
    seen = await bot.say(ana, "Python", "You would like to learn these")
    await bot.sandbox.press(ana, seen.id, "🔎 Show matches")
    told = await bot.sandbox.wait_for(ana, "Nobody can find you yet")
    card = await bot.sandbox.wait_for(ana, "Li teaches you")
    asked = await bot.press(ana, card, "🤝 Propose a swap", "short note")
    await bot.press(ana, asked, "📨 Send without a note", "Sent to Li")
    again = await bot.sandbox.wait_for(ana, "Nobody can find you yet", after=told.id)
    assert not (await bot.user(ana)).is_public
    await bot.press(ana, again, "🌍 Public", "Everybody here can find you")
    assert (await bot.user(ana)).is_listed


async def test_button_pressed_twice_counts_once(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    for label, expected in (("Skip", LEARN), ("Skip", TIMES), ("Skip", PLACE), ("Skip", PHOTO), ("Skip", WHO)):
        seen = await bot.press(ana, seen, label, expected)
    await bot.sandbox.press(ana, seen.id, "🌍 Public")
    await bot.sandbox.press(ana, seen.id, "🔒 Private")
    seen = await bot.sandbox.wait_for(ana, PREVIEW)
    assert (await state_of(bot, ana))[1] == "preview"
    assert "Everybody here can find you" in seen.words
    await bot.sandbox.press(ana, seen.id, "✅ Looks good")
    await bot.sandbox.press(ana, seen.id, "✅ Looks good")
    await bot.sandbox.wait_for(ana, "You're in")
    user, step = await state_of(bot, ana)
    assert (user.is_public, user.onboarded, step) == (True, True, "")


async def test_repeated_answer_is_not_taken_for_the_next_question(bot: Bot) -> None:
    ana = bot.person("Ana")
    await bot.say(ana, "/start", NAME)
    await bot.until_idle()
    bot.sandbox.fail("sendMessage", status=502, description="Bad Gateway")
    await bot.say(ana, "Ana Lucía", TEACH)
    user, step = await state_of(bot, ana)
    assert (user.name, user.skills_offered, step) == ("Ana Lucía", (), "teach")


async def test_only_the_newest_question_has_a_keyboard(bot: Bot) -> None:
    ana, first = await reach_teach(bot)
    await bot.say(ana, "Guitar", "You teach these")
    await bot.say(ana, "Chess", "You teach these")
    await bot.until_idle()
    with_buttons = [message for message in bot.sandbox.chat(ana) if message.from_bot and message.buttons]
    assert len(with_buttons) == 1
    assert has(with_buttons[0], "Chess ✕")
    assert first.id != with_buttons[0].id


async def test_duplicate_updates_take_effect_once(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    bot.sandbox.duplicate_updates(3)
    await bot.say(ana, "Guitar", "You teach these")
    user, step = await state_of(bot, ana)
    assert (user.skills_offered, step) == (("Guitar",), "teach")


async def test_telegram_profile_photo_is_used_if_there_is_one(bot: Bot) -> None:
    picture = draw_portrait(2)
    li = bot.sandbox.add_person("Li", profile_photo=picture).id
    await bot.say(li, "/start", NAME)
    seen = await bot.sandbox.wait_for(li, NAME)
    for label, expected in (("Keep “Li”", TEACH), ("Skip", LEARN), ("Skip", TIMES), ("Skip", PLACE), ("Skip", PHOTO)):
        seen = await bot.press(li, seen, label, expected)
    await bot.press(li, seen, "🖼 Use my Telegram photo", WHO)
    assert (await bot.user(li)).photo_url

    ana, seen = await reach_teach(bot)
    for label, expected in (("Skip", LEARN), ("Skip", TIMES), ("Skip", PLACE), ("Skip", PHOTO)):
        seen = await bot.press(ana, seen, label, expected)
    await bot.press(ana, seen, "🖼 Use my Telegram photo", "can't see a photo")


async def test_file_that_is_no_photo_is_refused_and_asked_for_again(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    for label, expected in (("Skip", LEARN), ("Skip", TIMES), ("Skip", PLACE), ("Skip", PHOTO)):
        seen = await bot.press(ana, seen, label, expected)
    await bot.say(ana, "here it is", "waiting for a photo")
    sent = await bot.sandbox.send_photo(ana, b"GIF89a, or so", as_document=True)
    await bot.sandbox.wait_for(ana, "can't read that as a photo", after=sent)
    assert (await state_of(bot, ana))[1] == "photo"


async def test_user_is_not_registered_before_pressing_start(bot: Bot) -> None:
    ana = bot.person("Ana")
    seen = await bot.say(ana, "hello?", "Shall we start?")
    assert await find_telegram_user(bot.deps, ana) is None
    await bot.press(ana, seen, "🚀 Start", NAME)
    assert (await get_dialog(bot.deps, ana)).flow == FLOW


async def test_start_with_an_unknown_payload_is_a_plain_welcome(bot: Bot) -> None:
    ana = bot.person("Ana")
    await bot.say(ana, "/start " + "<b>x</b>" * 25, NAME)
    member = await bot.member("Li", offers="Guitar", wants="Python")
    assert member.telegram_id
    await bot.say(member.telegram_id, "/start u_123", "What shall we do?")


async def test_markup_in_a_name_is_shown_as_text(bot: Bot) -> None:
    ana = bot.person("<b>&Ana")
    seen = await bot.say(ana, "/start", "Hi <b>&Ana!")
    assert seen.from_bot
    await bot.say(ana, "/profile", "<b>&Ana")


async def test_interrupted_last_step_does_not_reopen_onboarding(bot: Bot) -> None:
    ana, seen = await reach_teach(bot)
    preview = await reach_preview(bot, ana, seen)
    await bot.until_idle()
    await update_profile(
        bot.deps, await bot.user(ana), ProfileChanges(onboarded=True)
    )  # interrupted after saving the answer
    await bot.press(ana, preview, "✅ Looks good", "What shall we do?")
    await bot.say(ana, "Hello?", "nobody to write to yet")
