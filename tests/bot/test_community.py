"""The community in the bot: the five questions of the first start, /community, and its name in the welcome."""

from __future__ import annotations

from domain.community import CommunityChanges
from domain.users import ADMIN, MEMBER, User
from handlers.auth.roles import appoint_admins, grant_role
from handlers.community import change_community, get_community
from handlers.runtime.deps import Deps
from tests.bot.conftest import Bot
from tests.factories import insert_user, jpeg

NAME, ABOUT, RULES, DOOR, CONTACT = "community called?", "What is it about?", "your rules?", "come in?", "people ask?"


async def admin_of(deps: Deps) -> User:
    return await insert_user(deps, "Olga", role=ADMIN)


async def new_admin(bot: Bot) -> int:
    """Return a Telegram user whom the settings name as admin, and who has not pressed Start yet."""
    person = bot.person("Olga")
    object.__setattr__(bot.deps, "admin_telegram_ids", frozenset({person}))
    return person


async def test_an_admin_is_led_through_five_questions_at_the_first_start(bot: Bot) -> None:
    olga = await new_admin(bot)
    await bot.say(olga, "/start", NAME)
    await bot.say(olga, "Harbour Skills", ABOUT)
    await bot.say(olga, "Neighbours of the <old> harbour.", RULES)
    asked = await bot.say(olga, "Be on time.\nBe kind.", DOOR)
    await bot.press(olga, asked, "✋ Moderators let them in", CONTACT)
    done = await bot.say(olga, "hello@example.org", "is open for business")
    assert "Neighbours of the <old> harbour." in done.words
    community = await get_community(bot.deps)
    assert (community.name, community.rules, community.join, community.contact) == (
        "Harbour Skills", "Be on time.\nBe kind.", "approval", "hello@example.org",
    )  # fmt: skip
    await bot.press(olga, done, "▶️ Go on to my profile", "should people call you")


async def test_whoever_becomes_an_admin_after_the_first_start_is_led_through_the_questions_too(bot: Bot) -> None:
    olga = bot.person("Olga")
    await bot.say(olga, "/start", "should people call you")
    await grant_role(bot.deps, str(olga), ADMIN)
    await bot.say(olga, "/start", NAME)
    asked = await bot.say(olga, "Harbour Skills", ABOUT)
    for expected in (RULES, DOOR, CONTACT, "open for business"):
        asked = await bot.press(olga, asked, "Skip", expected)
    await bot.press(olga, asked, "▶️ Go on to my profile", "should people call you")


async def test_the_questions_can_be_left_and_taken_up_again(bot: Bot) -> None:
    olga = await new_admin(bot)
    asked = await bot.say(olga, "/start", NAME)
    assert "Skip" not in [button.label for button in asked.buttons]
    asked = await bot.say(olga, "Harbour Skills", ABOUT)
    asked = await bot.say(olga, "/start", ABOUT)  # asked again, not begun anew
    for expected in (RULES, DOOR, CONTACT):
        asked = await bot.press(olga, asked, "Skip", expected)
    await bot.press(olga, asked, "Skip", "open for business")
    assert (await get_community(bot.deps)).join == "open"


async def test_an_admin_with_a_profile_sees_that_the_community_has_no_name(bot: Bot) -> None:
    olga = await bot.member("Olga", offers="Chess", wants="Python")
    assert olga.telegram_id is not None
    await appoint_admins(bot.deps, [olga.telegram_id])
    home = await bot.say(olga.telegram_id, "/start", "has no name yet")
    await bot.press(olga.telegram_id, home, "🏘 Set up your community", NAME)
    await bot.say(olga.telegram_id, "Harbour Skills", ABOUT)
    await bot.say(olga.telegram_id, "/cancel", "Stopped")
    home = await bot.say(olga.telegram_id, "/start", "What shall we do?")
    assert "has no name yet" not in home.words


async def test_newcomers_are_welcomed_in_the_name_of_the_community(bot: Bot) -> None:
    await change_community(bot.deps, await admin_of(bot.deps), CommunityChanges(name="Harbour <Skills>"))
    ana = bot.person("Ana")
    welcome = await bot.say(ana, "/start", "Welcome to Harbour <Skills>.")
    assert "\n\n\n" not in welcome.words
    ben = bot.person("Ben")
    await bot.say(ben, "hello", "Welcome to Harbour <Skills>!")


async def test_everybody_reads_the_community_and_only_admins_change_it(bot: Bot) -> None:
    admin = await admin_of(bot.deps)
    await change_community(bot.deps, admin, CommunityChanges(name="Harbour", rules="Be <b>kind</b>.", contact="me"))
    ana = (await bot.member("Ana", offers="Chess", wants="Python")).telegram_id
    assert ana is not None
    seen = await bot.say(ana, "/community", "Harbour")
    assert [button.label for button in seen.buttons] == ["📜 Our rules", "🏠 Home"]
    seen = await bot.press(ana, seen, "📜 Our rules", "Be <b>kind</b>.")


async def test_buttons_of_a_former_admin_change_nothing(bot: Bot) -> None:
    await change_community(bot.deps, await admin_of(bot.deps), CommunityChanges(name="Harbour", rules="Be kind."))
    olga = await bot.member("Olga", offers="Chess", wants="Python")
    person = olga.telegram_id
    assert person is not None
    await bot.deps.store.users.set_role(olga.id, ADMIN)
    door = await bot.press(person, await bot.say(person, "/community", "Harbour"), "🚪 Door", DOOR)
    seen = await bot.say(person, "/community", "Harbour")
    await bot.deps.store.users.set_role(olga.id, MEMBER)
    for message, data in ((door, "com:join:link"), (seen, "com:may:on"), (seen, "com:ask:name")):
        await bot.sandbox.press(person, message.id, data)
    await bot.until_idle()
    assert [toast.text for toast in bot.sandbox.toasts(person)][-3:] == ["Only an admin can do that."] * 3
    assert (await get_community(bot.deps)).version == 1


async def test_an_admin_changes_one_thing_after_the_other(bot: Bot) -> None:
    olga = await bot.member("Olga", offers="Chess", wants="Python")
    await bot.deps.store.users.set_role(olga.id, ADMIN)
    await change_community(bot.deps, await admin_of(bot.deps), CommunityChanges(name="Harbour"))
    person = olga.telegram_id
    assert person is not None
    seen = await bot.say(person, "/community", "Harbour")
    asked = await bot.press(person, seen, "❓ Question", "from newcomers?")
    await bot.say(person, "x" * 500, "200 characters at most")
    seen = await bot.say(person, "Who are you?", "Saved")
    asked = await bot.press(person, seen, "🗣 Languages", "do you speak?")
    await bot.press(person, asked, "Deutsch", "do you speak?")
    await bot.say(person, "/community", "Harbour")
    await bot.until_idle()
    seen = await bot.say(person, "/community", "German")
    await bot.press(person, seen, "📷 Photo", "Send one here")
    await bot.sandbox.send_photo(person, jpeg())
    await bot.sandbox.wait_for(person, "Saved", after=seen.id)
    community = await get_community(bot.deps)
    assert (community.question, community.languages) == ("Who are you?", ("de",))
    assert community.photo_url is not None
