"""The door in the bot: an application from the first press to the answer, invitations, and who sees what meanwhile."""

from __future__ import annotations

from typing import Any

from bot.sandbox import Message
from domain.community import APPROVAL, LINK, CommunityChanges
from domain.users import ADMIN, MODERATOR, User
from handlers.audit import list_audit
from handlers.community import change_community
from handlers.invites import make_invite
from tests.bot.conftest import Bot
from tests.bot.profile.test_onboarding import reach_preview
from tests.factories import insert_user

NAME, TEACH = "should people call you", "can you teach?"


async def set_door(bot: Bot, join: str, **changes: Any) -> User:
    """Give the community a door; returns its admin, who has no Telegram."""
    admin = await insert_user(bot.deps, "Olga", role=ADMIN)
    await change_community(bot.deps, admin, CommunityChanges(name="Harbour", join=join, **changes))
    return admin


async def moderator(bot: Bot) -> tuple[User, int]:
    mia = await bot.member("Mia", offers="Chess", wants="Python")
    await bot.deps.store.users.set_role(mia.id, MODERATOR)
    assert mia.telegram_id is not None
    return mia, mia.telegram_id


async def applies(bot: Bot, name: str, answer: str) -> int:
    """Make a profile and apply; returns the Telegram id."""
    person = bot.person(name)
    asked = await bot.say(person, "/start", NAME)
    seen = await reach_preview(bot, person, await bot.press(person, asked, f"Keep “{name}”", TEACH))
    await bot.press(person, seen, "✅ Looks good", "One last thing")
    await bot.say(person, answer, "are looking at your profile")
    return person


async def card_of(bot: Bot, person: int, name: str) -> Message:
    return await bot.sandbox.wait_for(person, f"{name} would like to join")


async def test_an_applicant_is_let_in_by_a_moderator_and_told(bot: Bot) -> None:
    mia, reader = await moderator(bot)
    await set_door(bot, APPROVAL, question="Which <street> do you live in?")
    ana = await applies(bot, "Ana", "Harbour <lane> 5")
    card = await card_of(bot, reader, "Ana")
    for words in ("Which <street> do you live in?", "Harbour <lane> 5", "Guitar", "1 waits."):
        assert words in card.words, words
    assert (await bot.user(ana)).standing.membership == "applicant"
    await bot.press(reader, card, "✅ Let in", "was let in by Mia")
    await bot.sandbox.wait_for(ana, "Harbour has let you in")
    user = await bot.user(ana)
    assert (user.standing.membership, user.joining.how, user.is_listed) == ("member", "approval", True)
    (entry,) = await list_audit(bot.deps, await bot.user(reader), about=user.id)
    assert (entry.by, entry.action) == (mia.id, "application.let_in")
    home = await bot.say(ana, "/start", "What shall we do?")
    assert "🔎 Find a match" in [button.label for button in home.buttons]


async def test_an_applicant_sees_numbers_and_no_people(bot: Bot) -> None:
    await bot.member("Li", offers="Python", wants="Guitar")
    await set_door(bot, APPROVAL, contact="hello@example.org")
    ana = await applies(bot, "Ana", "Hello")
    home = await bot.say(ana, "/start", "are looking at your profile")
    assert "hello@example.org" in home.words
    for command in ("/match", "/find Python", "/circles", "/find Li"):
        await bot.say(ana, command)
    await bot.until_idle()
    assert not [message for message in bot.sandbox.chat(ana) if message.from_bot and "Li" in message.words]


async def test_an_applicant_is_offered_no_matches_and_can_leave(bot: Bot) -> None:
    await set_door(bot, APPROVAL)
    ana = bot.person("Ana")
    welcome = await bot.say(ana, "/start", NAME)
    assert not any("you are in" in message.words for message in bot.sandbox.chat(ana))
    asked = await bot.press(ana, welcome, "Keep “Ana”", TEACH)
    asked = await bot.press(ana, await bot.say(ana, "Guitar", "You teach these"), "Next ➡️", "like to learn?")
    asked = await bot.say(ana, "Python", "You would like to learn these")
    assert "🔎 Show matches" not in [button.label for button in asked.buttons]
    await bot.say(ana, "/delete", "Delete your account?")


