"""Linked accounts of a user, and merging two profiles of one person.

A merge needs both sides: one profile issues a code, the other one enters it and is moved to the first.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import Conflict, Invalid, NotFound
from domain.standing import EDIT
from domain.swaps import MAX_PAGE
from domain.users import User
from handlers.auth.identities import EMAIL, TELEGRAM
from handlers.blocks import end_with_blocked
from handlers.joining import settle_application
from handlers.records import count_records
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import Rate
from handlers.standing import require_right
from handlers.users import get_user

TELEGRAM_ACCOUNT: Final = TELEGRAM.encode().hex().rjust(24, "0")
EMAIL_ACCOUNT: Final = EMAIL.encode().hex().rjust(24, "0")
"""Ids of the two accounts that are fields of the profile and have no row of their own; the same for every user."""
CODE_LIVES: Final = timedelta(minutes=10)
CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no characters that are mistaken for others
CODE_LENGTH: Final = 8
MAX_CODE_INPUT: Final = 40
CODES: Final = Rate(burst=5, seconds=60)
GUESSES: Final = Rate(burst=5, seconds=60)


PROVIDER_NAMES: Final = {
    "telegram": "Telegram",
    "telegram-oidc": "Telegram",
    "telegram-link": "Telegram",
    "google": "Google",
    "github": "GitHub",
    "oidc": "OpenID Connect",
}


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """One account by which a user can sign in. `id` names it for `unlink`; `label` is the address of a mail account,
    else "".

    `created_at` is None for the Telegram account and the mail address of the profile.
    """

    id: str
    provider: str
    label: str = ""
    created_at: datetime | None = None

    @property
    def name(self) -> str:
        """The mail address, or the provider's name."""
        return self.label or name_of_provider(self.provider)


def name_of_provider(provider: str) -> str:
    """Return the name by which people know a provider."""
    return PROVIDER_NAMES.get(provider, provider)


async def list_linked_accounts(deps: Deps, actor: User) -> list[LinkedAccount]:
    """Return all linked accounts of this user."""
    found: list[LinkedAccount] = []
    if actor.telegram_id is not None:
        found.append(LinkedAccount(TELEGRAM_ACCOUNT, TELEGRAM))
    if actor.email is not None:
        found.append(LinkedAccount(EMAIL_ACCOUNT, EMAIL, actor.email))
    for row in await deps.store.accounts.list_of(actor.id):
        found.append(LinkedAccount(row.id, row.provider, row.subject if row.provider == EMAIL else "", row.created_at))
    return found


async def unlink(deps: Deps, actor: User, account_id: str) -> User:
    """Unlink one account. Raises NotFound, and Conflict `account.last_one`: the last one stays, or the user could not
    return."""
    await require_right(deps, actor, EDIT)
    person = await get_user(deps, actor.id)
    accounts = await list_linked_accounts(deps, person)
    if all(account.id != account_id for account in accounts):
        raise NotFound("account.not_found")
    if len(accounts) == 1:
        raise Conflict("account.last_one")
    field = {TELEGRAM_ACCOUNT: "telegram_id", EMAIL_ACCOUNT: "email"}.get(account_id)
    after = await deps.store.accounts.unlink(person, account_id=None if field else account_id, field=field)
    if after is None:  # another account was unlinked, or the profile changed, at the same moment
        raise Conflict("user.changed")
    if account_id == TELEGRAM_ACCOUNT and person.telegram_id is not None:
        await deps.store.messages.forget_copies(person.id, person.telegram_id)
        await deps.store.dialogs.forget(person.telegram_id)
    return after


async def offer_merge(deps: Deps, actor: User) -> tuple[str, datetime]:
    """Return a code by which another profile of the same person can be merged into this one, valid once, for ten
    minutes. Raises TooMany."""
    await require_right(deps, actor, EDIT)
    deps.rates.take("merge_code", actor.id, CODES, at=deps.now())
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    expires_at = deps.now() + CODE_LIVES
    await deps.store.merges.offer(actor.id, code, expires_at=expires_at)
    return f"{code[:4]}-{code[4:]}", expires_at


async def preview_merge(deps: Deps, actor: User, code: str) -> User:
    """Return the profile that would survive. Raises Invalid `merge.code` (unknown, used, expired), Conflict,
    TooMany."""
    await require_right(deps, actor, EDIT)
    deps.rates.take("merge_guess", actor.id, GUESSES, at=deps.now())
    survivor_id = await deps.store.merges.find_offer(clean_code(code), at=deps.now())
    survivor = await deps.store.users.find(survivor_id) if survivor_id else None
    if survivor is None:
        raise Invalid("merge.code", field="code")
    if survivor.id == actor.id:
        raise Conflict("merge.with_yourself")
    if survivor.telegram_id is not None and actor.telegram_id is not None:
        raise Conflict("merge.two_telegrams")
    return survivor


async def accept_merge(deps: Deps, actor: User, code: str) -> User:
    """Move everything of the actor to the profile that issued the code and return that profile. Raises as
    `preview_merge`.

    The actor's sessions end. Swaps, messages, photos and accounts move in one transaction. Swaps that are then open
    with a user whom one of the two has blocked, or who has blocked one of them, end.
    """
    await require_right(deps, actor, EDIT)
    await preview_merge(deps, actor, code)
    at = deps.now()
    survivor = await deps.store.merges.merge(clean_code(code), loser_id=actor.id, at=at)
    if survivor is None:
        raise Invalid("merge.code", field="code")
    await deps.store.merges.move_late(actor.id, survivor.id, at=at)
    await settle_application(deps, survivor, merged=actor.id)
    await end_with_blocked(deps, survivor)
    await deps.store.departures.announce(survivor.id, due_at=deps.now())  # the name of the merged profile goes
    completed = await deps.store.swaps.completed_since(survivor.id, at - timedelta(milliseconds=1), limit=MAX_PAGE)
    await count_records(deps, {survivor.id, *(person for swap in completed for person in swap.participants)})
    return survivor


def clean_code(code: str) -> str:
    """Return a typed code in its canonical form: no hyphens, no spaces, capitals."""
    return "".join(letter for letter in code[:MAX_CODE_INPUT].upper() if letter.isalnum())
