"""Membership by the community's Telegram group: leaving it, the week of grace, coming back, and a bot that cannot see
it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from bson import ObjectId

from bot.sandbox import Group, Message
from domain.community import APPROVAL, GROUP, CommunityChanges
from domain.events import SWAP_PARTNER_GONE
from domain.joining import BY_GROUP
from domain.swaps import ACCEPTED, CANCELLED, PARTNER_GONE
from domain.users import ADMIN, BANNED, MODERATOR, User
from handlers import standing
from handlers.applications import find_application
from handlers.audit import list_audit
from handlers.community import change_community, get_community
from handlers.exits import go_on_with_exits
from handlers.joining import make_member
from handlers.swaps import Proposal, get_swap, propose_swap
from tests.factories import insert_swap, insert_user, later, recipients_of
from tests.moved_clock import MoveClock

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

MISSED, BACK, ENDED, LET_IN = (
    "I can't see you in the group",
    "Welcome back in the group",
    "You have not been in the group",
    "has let you in",
)
UNSEEN, SEEN = "nobody was thrown out", "I can see again"


@dataclass
class Town:
    """A community whose door is a group: Olga has founded both; Gil, Ana and Ben are in the group."""

    stage: Stage
    group: Group
    olga: User
    gil: User
    ben: User

    async def user(self, user: User) -> User:
        found = await self.stage.deps.store.users.find(user.id)
        assert found is not None
        return found

    async def until_looked_at(self, *users: User) -> None:
        """Return as soon as Telegram has been asked about these, and nobody else is due."""

        async def is_done() -> bool:
            deps = self.stage.deps
            docs = deps.store.database.collection("users").find({"_id": {"$in": [ObjectId(u.id) for u in users]}})
            all_asked = all([doc.get("group_check_at") is not None async for doc in docs])
            return all_asked and not await deps.store.group_checks.due(deps.now(), limit=1)

        await self.stage.until(is_done)

    async def look_now(self) -> None:
        self.stage.runners[-1].group_watch.wake()
        await self.until_looked_at(self.olga, self.gil, self.ben)

    async def leaves(self, user: User) -> Message:
        await self.stage.sandbox.groups.leave(self.group.id, id_of(user))
        return await self.stage.sees(user, MISSED)

    async def membership(self, user: User) -> str:
        return (await self.user(user)).standing.membership

    def told(self, user: User) -> list[str]:
        """Return the news about the group that this user was sent, in order."""
        words = (MISSED, BACK, ENDED, LET_IN, UNSEEN, SEEN)
        return [
            word for message in self.stage.chat(user) if message.from_bot for word in words if word in message.words
        ]


def id_of(user: User) -> int:
    assert user.telegram_id is not None
    return user.telegram_id


@pytest.fixture
async def town(stage: Stage) -> Town:
    olga = await stage.person("Olga", "chess", "singing", role=ADMIN)
    gil = await stage.person("Gil", "guitar", "Python")
    ben = await stage.person("Ben", "Python", "guitar")
    await change_community(stage.deps, olga, CommunityChanges(name="Harbour"))
    groups = stage.sandbox.groups
    group = await groups.create("Neighbours", id_of(olga), id_of(gil), id_of(ben))
    await groups.add_bot(group.id, id_of(olga), as_admin=True)
    await groups.send_text(group.id, id_of(olga), "/members")
    await stage.sandbox.wait_for(group.id, "Done")
    town = Town(stage, group, olga, gil, ben)
    await town.look_now()
    return town


async def test_whoever_leaves_has_a_week_and_a_link_and_is_told_once(town: Town, move_clock: MoveClock) -> None:
    deps, swap = town.stage.deps, await insert_swap(town.stage.deps, town.gil, town.ben, status=ACCEPTED)
    letter = await town.leaves(town.gil)
    link = (await get_community(deps)).group_link
    assert link
    assert link in letter.words
    assert (await get_community(deps)).name in letter.words
    await move_clock(days=3)
    await town.look_now()
    gone = await town.user(town.gil)
    assert (gone.standing.membership, gone.is_listed) == ("member", True)
    assert (await get_swap(deps, town.ben, swap.id)).status == ACCEPTED
    assert town.told(town.gil) == [MISSED]


async def test_back_in_time_everything_is_as_before(town: Town, move_clock: MoveClock) -> None:
    deps, swap = town.stage.deps, await insert_swap(town.stage.deps, town.gil, town.ben, status=ACCEPTED)
    await town.leaves(town.gil)
    await move_clock(days=6)
    assert not await town.stage.sandbox.groups.follow_link(
        town.group.id, id_of(town.gil), (await get_community(deps)).group_link
    )  # asks to be let in: the bot grants it
    await town.stage.sees(town.gil, BACK)
    await move_clock(days=8)
    await town.look_now()
    assert await town.membership(town.gil) == "member"
    assert (await get_swap(deps, town.ben, swap.id)).status == ACCEPTED
    assert town.told(town.gil) == [MISSED, BACK]


async def test_after_a_week_membership_ends_partners_hear_it_and_coming_back_lets_in(
    town: Town, move_clock: MoveClock
) -> None:
    deps, swap = town.stage.deps, await insert_swap(town.stage.deps, town.gil, town.ben, status=ACCEPTED)
    await town.leaves(town.gil)
    await move_clock(days=7, seconds=1)
    await town.stage.sees(town.gil, ENDED)
    await town.stage.until(lambda: _is(town, town.gil, "applicant"))
    await go_on_with_exits(later(deps, timedelta(minutes=5)))
    ended = await get_swap(deps, town.ben, swap.id)
    assert (ended.status, ended.end_reason) == (CANCELLED, PARTNER_GONE)
    assert await recipients_of(deps.store.database, swap.id, SWAP_PARTNER_GONE) == [town.ben.id]
    assert not (await town.user(town.gil)).is_listed
    door = await town.stage.says(town.gil, "/start", "members of our group")
    assert "👥 Open the group" in town.stage.buttons(door)
    assert [entry.action for entry in await list_audit(deps, town.olga, about=town.gil.id)] == ["leave"]

    await town.stage.sandbox.groups.add(town.group.id, id_of(town.gil), id_of(town.olga))
    await town.stage.sees(town.gil, LET_IN)
    back = await town.user(town.gil)
    assert (back.standing.membership, back.joining.how, back.joining.left_group_at) == ("member", BY_GROUP, None)
    assert back.is_listed
    assert town.told(town.gil) == [MISSED, ENDED, LET_IN]
    actions = [entry.action for entry in await list_audit(deps, town.olga, about=town.gil.id)]
    assert actions == ["joined.group", "leave"]


async def _is(town: Town, user: User, membership: str) -> bool:
    return await town.membership(user) == membership


async def test_removed_from_the_group_counts_as_leaving_and_restricted_inside_does_not(town: Town) -> None:
    groups = town.stage.sandbox.groups
    await groups.restrict(town.group.id, id_of(town.ben), id_of(town.olga))
    await groups.remove(town.group.id, id_of(town.gil), id_of(town.olga))
    await town.stage.sees(town.gil, MISSED)
    await town.look_now()
    assert (await town.user(town.ben)).joining.left_group_at is None
    await town.leaves(town.ben)  # restricted, and not in the group any more


async def test_staff_and_those_who_were_never_in_the_group_remain(town: Town, move_clock: MoveClock) -> None:
    deps, groups = town.stage.deps, town.stage.sandbox.groups
    await deps.store.users.set_role(town.gil.id, MODERATOR)
    stranger = await town.stage.person("Sam", "chess", "Python")
    from_web = await insert_user(deps, "Wim", email="wim@example.org")
    await groups.leave(town.group.id, id_of(town.gil))
    for _ in range(2):
        await move_clock(days=8)
        await town.look_now()
        await town.until_looked_at(stranger)
    for user in (town.gil, stranger, from_web):
        known = await town.user(user)
        assert (known.standing.membership, known.joining.left_group_at) == ("member", None), known.name
    assert not town.told(town.gil)
    await deps.store.users.set_role(town.gil.id, "member")
    await move_clock(days=1, seconds=1)
    await town.stage.sees(town.gil, MISSED)
    await deps.store.users.set_role(town.gil.id, MODERATOR)  # and is needed again
    await move_clock(days=8)
    await town.look_now()
    await deps.store.users.set_role(town.gil.id, "member")
    await move_clock(days=1, seconds=1)
    await town.stage.until(lambda: len(town.told(town.gil)) == 2)
    assert town.told(town.gil) == [MISSED, MISSED]  # a week anew


async def test_an_admin_who_writes_in_the_groups_name_is_in_it(town: Town, move_clock: MoveClock) -> None:
    groups = town.stage.sandbox.groups
    await groups.promote(town.group.id, id_of(town.gil), id_of(town.olga))
    await groups.be_anonymous(town.group.id, id_of(town.gil))
    await move_clock(days=2)
    await town.look_now()
    assert (await town.user(town.gil)).joining.left_group_at is None


async def test_an_admin_who_writes_in_the_groups_name_makes_it_the_door(stage: Stage) -> None:
    olga = await stage.person("Olga", "chess", "singing", role=ADMIN)
    gil = await stage.person("Gil", "guitar", "Python", role=MODERATOR)
    await change_community(stage.deps, olga, CommunityChanges(name="Harbour"))
    groups = stage.sandbox.groups
    group = await groups.create("Neighbours", id_of(olga), id_of(gil))
    await groups.add_bot(group.id, id_of(olga), as_admin=True)
    await groups.be_anonymous(group.id, id_of(olga))
    await groups.send_text(group.id, id_of(olga), "/members")
    asked = await stage.sandbox.wait_for(group.id, "I cannot see who you are")
    await groups.press(group.id, id_of(gil), asked.id, "✅ It's me")
    await stage.until(lambda: stage.toasts(gil))
    assert (await get_community(stage.deps)).group_chat_id is None
    await groups.press(group.id, id_of(olga), asked.id, "✅ It's me")
    await stage.sandbox.wait_for(group.id, "Done")
    assert (await get_community(stage.deps)).group_chat_id == group.id


@pytest.mark.parametrize("way", ["demoted", "removed"])
async def test_nobody_is_thrown_out_while_the_bot_cannot_look_and_admins_hear_it_once(
    town: Town, move_clock: MoveClock, way: str
) -> None:
    groups, olga = town.stage.sandbox.groups, id_of(town.olga)
    await town.leaves(town.gil)
    await (groups.demote_bot if way == "demoted" else groups.remove_bot)(town.group.id, olga)
    await town.stage.sees(town.olga, UNSEEN)
    for _ in range(3):
        await move_clock(days=8)
        town.stage.runners[-1].group_watch.doubt()
        await town.stage.until_all_delivered()
    assert await town.membership(town.gil) == "member"
    assert town.told(town.olga) == [UNSEEN]
    if way == "removed":
        await groups.add_bot(town.group.id, olga, as_admin=True)
    else:
        await groups.promote_bot(town.group.id, olga)
    await town.stage.sees(town.olga, SEEN)
    await town.stage.sees(town.gil, ENDED)  # the week was over long ago
    assert town.told(town.olga) == [UNSEEN, SEEN]


async def test_nobody_is_thrown_out_while_telegram_is_away(town: Town, move_clock: MoveClock) -> None:
    await town.leaves(town.gil)
    town.stage.sandbox.fail("getChatMember", times=50, status=502)
    await move_clock(days=8)
    town.stage.runners[-1].group_watch.doubt()
    await town.stage.until_all_delivered()
    assert await town.membership(town.gil) == "member"
    assert not town.told(town.olga)
    town.stage.sandbox.behave()
    town.stage.runners[-1].group_watch.wake()
    await town.stage.sees(town.gil, ENDED)


async def test_a_supergroup_takes_over_the_grace_of_the_group(stage: Stage, move_clock: MoveClock) -> None:
    olga = await stage.person("Olga", "chess", "singing", role=ADMIN)
    gil = await stage.person("Gil", "guitar", "Python")
    ben = await stage.person("Ben", "Python", "guitar")
    await change_community(stage.deps, olga, CommunityChanges(name="Harbour"))
    groups = stage.sandbox.groups
    group = await groups.create("Neighbours", id_of(olga), id_of(gil), id_of(ben), is_supergroup=False)
    await groups.add_bot(group.id, id_of(olga), as_admin=True)
    await groups.send_text(group.id, id_of(olga), "/members")
    await stage.sandbox.wait_for(group.id, "Done")
    town = Town(stage, group, olga, gil, ben)
    await town.look_now()
    await town.leaves(gil)
    fresh = await groups.upgrade(group.id, id_of(olga))

    async def is_moved() -> bool:
        return (await get_community(stage.deps)).group_chat_id == fresh.id

    await stage.until(is_moved)
    assert (await get_community(stage.deps)).group_link == ""  # those into the old group lead nowhere
    await groups.leave(fresh.id, id_of(ben))
    await stage.sees(ben, MISSED)
    await move_clock(days=7, seconds=1)
    await stage.sees(gil, ENDED)
    assert town.told(gil) == [MISSED, ENDED]


async def test_another_door_for_a_time_ends_every_grace(town: Town, move_clock: MoveClock) -> None:
    deps = town.stage.deps
    await town.leaves(town.gil)
    await change_community(deps, town.olga, CommunityChanges(join=APPROVAL))
    await move_clock(days=30)
    assert await town.membership(town.gil) == "member"
    await change_community(deps, town.olga, CommunityChanges(join=GROUP))
    await town.stage.until(lambda: len(town.told(town.gil)) == 2)
    assert town.told(town.gil) == [MISSED, MISSED]  # and a whole week anew
    await move_clock(days=6)
    await town.look_now()
    assert await town.membership(town.gil) == "member"
    await move_clock(days=1, seconds=5)
    await town.stage.sees(town.gil, ENDED)


async def test_a_banned_person_in_the_group_stays_banned(town: Town, move_clock: MoveClock) -> None:
    deps, groups = town.stage.deps, town.stage.sandbox.groups
    await standing.ban(deps, town.olga, town.gil.id, reason="rude", is_final=True)
    await groups.leave(town.group.id, id_of(town.gil))
    await groups.ask_to_join(town.group.id, id_of(town.gil))
    await town.stage.until(lambda: str(id_of(town.gil)) not in town.stage.sandbox.groups.all[0].requests)
    assert not town.stage.sandbox.groups.all[0].has(id_of(town.gil))
    await groups.add(town.group.id, id_of(town.gil), id_of(town.olga))
    await move_clock(days=9)
    await town.look_now()
    banned = await town.user(town.gil)
    assert (banned.status, town.told(town.gil)) == (BANNED, [])


async def test_a_stranger_who_asks_to_join_is_written_to_and_waits_for_the_groups_admins(town: Town) -> None:
    groups, sam = town.stage.sandbox.groups, town.stage.sandbox.add_person("Sam").id
    await groups.ask_to_join(town.group.id, sam)
    await town.stage.sandbox.wait_for(sam, "You have asked to join the group of Harbour")
    assert str(sam) in groups.all[0].requests
    assert await town.stage.deps.store.users.find_by_telegram(sam) is None


async def test_whoever_applied_and_is_let_in_gets_into_the_group_by_their_request(town: Town) -> None:
    deps, groups = town.stage.deps, town.stage.sandbox.groups
    sam = town.stage.sandbox.add_person("Sam").id
    await town.stage.sandbox.send_text(sam, "/start")
    await town.stage.sandbox.wait_for(sam, "members of our group")
    await groups.ask_to_join(town.group.id, sam)
    await town.stage.sandbox.wait_for(sam, "You have asked to join")
    user = await deps.store.users.find_by_telegram(sam)
    assert user is not None
    assert await find_application(deps, user.id) is not None
    await make_member(deps, user)
    town.stage.runners[-1].group_watch.wake()
    await town.stage.until(lambda: groups.all[0].has(sam))


async def test_a_request_for_a_swap_has_telegram_asked_but_not_each_time(town: Town, move_clock: MoveClock) -> None:
    deps = town.stage.deps
    users = deps.store.database.collection("users")

    async def asked_at() -> object:
        return ((await users.find_one({"_id": ObjectId(town.gil.id)})) or {}).get("group_checked_at")

    first = await asked_at()
    swap = await propose_swap(deps, town.gil, Proposal(town.ben.id, "guitar", "Python"))
    await town.look_now()
    assert await asked_at() == first  # a moment ago
    await move_clock(minutes=11)
    await standing.require_right(deps, town.gil, "ask")
    await town.look_now()
    assert await asked_at() != first
    assert swap.status == "pending"