async def test_moderators_ask_and_the_answer_comes_on_the_card(bot: Bot) -> None:
    _, reader = await moderator(bot)
    await set_door(bot, APPROVAL)
    ana = await applies(bot, "Ana", "Hello")
    card = await card_of(bot, reader, "Ana")
    await bot.press(reader, card, "💬 Ask", "What would you like to ask Ana?")
    await bot.say(reader, "Do you know <Bo>?", "passed your question on")
    await bot.sandbox.wait_for(ana, "Do you know <Bo>?")
    door = await bot.say(ana, "/start", "would like to know")
    await bot.press(ana, door, "✍️ Answer", "Do you know <Bo>?")
    await bot.say(ana, "We sing together", "are looking at your profile")
    await bot.sandbox.wait_for(reader, "We sing together")


async def test_not_now_is_told_kindly_and_can_become_a_yes(bot: Bot) -> None:
    _, reader = await moderator(bot)
    await set_door(bot, APPROVAL)
    ana = await applies(bot, "Ana", "Hello")
    card = await bot.press(reader, await card_of(bot, reader, "Ana"), "✖️ Not now", "was not let in")
    await bot.sandbox.wait_for(ana, "can't let you in at the moment")
    await bot.say(ana, "/start", "can't let you in at the moment")
    await bot.press(reader, card, "✅ Let in", "was let in by")
    await bot.sandbox.wait_for(ana, "has let you in")


async def test_whoever_needs_a_link_is_told_before_any_question(bot: Bot) -> None:
    await set_door(bot, LINK)
    ana = bot.person("Ana")
    door = await bot.say(ana, "/start", "by an invitation")
    assert NAME not in door.words
    await bot.say(ana, "Ana Lucía")
    await bot.until_idle()
    assert (await bot.user(ana)).name == "Ana"


async def test_a_link_lets_in_and_counts_once_when_the_profile_is_complete(bot: Bot) -> None:
    admin = await set_door(bot, LINK)
    invite = await make_invite(bot.deps, admin, uses=1)
    ana = bot.person("Ana")
    asked = await bot.say(ana, f"/start i_{invite.code}", NAME)
    await bot.say(ana, f"/start i_{invite.code}")
    (known,) = await bot.deps.store.invites.list_of(admin.id, limit=5)
    assert known.used == 0
    asked = await bot.say(ana, "/start")
    await bot.until_idle()
    seen = await bot.press(ana, asked, "🔄 Start over", NAME) if "Welcome back" in asked.words else asked
    seen = await reach_preview(bot, ana, await bot.press(ana, seen, "Keep “Ana”", TEACH))
    await bot.press(ana, seen, "✅ Looks good", "You're all set")
    user = await bot.user(ana)
    assert (user.standing.membership, user.joining.how, user.joining.invited_by) == ("member", "link", admin.id)
    (known,) = await bot.deps.store.invites.list_of(admin.id, limit=5)
    assert known.used == 1
    ben = bot.person("Ben")
    await bot.say(ben, f"/start i_{invite.code}", "leads nowhere")
    assert (await bot.user(ben)).standing.membership == "applicant"


async def test_a_moderator_makes_and_ends_links_in_the_bot(bot: Bot) -> None:
    mia, reader = await moderator(bot)
    await set_door(bot, LINK)
    seen = await bot.say(reader, "/community", "Harbour")
    seen = await bot.press(reader, seen, "🔗 Invite", "no link that works")
    await bot.sandbox.press(reader, seen.id, "➕ New link")
    made = await bot.sandbox.wait_for(reader, "Here is your invitation")
    (invite,) = await bot.deps.store.invites.list_of(mia.id, limit=5)
    assert f"?start=i_{invite.code}" in made.words
    listed = await bot.say(reader, "/invite", "0 of 20 used")
    await bot.press(reader, listed, listed.buttons[1].label, "no link that works")
    ana = bot.person("Ana")
    await bot.say(ana, f"/start i_{invite.code}", "leads nowhere")
