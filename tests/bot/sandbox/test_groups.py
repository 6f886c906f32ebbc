"""Groups of the sandbox: what a bot is told about them and may do in them, as python-telegram-bot reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden
from telegram.ext import CallbackQueryHandler, CommandHandler, ContextTypes

from bot.sandbox import Group, Person, Sandbox
from tests.bot.sandbox.conftest import App, bot_for

MARKUP = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data="take")]])
ANONYMOUS = 1087968824


@pytest.fixture
async def li(sandbox: Sandbox) -> Person:
    """Somebody who has not started the bot."""
    return sandbox.add_person("Li", username="li_example")


@pytest.fixture
async def group(sandbox: Sandbox, ana: Person, li: Person) -> Group:
    """Ana's group, with Li in it, and the bot as an administrator."""
    group = await sandbox.groups.create("Moderators", ana.id, li.id)
    await sandbox.groups.add_bot(group.id, ana.id, as_admin=True)
    return group


async def news(bot: Bot, kinds: list[str] | None = None) -> list[Update]:
    """Return the updates that have come since the last call."""
    updates = await bot.get_updates(allowed_updates=kinds or Update.ALL_TYPES)
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return list(updates)


async def test_bot_hears_that_it_was_added_appointed_demoted_and_removed(
    sandbox: Sandbox, telegram: Bot, ana: Person
) -> None:
    group = await sandbox.groups.create("Moderators", ana.id)
    await news(telegram)
    await sandbox.groups.add_bot(group.id, ana.id)
    await sandbox.groups.promote_bot(group.id, ana.id, can_invite_users=False)
    await sandbox.groups.demote_bot(group.id, ana.id)
    await sandbox.groups.remove_bot(group.id, ana.id)
    updates = await news(telegram)
    changes = [update.my_chat_member for update in updates if update.my_chat_member]
    assert [(change.old_chat_member.status, change.new_chat_member.status) for change in changes] == [
        ("left", "member"),
        ("member", "administrator"),
        ("administrator", "member"),
        ("member", "kicked"),
    ]
    assert {(change.chat.id, change.chat.type, change.from_user.id) for change in changes} == {
        (group.id, "supergroup", ana.id)
    }
    assert getattr(changes[1].new_chat_member, "can_invite_users", None) is False
    [service] = [update.message for update in updates if update.message]
    assert [user.id for user in service.new_chat_members] == [telegram.bot.id]


