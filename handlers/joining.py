"""The door: who is a member at once, who applies, and what lets somebody in."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.applications import begin
from domain.community import APPROVAL, GROUP, LINK, OPEN, Community
from domain.joining import BY_APPROVAL, BY_GROUP, BY_LINK, BY_STAFF, Joining
from domain.staff_cards import APPLICATION
from domain.standing import APPLICANT, INVITE
from domain.users import ACTIVE, MEMBER, User
from handlers.audit import SERVICE, new_entry
from handlers.community import get_community, service_name
from handlers.letters import new_letter
from handlers.runtime.deps import Deps
from handlers.staff_cards import show_staff_card
from storage.standings import Told

CLOSED: Final = (LINK, APPROVAL, GROUP)


async def at_the_door(deps: Deps, newcomer: User) -> User:
    """Return a newcomer as they stand at first: a member while the door is open, and if they are to be staff."""
    community = await get_community(deps)
    if community.join == OPEN or newcomer.role != MEMBER:
        return newcomer
    return replace(newcomer, standing=replace(newcomer.standing, membership=APPLICANT))


async def insert_newcomer(deps: Deps, newcomer: User) -> User | None:
    """Store a new user, with an application if the door is closed. None when this identity is taken.

    The application is stored first: whoever is kept out has one, also when the process is killed in between.
    """
    newcomer = await at_the_door(deps, newcomer)
    if not is_applicant(newcomer):
        return newcomer if await deps.store.users.insert(newcomer) else None
    await deps.store.applications.begin(begin(newcomer.id, deps.now()))
    if await deps.store.users.insert(newcomer):
        return newcomer
    await deps.store.applications.erase(newcomer.id)
    return None


def is_applicant(user: User) -> bool:
    """Return whether the user waits at the door; whoever decides about others does not."""
    return user.standing.membership == APPLICANT and not user.is_moderator


def is_complete(user: User) -> bool:
    """Return whether a profile is complete: in Telegram after the last question, else with a skill on each side."""
    return user.can_match and (user.onboarded or user.telegram_id is None)


def may_answer_questions(community: Community, user: User) -> bool:
    """Return whether it is of use to make a profile: whoever needs a link or a group first does that first."""
    return not is_applicant(user) or community.join in (OPEN, APPROVAL) or bool(user.joining.invite_id)


async def make_member(deps: Deps, user: User, how: str = BY_STAFF, *, letter: str = "") -> User:
    """Let a user in without an application: staff, and those whom a group or an open door lets in."""
    if user.standing.membership != APPLICANT:
        return user
    return await _let_in(deps, user, how, letter=letter)


async def settle_application(deps: Deps, user: User, *, merged: str) -> None:
    """After a merge: whoever is a member has no open application, and its card follows the one that stays."""
    if not is_applicant(user):
        await deps.store.applications.end(user.id)
    for subject in (user.id, merged):
        if await deps.store.staff_cards.find(APPLICATION, subject) is not None:
            await show_staff_card(deps, APPLICATION, subject)


async def _let_in(deps: Deps, user: User, how: str, *, by: str = SERVICE, letter: str = "") -> User:
    """Let a user in; an application that is still open ends, and its card with it.

    `by` is who has let them in, for the audit; `letter` is the kind of letter that tells them, if one is to.
    """
    now = deps.now()
    seen_at = now if how == BY_GROUP else None
    entry = new_entry(deps, by=by, action=f"joined.{how}", about=user.id, after={"invite_id": user.joining.invite_id})
    told = Told(*await new_letter(deps, user.id, letter, community=service_name(deps))) if letter else None
    member = await deps.store.memberships.let_in(
        user.id,
        Joining(how=how, at=now, seen_in_group_at=seen_at),
        entry=None if how == BY_APPROVAL else entry,  # the decision about an application has an entry of its own
        told=told,
    )
    if await deps.store.applications.end(user.id):
        await show_staff_card(deps, APPLICATION, user.id)
    if how != BY_GROUP and user.telegram_id is not None:  # a request of theirs to join the group may be waiting
        await deps.store.group_checks.want_at_once(user.telegram_id, at=now)
    return member or user


async def take_up_invite(deps: Deps, user: User) -> User:
    """Let in whoever came by a link and has completed their profile now: the link counts once, here.

    When the link was used up, or taken back, or its author may not invite any more, nothing changes.
    """
    if user.joining.at is not None or not user.joining.invite_id or not is_complete(user):
        return user
    invite = await deps.store.invites.find(user.joining.invite_id)
    if invite is None or invite.revoked_at is not None or not await is_by_member(deps, invite.by):
        return user
    if not await deps.store.invites.use(invite.id, user.id):
        return user
    community = await get_community(deps)
    author = await deps.store.users.find(invite.by)
    if is_applicant(user) and community.join == APPROVAL and not (author is not None and author.is_moderator):
        return user  # the moderators see who has invited them
    return await _let_in(deps, user, BY_LINK, by=invite.by)


async def is_by_member(deps: Deps, user_id: str) -> bool:
    """Return whether this user may invite others now: links of banned, suspended and departed people lead nowhere."""
    author = await deps.store.users.find(user_id)
    if author is None or author.status != ACTIVE or is_applicant(author):
        return False
    return author.refused_as(INVITE, deps.now()) is None
