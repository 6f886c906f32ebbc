"""The audit of the door: who changed the community, made and ended invite links, and let whom in."""

from __future__ import annotations

import asyncio
from typing import Any

from domain.community import LINK
from domain.users import ADMIN, MODERATOR, User
from handlers.auth.roles import grant_role
from handlers.invites import accept_invite
from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.api.test_applications import ask, newcomer, set_door
from tests.factories import MakeUser


async def entries(client: Client, actor: User, **query: str) -> list[dict[str, Any]]:
    """Return the audit, newest first."""
    async with client(actor).get("/api/moderation/audit", params=query) as answer:
        assert answer.status == 200
        found: list[dict[str, Any]] = await answer.json()
    return found


async def test_each_change_of_the_community_is_noted_with_what_it_changes(client: Client, make_user: MakeUser) -> None:
    ada, olga = await make_user("Ada", role=ADMIN), await make_user("Olga", role=ADMIN)
    await ask(client, ada, "PUT", "/api/community", {"name": "Harbour", "rules": "Be on time."})
    await ask(client, ada, "PUT", "/api/community", {"name": "Harbour"})  # changes nothing
    both = [
        ask(client, ada, "PUT", "/api/community", {"about": "Neighbours"}),
        ask(client, olga, "PUT", "/api/community", {"join": "approval"}),
    ]
    await asyncio.gather(*both)
    first, *later = reversed(await entries(client, ada))
    assert (first["action"], first["by"], first["before"]["name"]) == ("community.changed", ada.id, "")
    assert first["after"] == {"name": "Harbour", "rules": "Be on time.", "rules_version": 1}
    assert sorted((entry["by"], *entry["after"].items()) for entry in later) == sorted(
        [(ada.id, ("about", "Neighbours")), (olga.id, ("join", "approval"))]
    )


async def test_links_made_and_ended_are_noted_and_the_code_stays_out(client: Client, make_user: MakeUser) -> None:
    ada, mona = await make_user("Ada", role=ADMIN), await make_user("Mona", role=MODERATOR)
    await ask(client, ada, "PUT", "/api/community", {"name": "Harbour", "members_may_invite": True})
    ben = await make_user("Ben")
    _, first = await ask(client, ben, "POST", "/api/invites", {})
    _, second = await ask(client, ben, "POST", "/api/invites", {})  # ends the first
    for _ in range(2):
        await ask(client, mona, "DELETE", f"/api/invites/{second['_id']}")
    noted = [entry for entry in await entries(client, mona, about=ben.id) if entry["action"].startswith("invite.")]
    said = [(entry["action"], entry["by"], entry["after"]["invite_id"]) for entry in reversed(noted)]
    assert said[0] == ("invite.made", ben.id, first["_id"])
    assert sorted(said[1:3]) == [("invite.ended", ben.id, first["_id"]), ("invite.made", ben.id, second["_id"])]
    assert said[3:] == [("invite.ended", mona.id, second["_id"])]
    assert first["code"] not in str(noted)
    assert second["code"] not in str(noted)


async def test_who_let_whom_in_by_a_link_or_by_a_role_is_noted_once(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    admin = await set_door(deps, make_user, LINK)
    _, invite = await ask(client, admin, "POST", "/api/invites", {})
    ana, zoe = await newcomer(deps, "Ana"), await newcomer(deps, "Zoe")
    for _ in range(2):
        ana = await accept_invite(deps, ana, invite["code"])
    await grant_role(deps, zoe.id, MODERATOR)
    (came,) = await entries(client, admin, about=ana.id)
    assert (came["action"], came["by"], came["after"]) == ("joined.link", admin.id, {"invite_id": invite["_id"]})
    (staff,) = await entries(client, admin, about=zoe.id)
    assert (staff["action"], staff["by"]) == ("joined.staff", None)