async def test_bot_outside_a_group_is_refused_there(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    group = await sandbox.groups.create("Moderators", ana.id)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await telegram.send_message(group.id, "hello")
    await sandbox.groups.add_bot(group.id, ana.id)
    sent = await telegram.send_message(group.id, "hello")
    await sandbox.groups.remove_bot(group.id, ana.id)
    for call in (telegram.send_message(group.id, "x"), telegram.edit_message_text("x", group.id, sent.message_id)):
        with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
            await call


async def test_members_of_a_group_are_read_with_all_their_fields(
    sandbox: Sandbox, telegram: Bot, group: Group, ana: Person, li: Person
) -> None:
    mia = sandbox.add_person("Mia")
    assert (await telegram.get_chat_member(group.id, ana.id)).status == "creator"
    assert (await telegram.get_chat_member(group.id, li.id)).status == "member"
    assert (await telegram.get_chat_member(group.id, mia.id)).status == "left"
    assert (await telegram.get_chat_member(group.id, telegram.bot.id)).status == "administrator"
    with pytest.raises(BadRequest, match="User not found"):
        await telegram.get_chat_member(group.id, 42)
    await sandbox.groups.promote(group.id, li.id, ana.id)
    admins = await telegram.get_chat_administrators(group.id)
    assert {admin.user.id for admin in admins} == {ana.id, li.id, telegram.bot.id}
    await sandbox.groups.remove(group.id, li.id, ana.id)
    assert (await telegram.get_chat_member(group.id, li.id)).status == "kicked"
    assert await telegram.get_chat_member_count(group.id) == 2
    chat = await telegram.get_chat(group.id)
    assert (chat.type, chat.title, chat.permissions is not None) == ("supergroup", "Moderators", True)


async def test_hidden_members_are_read_by_an_administrator_only(
    sandbox: Sandbox, telegram: Bot, group: Group, ana: Person, li: Person
) -> None:
    group.hides_members = True
    assert (await telegram.get_chat_member(group.id, li.id)).status == "member"
    await sandbox.groups.demote_bot(group.id, ana.id)
    with pytest.raises(BadRequest, match="Member list is inaccessible"):
        await telegram.get_chat_member(group.id, li.id)
    assert (await telegram.get_chat_member(group.id, telegram.bot.id)).status == "member"


async def test_members_come_and_go_as_updates_for_an_administrator(
    sandbox: Sandbox, telegram: Bot, group: Group, ana: Person, li: Person
) -> None:
    mia = sandbox.add_person("Mia")
    await news(telegram)
    await sandbox.groups.add(group.id, mia.id, ana.id)
    await sandbox.groups.leave(group.id, li.id)
    updates = await news(telegram)
    changes = [update.chat_member for update in updates if update.chat_member]
    assert [(c.new_chat_member.user.id, c.new_chat_member.status) for c in changes] == [
        (mia.id, "member"),
        (li.id, "left"),
    ]
    left = [update.message.left_chat_member for update in updates if update.message]
    assert [user.id for user in left if user] == [li.id]
    await sandbox.groups.demote_bot(group.id, ana.id)
    await news(telegram)
    await sandbox.groups.leave(group.id, mia.id)
    assert not [update for update in await news(telegram) if update.chat_member]


async def test_changes_of_members_are_not_sent_unless_asked_for(
    sandbox: Sandbox, telegram: Bot, group: Group, li: Person
) -> None:
    await telegram.get_updates(allowed_updates=[])
    await sandbox.groups.leave(group.id, li.id)
    assert not [update for update in await telegram.get_updates() if update.chat_member]


async def test_plain_member_hears_commands_and_replies_only(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    group = await sandbox.groups.create("Moderators", ana.id)
    await sandbox.groups.add_bot(group.id, ana.id)
    sent = await telegram.send_message(group.id, "a card")
    await news(telegram)
    for text in ("hello all", "/here", "/here@SomeOtherBot", f"/here@{telegram.username}", f"@{telegram.username} hi"):
        await sandbox.groups.send_text(group.id, ana.id, text)
    await sandbox.groups.send_text(group.id, ana.id, "an answer", reply_to=sent.message_id)
    heard = [update.message.text for update in await news(telegram) if update.message]
    assert heard == ["/here", f"/here@{telegram.username}", f"@{telegram.username} hi", "an answer"]
    await sandbox.groups.promote_bot(group.id, ana.id)
    await sandbox.groups.send_text(group.id, ana.id, "hello all")
    assert [update.message.text for update in await news(telegram) if update.message] == ["hello all"]


async def test_commands_and_presses_name_the_member_and_the_group(
    sandbox: Sandbox, application: App, group: Group, ana: Person, li: Person
) -> None:
    presses: list[CallbackQuery] = []

    async def show(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_chat is not None
        await context.bot.send_message(update.effective_chat.id, "a card", reply_markup=MARKUP)

    async def take(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query is not None
        presses.append(update.callback_query)
        await update.callback_query.answer(f"Taken by {update.callback_query.from_user.first_name}")
        await update.callback_query.edit_message_text("taken")

    application.add_handler(CommandHandler("here", show))
    application.add_handler(CallbackQueryHandler(take))
    await sandbox.groups.send_text(group.id, ana.id, "/here")
    card = await sandbox.wait_for(group.id, "a card")
    await sandbox.groups.press(group.id, li.id, card.id, "Take")
    assert (await sandbox.wait_for(group.id, "taken")).id == card.id
    assert presses[0].from_user.id == li.id
    assert presses[0].message is not None
    assert presses[0].message.chat.id == group.id
    assert [toast.text for toast in sandbox.toasts(li.id)] == ["Taken by Li"]
    assert sandbox.toasts(ana.id) == []
    with pytest.raises(ValueError, match="only a member"):
        await sandbox.groups.press(group.id, sandbox.add_person("Mia").id, card.id, "Take")


async def test_anonymous_administrator_writes_as_the_group_and_presses_as_themselves(
    sandbox: Sandbox, telegram: Bot, group: Group, ana: Person
) -> None:
    await sandbox.groups.be_anonymous(group.id, ana.id)
    card = await telegram.send_message(group.id, "a card", reply_markup=MARKUP)
    await news(telegram)
    await sandbox.groups.send_text(group.id, ana.id, "/here")
    await sandbox.groups.press(group.id, ana.id, card.message_id, "take")
    written, pressed = await news(telegram)
    assert written.message is not None
    assert written.message.from_user is not None
    assert written.message.sender_chat is not None
    assert (written.message.from_user.id, written.message.sender_chat.id) == (ANONYMOUS, group.id)
    assert pressed.callback_query is not None
    assert pressed.callback_query.from_user.id == ana.id
    owner = await telegram.get_chat_member(group.id, ana.id)
    assert getattr(owner, "is_anonymous", None) is True


async def test_topics_have_messages_of_their_own(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    forum = await sandbox.groups.create("Community", ana.id, is_forum=True)
    await sandbox.groups.add_bot(forum.id, ana.id)
    topic = await sandbox.groups.open_topic(forum.id, ana.id, "Moderation")
    await news(telegram)
    await sandbox.groups.send_text(forum.id, ana.id, "/here", thread_id=topic)
    await sandbox.groups.send_text(forum.id, ana.id, "/here")
    inside, general = [update.message for update in await news(telegram) if update.message]
    assert (inside.message_thread_id, inside.is_topic_message) == (topic, True)
    assert inside.reply_to_message is not None
    assert inside.reply_to_message.forum_topic_created is not None
    assert (general.message_thread_id, general.is_topic_message) == (None, None)
    sent = await telegram.send_message(forum.id, "a card", message_thread_id=topic)
    assert (sent.message_thread_id, sandbox.chat(forum.id)[-1].thread_id) == (topic, topic)
    await sandbox.groups.close_topic(forum.id, topic)
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await telegram.send_message(forum.id, "x", message_thread_id=topic)
    await sandbox.groups.delete_topic(forum.id, topic)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await telegram.send_message(forum.id, "x", message_thread_id=topic)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await telegram.edit_message_text("x", forum.id, sent.message_id)


async def test_reply_in_a_group_without_topics_is_in_a_thread_but_in_no_topic(
    sandbox: Sandbox, telegram: Bot, group: Group, ana: Person
) -> None:
    card = await telegram.send_message(group.id, "a card")
    await news(telegram)
    await sandbox.groups.send_text(group.id, ana.id, "an answer", reply_to=card.message_id)
    [answer] = [update.message for update in await news(telegram) if update.message]
    assert (answer.message_thread_id, answer.is_topic_message) == (card.message_id, None)
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.message_id == card.message_id


async def test_basic_group_moves_to_a_supergroup_with_another_id(
    sandbox: Sandbox, telegram: Bot, ana: Person, li: Person
) -> None:
    group = await sandbox.groups.create("Moderators", ana.id, li.id, is_supergroup=False)
    await sandbox.groups.add_bot(group.id, ana.id)
    card = await telegram.send_message(group.id, "a card")
    await news(telegram)
    fresh = await sandbox.groups.upgrade(group.id, ana.id)
    old, new = [update.message for update in await news(telegram) if update.message]
    assert (old.chat.id, old.migrate_to_chat_id) == (group.id, fresh.id)
    assert (new.chat.id, new.chat.type, new.migrate_from_chat_id) == (fresh.id, "supergroup", group.id)
    for call in (telegram.send_message(group.id, "x"), telegram.edit_message_text("x", group.id, card.message_id)):
        with pytest.raises(ChatMigrated) as moved:
            await call
        assert moved.value.new_chat_id == fresh.id
    await telegram.send_message(fresh.id, "here now")
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await telegram.edit_message_text("x", fresh.id, card.message_id)
    assert (await telegram.get_chat_member(fresh.id, li.id)).status == "member"


async def test_request_to_join_opens_a_chat_and_is_decided(
    sandbox: Sandbox, telegram: Bot, group: Group, ana: Person
) -> None:
    mia, tom = sandbox.add_person("Mia"), sandbox.add_person("Tom")
    link = await telegram.create_chat_invite_link(group.id, name="Spring", creates_join_request=True)
    await news(telegram)
    assert await sandbox.groups.follow_link(group.id, mia.id, link.invite_link) is False
    await sandbox.groups.ask_to_join(group.id, tom.id, bio="A friend of Ana's")
    by_link, by_button = [update.chat_join_request for update in await news(telegram) if update.chat_join_request]
    assert (by_link.chat.id, by_link.from_user.id) == (group.id, mia.id)
    assert by_link.invite_link is not None
    assert by_link.invite_link.name == "Spring"
    assert (by_button.bio, by_button.invite_link) == ("A friend of Ana's", None)
    await telegram.send_message(by_link.user_chat_id, "Why would you like to join?")
    await telegram.approve_chat_join_request(group.id, mia.id)
    await telegram.decline_chat_join_request(group.id, tom.id)
    assert (await telegram.get_chat_member(group.id, mia.id)).status == "member"
    assert (await telegram.get_chat_member(group.id, tom.id)).status == "left"
    with pytest.raises(BadRequest, match=r"(?i)user_already_participant"):
        await telegram.approve_chat_join_request(group.id, mia.id)
    with pytest.raises(BadRequest, match=r"(?i)hide_requester_missing"):
        await telegram.approve_chat_join_request(group.id, tom.id)
    await sandbox.groups.promote_bot(group.id, ana.id, can_invite_users=False)
    await sandbox.groups.ask_to_join(group.id, tom.id)
    with pytest.raises(BadRequest, match="Not enough rights"):
        await telegram.approve_chat_join_request(group.id, tom.id)


async def test_stranger_who_asks_to_join_can_be_written_to_for_five_minutes(
    sandbox: Sandbox, telegram: Bot, group: Group, li: Person
) -> None:
    mia = sandbox.add_person("Mia")
    with pytest.raises(BadRequest, match="Chat not found"):
        await telegram.send_message(mia.id, "Why?")
    await sandbox.groups.ask_to_join(group.id, mia.id)
    await telegram.send_message(mia.id, "Why?")
    mia.may_be_written_until -= 5 * 60
    with pytest.raises(BadRequest, match="Chat not found"):
        await telegram.send_message(mia.id, "Why?")


async def test_invite_link_is_used_up_and_revoked(sandbox: Sandbox, telegram: Bot, group: Group) -> None:
    mia, tom, bo = (sandbox.add_person(name) for name in ("Mia", "Tom", "Bo"))
    link = await telegram.create_chat_invite_link(group.id, member_limit=1)
    assert await sandbox.groups.follow_link(group.id, mia.id, link.invite_link)
    with pytest.raises(LookupError, match="no longer valid"):
        await sandbox.groups.follow_link(group.id, tom.id, link.invite_link)
    other = await telegram.create_chat_invite_link(group.id)
    assert (await telegram.revoke_chat_invite_link(group.id, other.invite_link)).is_revoked
    with pytest.raises(LookupError, match="no longer valid"):
        await sandbox.groups.follow_link(group.id, bo.id, other.invite_link)


async def test_plain_bot_is_refused_what_takes_rights(
    sandbox: Sandbox, telegram: Bot, group: Group, ana: Person
) -> None:
    sent = await telegram.send_message(group.id, "a card")
    assert await telegram.pin_chat_message(group.id, sent.message_id)
    await sandbox.groups.demote_bot(group.id, ana.id)
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages"):
        await telegram.pin_chat_message(group.id, sent.message_id)
    with pytest.raises(BadRequest, match="Not enough rights to manage chat invite link"):
        await telegram.create_chat_invite_link(group.id)
    group.permissions["can_send_messages"] = False
    with pytest.raises(BadRequest, match="Not enough rights to send text messages"):
        await telegram.send_message(group.id, "x")


async def test_bot_that_leaves_is_out(telegram: Bot, group: Group) -> None:
    await telegram.leave_chat(group.id)
    with pytest.raises(Forbidden, match="not a member"):
        await telegram.send_message(group.id, "x")


async def test_groups_are_kept_over_a_restart(tmp_path: Path) -> None:
    first = Sandbox(state_file=tmp_path / "state")
    await first.start()
    ana, li = first.add_person("Ana"), first.add_person("Li")
    forum = await first.groups.create("Moderators", ana.id, li.id, is_forum=True)
    await first.groups.add_bot(forum.id, ana.id, as_admin=True)
    topic = await first.groups.open_topic(forum.id, ana.id, "Cases")
    await first.groups.send_text(forum.id, li.id, "hello", thread_id=topic)
    await first.stop()
    second = Sandbox(state_file=tmp_path / "state")
    await second.start()
    try:
        [kept] = second.groups.all
        assert (kept.id, kept.title, kept.status(ana.id)) == (forum.id, "Moderators", "creator")
        message = second.chat(forum.id)[-1]
        assert (message.text, message.sender_id, message.thread_id) == ("hello", li.id, topic)
        async with bot_for(second) as bot:
            await bot.send_message(forum.id, "still here", message_thread_id=topic)
            other = await second.groups.create("Other", ana.id)
        assert other.id != forum.id
    finally:
        await second.stop()


async def test_people_do_only_what_their_place_in_the_group_allows(
    sandbox: Sandbox, group: Group, ana: Person, li: Person
) -> None:
    mia = sandbox.add_person("Mia")
    for refused in (
        sandbox.groups.add_bot(group.id, li.id),
        sandbox.groups.promote(group.id, li.id, li.id),
        sandbox.groups.remove(group.id, ana.id, mia.id),
    ):
        with pytest.raises(ValueError, match="only an administrator"):
            await refused
    with pytest.raises(ValueError, match="only a member"):
        await sandbox.groups.send_text(group.id, mia.id, "hi")
    with pytest.raises(LookupError):
        await sandbox.groups.send_text(-1, mia.id, "hi")
    assert group.status(mia.id) == "left"
