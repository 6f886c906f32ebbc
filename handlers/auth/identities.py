"""Identities: the account that a person has proved to own, and the user that it belongs to.

A Telegram account and a mail address are fields of the user (both unique); every other account, including a second
address, has a row of its own. Two users are never joined because their addresses are equal: the account is linked while
signed in, or the two profiles are merged from both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.errors import Conflict, Forbidden, Invalid
from domain.languages import locale_or_default
from domain.users import ADMIN, BANNED, DELETED, User
from handlers.bars import account_name, admitted, require_not_barred
from handlers.joining import insert_newcomer, make_member
from handlers.runtime.deps import Deps
from handlers.users import newcomer_of, register_email_user, register_telegram_user
from storage.mongodb.database import new_id

EMAIL, TELEGRAM = "email", "telegram"
MAX_SUBJECT_LENGTH = 255  # the bound of OpenID Connect
MAX_TELEGRAM_ID = 2**52  # Telegram promises at most 52 significant bits
MAX_TRIES = 5


def is_telegram_id(value: object) -> bool:
    """Return whether a value from outside is the id of a Telegram user."""
    return type(value) is int and 0 < value < MAX_TELEGRAM_ID


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity as a provider vouches for it. `email` is normalised; `telegram_id` is set for every proof by
    Telegram."""

    provider: str
    subject: str
    name: str | None = None
    email: str | None = None
    is_email_verified: bool = False
    picture: str | None = None
    telegram_id: int | None = None
    locale: str | None = None


async def sign_in(deps: Deps, identity: Identity, *, linking: User | None = None) -> User:
    """Return the user of this identity, registered if need be. With `linking` (the user who is signed in) the account
    is linked to that user.

    Raises Conflict `auth.account_not_linked` (the verified address belongs to another user), `auth.linked_elsewhere`
    (the account is linked to another user), `auth.already_linked` (the user has another Telegram account), and
    Forbidden `auth.banned`.
    """
    if not 0 < len(identity.subject) <= MAX_SUBJECT_LENGTH or not identity.subject.isprintable():
        raise Invalid("auth.provider_failed")
    holder = await find_holder(deps, identity)
    if linking is not None:
        if holder is not None and holder.id != linking.id:
            raise Conflict("auth.linked_elsewhere")
        if holder is None:
            await _require_not_barred(deps, identity)
        return holder or await _attach(deps, identity, linking)
    user = holder or await _register(deps, identity)
    if user.status == BANNED:
        raise Forbidden("auth.banned")
    return user


async def _require_not_barred(deps: Deps, identity: Identity) -> None:
    """Raise Forbidden for an account that a banned person has signed in with, or its verified mail address."""
    names = [account_name(identity.provider, identity.subject)]
    names += [account_name(EMAIL, identity.email)] if identity.email and identity.is_email_verified else []
    await require_not_barred(deps, names)


async def find_holder(deps: Deps, identity: Identity) -> User | None:
    """Return the user whom this identity signs in; None for a new identity."""
    users = deps.store.users
    if identity.telegram_id is not None:
        return await users.find_by_telegram(identity.telegram_id)
    if identity.provider == EMAIL and (user := await users.find_by_email(identity.subject)) is not None:
        return user
    account = await deps.store.accounts.find(identity.provider, identity.subject)
    user = await users.find(account.user_id) if account else None
    return user if user is not None and user.status != DELETED else None


async def _attach(deps: Deps, identity: Identity, user: User) -> User:
    users = deps.store.users
    if identity.telegram_id is not None:
        attached = await users.attach(user.id, "telegram_id", identity.telegram_id)
        if attached is None:
            raise Conflict("auth.already_linked" if user.telegram_id else "auth.linked_elsewhere")
        if identity.telegram_id in deps.admin_telegram_ids:
            return await make_member(deps, await users.set_role(user.id, ADMIN) or attached)
        return attached
    if identity.provider == EMAIL and user.email is None:
        attached = await users.attach(user.id, "email", identity.subject)
        if attached is not None:
            return attached
        if await users.find_by_email(identity.subject):
            raise Conflict("auth.linked_elsewhere")
    await _own_row(deps, identity, user.id)  # also of a second address
    return user


async def _own_row(deps: Deps, identity: Identity, user_id: str) -> None:
    """Assign the account's row to this user. Raises Conflict when another user has it by now."""
    accounts = deps.store.accounts
    for _ in range(MAX_TRIES):
        if await accounts.insert(user_id, identity.provider, identity.subject, at=deps.now()):
            return
        found = await accounts.find(identity.provider, identity.subject)
        if found is None:  # unlinked in between
            continue
        if found.user_id == user_id:
            return
        owner = await deps.store.users.find(found.user_id)
        if owner is not None and owner.status != DELETED:
            break
        if await accounts.move(found, user_id):
            return
    raise Conflict("auth.linked_elsewhere")


async def _register(deps: Deps, identity: Identity) -> User:
    if identity.telegram_id is not None:
        return await register_telegram_user(deps, identity.telegram_id, identity.name, identity.locale, is_public=True)
    if identity.provider == EMAIL:
        return await register_email_user(deps, identity.subject, identity.name, locale_or_default(identity.locale))
    email = identity.email if identity.is_email_verified else None
    await _require_not_barred(deps, identity)
    if email and await find_holder(deps, Identity(EMAIL, email)):
        return await _made_meanwhile(deps, identity)
    name = account_name(identity.provider, identity.subject)
    for _ in range(MAX_TRIES):
        user_id = await _row_for_newcomer(deps, identity)
        newcomer = newcomer_of(deps, identity.name, locale_or_default(identity.locale))
        user = await admitted(deps, replace(newcomer, id=user_id, email=email), name)
        if (inserted := await insert_newcomer(deps, user)) is not None:
            return inserted
        known = await deps.store.users.find(user_id)
        if known is not None and known.status != DELETED:  # the same sign-in, twice at the same time
            return known
        if email and await find_holder(deps, Identity(EMAIL, email)):
            return await _made_meanwhile(deps, identity)
    raise Conflict("user.changed")


async def _made_meanwhile(deps: Deps, identity: Identity) -> User:
    """Return the user with the identity's address if it is the same account signing in twice at the same time.

    The account's row is written before the user, so that it exists as soon as the user does.
    """
    if holder := await find_holder(deps, identity):
        return holder
    raise Conflict("auth.account_not_linked")


async def _row_for_newcomer(deps: Deps, identity: Identity) -> str:
    """Return the id under which the user of this account is, or will be, stored."""
    accounts = deps.store.accounts
    wanted = new_id()
    if await accounts.insert(wanted, identity.provider, identity.subject, at=deps.now()):
        return wanted
    found = await accounts.find(identity.provider, identity.subject)
    if found is None:
        return await _row_for_newcomer(deps, identity)
    erased = await deps.store.users.find(found.user_id)
    if erased is not None and erased.status == DELETED and await accounts.move(found, wanted):
        return wanted
    return found.user_id
