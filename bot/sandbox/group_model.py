"""Data of a group: its members, topics and invite links. Shapes inside are those of the Bot API."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.sandbox.model import Json

CREATOR, ADMINISTRATOR, MEMBER, RESTRICTED, LEFT, KICKED = (
    "creator", "administrator", "member", "restricted", "left", "kicked",
)  # fmt: skip
INSIDE = (CREATOR, ADMINISTRATOR, MEMBER, RESTRICTED)
ADMINS = (CREATOR, ADMINISTRATOR)
ANONYMOUS_ADMIN: Json = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
"""The account that the messages of an administrator come from who has chosen to remain anonymous."""

RIGHTS: Json = {
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": True,
    "can_restrict_members": True,
    "can_promote_members": False,
    "can_change_info": True,
    "can_invite_users": True,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
    "can_pin_messages": True,
}
"""Rights of an administrator, as Telegram's apps offer them at first."""

PERMISSIONS: Json = {
    "can_send_messages": True,
    "can_send_audios": True,
    "can_send_documents": True,
    "can_send_photos": True,
    "can_send_videos": True,
    "can_send_video_notes": True,
    "can_send_voice_notes": True,
    "can_send_polls": True,
    "can_send_other_messages": True,
    "can_add_web_page_previews": True,
    "can_react_to_messages": True,
    "can_edit_tag": False,
    "can_change_info": False,
    "can_invite_users": True,
    "can_pin_messages": False,
    "can_manage_topics": False,
}
"""Permissions of plain members."""


def is_inside(member: Json) -> bool:
    """Return whether a kept member, or a ChatMember, is in the group: a restricted one may have left."""
    return member.get("status") in INSIDE and bool(member.get("is_member", True))


@dataclass(slots=True)
class Group:
    """A group chat. `members` has everybody who was ever in it, the bot too: {status, is_anonymous?, rights?}.

    JSON has texts for keys, so ids of members and of topics are texts there.
    """

    id: int
    title: str
    is_supergroup: bool = True
    is_forum: bool = False
    hides_members: bool = False
    """Only administrators may ask about others."""
    permissions: Json = field(default_factory=lambda: dict(PERMISSIONS))
    members: dict[str, Json] = field(default_factory=dict)
    topics: dict[str, Json] = field(default_factory=dict)
    """Topics by the id of the message that opened them: {name, is_closed}; "General" has no entry."""
    links: dict[str, Json] = field(default_factory=dict)
    """Invite links by address: the Bot API's ChatInviteLink, and `used` as often as somebody came by it."""
    requests: dict[str, Json] = field(default_factory=dict)
    """Requests to join by user: {link, at}."""
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None

    @property
    def kind(self) -> str:
        """Return the type of the chat: "group" or "supergroup"."""
        return "supergroup" if self.is_supergroup else "group"

    def status(self, user_id: int) -> str:
        return str(self.members.get(str(user_id), {}).get("status", LEFT))

    def has(self, user_id: int) -> bool:
        return is_inside(self.members.get(str(user_id), {}))

    def is_admin(self, user_id: int) -> bool:
        return self.status(user_id) in ADMINS

    def is_anonymous(self, user_id: int) -> bool:
        return self.is_admin(user_id) and bool(self.members[str(user_id)].get("is_anonymous"))

    def may(self, user_id: int, right: str) -> bool:
        """Return whether an administrator has a right; the owner has all of them."""
        found = self.members.get(str(user_id), {})
        return found.get("status") == CREATOR or bool(
            found.get("status") == ADMINISTRATOR and found.get("rights", {}).get(right)
        )

    def member_json(self, user: Json) -> Json:
        """Return the ChatMember of a user."""
        found = self.members.get(str(user["id"]), {})
        shown: Json = {"user": user, "status": found.get("status", LEFT)}
        if shown["status"] == CREATOR:
            shown["is_anonymous"] = bool(found.get("is_anonymous"))
        elif shown["status"] == ADMINISTRATOR:
            topics = {"can_manage_topics": self.is_forum} if self.is_supergroup else {}
            shown |= {"can_be_edited": False, "is_anonymous": bool(found.get("is_anonymous"))}
            shown |= {**RIGHTS, **topics, **found.get("rights", {})}
        elif shown["status"] == RESTRICTED:
            shown |= {**PERMISSIONS, **self.permissions, "can_send_messages": False, "until_date": 0}
            shown["is_member"] = found.get("is_member", True)
        elif shown["status"] == KICKED:
            shown["until_date"] = 0
        return shown

    def as_chat(self) -> Json:
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.kind, "title": self.title, **forum}

    def as_json(self) -> Json:
        return asdict(self)


def link_json(link: Json, pending: int) -> Json:
    """Return the ChatInviteLink of a kept link."""
    shown: dict[str, Any] = {key: value for key, value in link.items() if key != "used"}
    return {**shown, **({"pending_join_request_count": pending} if pending else {})}
