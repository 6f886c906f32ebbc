"""Bars: what keeps a banned person from coming back by another account, and what somebody returns with who has deleted
theirs while moderators had decided something about them.

Kept are digests by the secret of the service, never an address or an id of Telegram.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.errors import Forbidden, NotFound
from domain.mail_addresses import mailbox_of
from domain.standing import stricter
from domain.users import BANNED, DELETED, User
from handlers.runtime.deps import Deps
from storage.bars import Bar

EMAIL, TELEGRAM = "email", "telegram"


def account_name(provider: str, subject: str) -> str:
    """Return the name of an account at a provider, as bars know it: a mail address by the mailbox that it reaches."""
    return f"{provider}:{mailbox_of(subject) if provider == EMAIL else subject}"


async def add_bars(deps: Deps, person: User) -> None:
    """Bar everything that this person signs in with: for good after a ban, else to be met again with the standing that
    they leave with."""
    names = [account_name(row.provider, row.subject) for row in await deps.store.accounts.list_of(person.id)]
    names += [account_name(TELEGRAM, str(person.telegram_id))] if person.telegram_id is not None else []
    names += [account_name(EMAIL, person.email)] if person.email else []
    is_ban = person.status == BANNED
    digests = [deps.session_tokens.digests(name)[0] for name in dict.fromkeys(names)]
    await deps.store.bars.add([Bar(digest, person.id, deps.now(), is_ban, person.standing) for digest in digests])
    if is_ban:  # also what was kept of the accounts that they have deleted before
        await deps.store.bars.turn_into_bans(await _ids_of(deps, person.id))


async def bar_departed(deps: Deps, person: User) -> None:
    """Make what was kept of somebody who has left a ban. Raises NotFound when nothing was kept."""
    people = await _ids_of(deps, person.id)
    if not await deps.store.bars.list_about(people):
        raise NotFound("user.not_found")
    await deps.store.bars.turn_into_bans(people)


async def is_barred(deps: Deps, person: User) -> bool:
    """Return whether an account of this person is a banned one."""
    return any(bar.is_ban for bar in await deps.store.bars.list_about(await _ids_of(deps, person.id)))


async def lift_bars(deps: Deps, person: User) -> None:
    """End the bars of this person, for all their accounts."""
    await deps.store.bars.lift(await _ids_of(deps, person.id))
    if person.status != DELETED:
        await deps.store.bars.forget(person.id)


async def returned_as(deps: Deps, person: User) -> list[User]:
    """Return the users as whom somebody who has left has come back."""
    people = await deps.store.users.find_many(await _ids_of(deps, person.id))
    return [one for one in people.values() if one.id != person.id and one.status != DELETED]


async def find_barred(deps: Deps, name: str) -> User | None:
    """Return the user from whom the bar of this account (`account_name`) was taken."""
    bars = await deps.store.bars.find(deps.session_tokens.digests(name))
    return await deps.store.users.find(bars[0].user_id) if bars else None


async def _ids_of(deps: Deps, user_id: str) -> set[str]:
    """Return the ids of all users who are one person with this one: each has signed in with an account of another."""
    known, found = set[str](), {user_id}
    while found - known:
        known = found
        found = known.union(*(bar.people for bar in await deps.store.bars.list_about(known)))
    return known


async def require_not_barred(deps: Deps, names: Sequence[str]) -> list[Bar]:
    """Return what is kept about the accounts of these names. Raises Forbidden when one of them is a banned person's."""
    bars = await deps.store.bars.find([digest for name in names for digest in deps.session_tokens.digests(name)])
    if any(bar.is_ban for bar in bars):
        raise Forbidden("auth.banned")
    return bars


async def is_account_barred(deps: Deps, name: str) -> bool:
    """Return whether the account of this name (`account_name`) is a banned person's."""
    return any(bar.is_ban for bar in await deps.store.bars.find(deps.session_tokens.digests(name)))


async def admitted(deps: Deps, newcomer: User, *names: str) -> User:
    """Return the newcomer, with the standing of the one who has left with one of these accounts. Raises Forbidden for a
    banned person's."""
    own = [account_name(TELEGRAM, str(newcomer.telegram_id))] if newcomer.telegram_id is not None else []
    own += [account_name(EMAIL, newcomer.email)] if newcomer.email else []
    bars = await require_not_barred(deps, [*own, *names])
    if bars:
        await deps.store.bars.note_return([bar.digest for bar in bars], newcomer.id)
    for bar in bars:
        kept = replace(bar.standing, membership=newcomer.standing.membership)
        newcomer = replace(newcomer, standing=stricter(newcomer.standing, kept))
    return newcomer
