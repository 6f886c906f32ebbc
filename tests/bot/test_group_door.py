"""The members' group as a door: who is in it comes in, and a bot without rights throws nobody out."""

from __future__ import annotations

from domain.community import CommunityChanges
from domain.users import ADMIN
from handlers.community import change_community, get_community
from tests.bot.conftest import Bot

NAME = "should people call you"


async def test_who_is_in_the_group_comes_in_and_others_do_not(bot: Bot) -> None:
    olga = await bot.member("Olga", offers="Chess", wants="Python")
    await bot.deps.store.users.set_role(olga.id, ADMIN)
    admin = await bot.user(olga.telegram_id or 0)
    await change_community(bot.deps, admin, CommunityChanges(name="Harbour"))
    owner, ana, ben = olga.telegram_id or 0, bot.person("Ana"), bot.person("Ben")
    group = await bot.sandbox.groups.create("Neighbours", owner, ana)
    await bot.sandbox.groups.add_bot(group.id, owner)
    await bot.sandbox.groups.send_text(group.id, owner, "/members")
    await bot.sandbox.wait_for(group.id, "Make me an administrator")
    await bot.sandbox.groups.promote_bot(group.id, owner)
    await bot.sandbox.groups.send_text(group.id, ana, "/members")
    await bot.sandbox.wait_for(group.id, "Only an admin")
    await bot.sandbox.groups.send_text(group.id, owner, "/members")
    await bot.sandbox.wait_for(group.id, "Done")
    community = await get_community(bot.deps)
    assert (community.join, community.group_chat_id) == ("group", group.id)

    door = await bot.say(ben, "/start", "members of our group")
    await bot.sandbox.press(ben, door.id, "👥 I am in the group")
    await bot.until_idle()
    assert bot.sandbox.toasts(ben)[-1].text == "I can't see you in the group. Join it first, then press again."
    door = await bot.say(ana, "/start", "members of our group")
    seen = await bot.press(ana, door, "👥 I am in the group", "You're in")
    user = await bot.user(ana)
    assert (user.standing.membership, user.joining.how) == ("member", "group")
    await bot.press(ana, seen, "▶️ Go on", NAME)

    await bot.sandbox.groups.demote_bot(group.id, owner)
    await bot.sandbox.groups.add(group.id, ben, owner)
    await bot.sandbox.press(ben, (await bot.say(ben, "/start")).id, "▶️ Go on")
    await bot.until_idle()
    door = await bot.sandbox.wait_for(ben, "members of our group")
    await bot.sandbox.press(ben, door.id, "👥 I am in the group")
    await bot.sandbox.wait_for(owner, "nobody was thrown out")
    assert (await bot.user(ana)).standing.membership == "member"
    assert (await bot.user(ben)).standing.membership == "applicant"
