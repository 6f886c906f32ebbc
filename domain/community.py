"""The community that this service is for: its name, its rules, and how people come in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from domain.errors import Invalid
from domain.text import clean_line, clean_text

MAX_COMMUNITY_NAME: Final = 64
MAX_ABOUT: Final = 300
MAX_RULES: Final = 3000
MAX_CONTACT: Final = 200
MAX_QUESTION: Final = 200
MAX_LANGUAGES: Final = 8

OPEN, LINK, APPROVAL, GROUP = "open", "link", "approval", "group"
JOIN_MODES: Final = (OPEN, LINK, APPROVAL, GROUP)
"""How people come in: whoever finds the service, by an invite link, let in by a moderator, or as a member of a
Telegram group."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")  # ISO 639


@dataclass(frozen=True, slots=True)
class Community:
    """The one community of a deployment. `version` is 0 before anybody has set it up.

    `rules_version` counts the changes of the rules; 0 without rules. `group_chat_id` is the members' group in Telegram,
    `staff_chat_id` that of the moderators, with its topic. `languages` are codes of ISO 639.
    """

    name: str = ""
    about: str = ""
    photo_url: str | None = None
    rules: str = ""
    rules_version: int = 0
    languages: tuple[str, ...] = ()
    contact: str = ""
    join: str = OPEN
    question: str = ""
    group_chat_id: int | None = None
    staff_chat_id: int | None = None
    staff_thread_id: int | None = None
    staff_locale: str = ""
    """The language of cards in the moderators' group: that of the admin who has made it theirs."""
    members_may_invite: bool = False
    version: int = 0
    group_tied_at: datetime | None = None
    """Time at which the members' group became this one; its change into a supergroup is no other group."""
    group_since: datetime | None = None
    """Time at which the door last became that of the group."""
    group_unseen_at: datetime | None = None
    """Since when the bot cannot see who is in the group; None while it can."""
    group_link: str = ""
    """Link into the group, for whoever has left it."""

    @property
    def is_set_up(self) -> bool:
        """Return whether an admin has given it a name."""
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class CommunityChanges:
    """Changes of the community; None leaves a field as it is, "" (0 for an id) empties it."""

    name: str | None = None
    about: str | None = None
    photo_url: str | None = None
    rules: str | None = None
    languages: tuple[str, ...] | None = None
    contact: str | None = None
    join: str | None = None
    question: str | None = None
    group_chat_id: int | None = None
    staff_chat_id: int | None = None
    staff_thread_id: int | None = None
    members_may_invite: bool | None = None

    def given(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value is not None}


_LINES: Final[Mapping[str, int]] = {"name": MAX_COMMUNITY_NAME, "contact": MAX_CONTACT}
_TEXTS: Final[Mapping[str, int]] = {"about": MAX_ABOUT, "question": MAX_QUESTION, "rules": MAX_RULES}
_OR_NONE: Final = ("photo_url", "group_chat_id", "staff_chat_id", "staff_thread_id")


def with_changes(community: Community, changes: CommunityChanges) -> Community:
    """Return the community with the changes, cleaned and bounded. Raises Invalid naming the field.

    Other rules are the next version of the rules: members are asked to agree to them anew.
    """
    given = changes.given()
    for name, max_length in _LINES.items():
        if name in given:
            given[name] = clean_line(given[name], name, max_length=max_length, required=name == "name")
    for name, max_length in _TEXTS.items():
        if name in given:
            given[name] = clean_text(given[name], name, max_length=max_length, required=False)
    for name in _OR_NONE:
        if name in given:
            given[name] = given[name] or None
    if "languages" in given:
        given["languages"] = tuple(dict.fromkeys(given["languages"]))
        if len(given["languages"]) > MAX_LANGUAGES or not all(map(_LANGUAGE.fullmatch, given["languages"])):
            raise Invalid("community.languages", field="languages", max=MAX_LANGUAGES)
    if given.get("join", OPEN) not in JOIN_MODES:
        raise Invalid("community.join", field="join")
    if given.get("rules", community.rules) != community.rules:
        given["rules_version"] = community.rules_version + 1
    after = replace(community, **given)
    if after.join == GROUP and after.group_chat_id is None:
        raise Invalid("community.no_group", field="join")
    return after


def with_group_noted(before: Community, after: Community, at: datetime) -> Community:
    """Return the community after a change, with the times from which its group counts, as a group and as the door."""
    if after.group_chat_id != before.group_chat_id:
        after = replace(after, group_tied_at=at, group_link="")
    if after.join == GROUP and (before.join != GROUP or after.group_chat_id != before.group_chat_id):
        after = replace(after, group_since=at, group_unseen_at=None)
    return after
