"""Users: registration, profiles, deletion."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from domain.availability import is_zone
from domain.errors import Conflict, Invalid, NotFound
from domain.events import event_of_status
from domain.languages import DEFAULT_LOCALE, locale_or_default
from domain.mail_addresses import kept_form
from domain.skill_lists import names_nothing
from domain.standing import EDIT, LEAVE, READ_OTHERS
from domain.swaps import OPEN
from domain.text import cut_line
from domain.users import ADMIN, BANNED, DELETED, MAX_NAME_LENGTH, MEMBER, ProfileChanges, User, apply_changes
from handlers.bars import add_bars, admitted
from handlers.circles import withdraw_from_circles
from handlers.joining import insert_newcomer, take_up_invite
from handlers.notifications import deliveries_to
from handlers.records import note_change
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import PROFILES
from handlers.standing import require_right
from handlers.swaps import ended_without
from storage.mongodb.database import new_id

MAX_TRIES = 12
RETRY_JITTER = 0.005
NAMELESS = "New member"

OWN_COMFORT = frozenset(("locale", "notifications"))
"""Fields of a profile that nobody else sees: everybody may change these."""

FAREWELL_AFTER = timedelta(seconds=1)
"""Delay of the news that a swap has ended with an account: it is worded when the name is gone."""

ANNOUNCED_WITHIN = timedelta(minutes=1)
"""Time within which others' chats forget the name even when the process dies in the middle of a deletion."""


async def find_telegram_user(deps: Deps, telegram_id: int) -> User | None:
    """Return the user of a Telegram account; None before registration."""
    return await deps.store.users.find_by_telegram(telegram_id)


async def register_telegram_user(
    deps: Deps, telegram_id: int, name: str | None, language_code: str | None, *, is_public: bool = False
) -> User:
    """Return or register the user of a Telegram account.

    In the bot a new user stays private until the question of who may find them is answered; other channels do not ask
    it, and give `is_public`.
    """
    newcomer = replace(
        newcomer_of(deps, name, locale_or_default(language_code)),
        telegram_id=telegram_id,
        is_public=is_public,
        role=ADMIN if telegram_id in deps.admin_telegram_ids else MEMBER,
    )
    return await _find_or_insert(deps, newcomer, lambda: deps.store.users.find_by_telegram(telegram_id))


async def register_email_user(deps: Deps, email: str, name: str | None, locale: str = DEFAULT_LOCALE) -> User:
    """Return or register the user of a verified mail address, which must be normalised."""
    newcomer = newcomer_of(deps, name, locale)
    return await _find_or_insert(deps, replace(newcomer, email=email), lambda: deps.store.users.find_by_email(email))


def newcomer_of(deps: Deps, name: str | None, locale: str) -> User:
    """Return a new user: public, as the contract has it, and so listed as soon as there is a skill to be listed for.

    A name that cannot be used is replaced.
    """
    try:
        usable_name = cut_line(name or "", "name", max_length=MAX_NAME_LENGTH)
    except Invalid:
        usable_name = NAMELESS
    return User(id=new_id(), name=usable_name, created_at=deps.now(), locale=locale, onboarded=False)


async def _find_or_insert(deps: Deps, newcomer: User, find: Callable[[], Awaitable[User | None]]) -> User:
    """Return the existing user or insert the newcomer: one user for any number of simultaneous calls. Raises Forbidden
    for the account of a banned person."""
    for _ in range(MAX_TRIES):
        known = await find()
        if known is not None:
            return known
        admitted_one = await admitted(deps, newcomer)
        if (inserted := await insert_newcomer(deps, admitted_one)) is not None:
            return inserted
        await asyncio.sleep(
            random.random() * RETRY_JITTER
        )  # another call was faster, and its insert is about to be visible
    raise Conflict("user.changed")


async def get_user(deps: Deps, user_id: str) -> User:
    """Return the actor's or a partner's full profile. Raises NotFound."""
    user = await deps.store.users.find(user_id)
    if user is None or user.status == DELETED:
        raise NotFound("user.not_found")
    return user


async def get_people(deps: Deps, user_ids: tuple[str, ...]) -> dict[str, User]:
    """Return the users that still exist, by id."""
    return await deps.store.users.find_many(user_ids)


async def view_user(deps: Deps, actor: User, user_id: str) -> User:
    """Return a public profile; private, absent, blocked and deleted look the same. Raises NotFound, TooMany."""
    if user_id != actor.id:
        await require_right(deps, actor, READ_OTHERS)
    deps.rates.take("profile", actor.id, PROFILES, at=deps.now())
    user = await deps.store.users.find(user_id)
    if user is None or not (user.is_listed or user.id == actor.id):
        raise NotFound("user.not_found")
    if await deps.store.blocks.pairs_among((actor.id, user.id)):
        raise NotFound("user.not_found")
    return user


async def update_profile(deps: Deps, actor: User, changes: ProfileChanges) -> User:
    """Change the given fields; changes made meanwhile by another channel are kept. Raises Invalid, NotFound.

    A photo address must be of a photo that this user has uploaded, or "" for none. The previous photo is removed last,
    when nothing refers to it.
    """
    await require_right(deps, actor, LEAVE if changes.given().keys() <= OWN_COMFORT else EDIT)
    if changes.photo_url:
        await _require_own_photo(deps, actor, changes.photo_url)
    if (
        changes.timezone
        and changes.timezone != actor.timezone
        and not await asyncio.to_thread(is_zone, changes.timezone)
    ):
        raise Invalid("timezone.unknown", field="timezone")
    before, after = await _change(deps, actor, changes)
    after = await take_up_invite(deps, after)
    if before.photo_url and before.photo_url != after.photo_url:
        await deps.photos.release(before.photo_url, owner_id=actor.id)
    return after


async def _change(deps: Deps, actor: User, changes: ProfileChanges) -> tuple[User, User]:
    """Change the profile and return it before and after."""
    before = actor
    for _ in range(MAX_TRIES):
        after = apply_changes(before, changes, deps.vocabulary.key_of)
        _require_accepted(deps, before, after)
        if await deps.store.users.replace_profile(before, after):
            return before, after
        await asyncio.sleep(random.random() * RETRY_JITTER)
        before = await get_user(deps, actor.id)
    raise Conflict("user.changed")


def _require_accepted(deps: Deps, before: User, after: User) -> None:
    """Require that no rejected skill is added, and nothing that names none ("-", "nothing"); one that is listed already
    may stay."""
    had = {*before.offered_keys, *before.wanted_keys}
    for field, keys, skills in (
        ("skills_offered", after.offered_keys, after.skills_offered),
        ("skills_wanted", after.wanted_keys, after.skills_wanted),
    ):
        for key, skill in zip(keys, skills, strict=True):
            if key in had:
                continue
            if names_nothing(skill, deps.list_words):
                raise Invalid("skills.nothing", field=field, skill=skill)
            if key in deps.vocabulary.rejected:
                raise Invalid("skills.not_accepted", field=field, skill=skill)


async def _require_own_photo(deps: Deps, actor: User, url: str) -> None:
    if url == actor.photo_url:
        return
    photo = await deps.photos.find_by_url(url)
    if photo is None or photo.owner_id != actor.id:
        raise Invalid("photo.not_yours", field="photo_url")


async def delete_account(deps: Deps, actor: User) -> None:
    """Delete a user: open swaps end, partners are notified, messages, photos, profile and sessions are erased, and the
    others' chats forget the name.

    Each step can be repeated: after a crash the user asks again; the profile is erased last.
    """
    if actor.status == BANNED or not actor.standing.is_plain or await deps.store.cases.find_open(actor.id) is not None:
        await add_bars(deps, actor)  # no way back by another account, also when moderators decide later
    await _withdraw(deps, actor)
    await deps.store.match_decisions.erase(actor.id)
    await deps.store.blocks.erase(actor.id)
    await deps.store.matches.erase(actor.id)
    await deps.store.alerts.erase(actor.id)
    await deps.store.reviews.erase(actor.id)
    await deps.store.reports.erase_by(actor.id)
    await deps.store.screening.erase(actor.id)
    await deps.store.circle_news.erase(actor.id)
    await deps.store.letters.erase(actor.id)
    await deps.store.correspondences.erase(actor.id)
    await deps.store.applications.erase(actor.id)
    await deps.store.invites.erase(actor.id)
    await deps.store.login_links.erase(actor.id)
    await deps.store.calendar_feeds.erase(actor.id)
    if actor.email:
        await deps.store.verification_tokens.erase(kept_form(actor.email))
    await deps.store.idempotency.erase(actor.id)
    await deps.store.accounts.erase(actor.id)
    await deps.store.sessions.erase(actor.id)
    await deps.photos.doom_owned(actor.id)
    if actor.telegram_id is not None:
        await deps.store.messages.forget_copies(actor.id, actor.telegram_id)
        await deps.store.dialogs.forget(actor.telegram_id)
        await deps.store.telegram_updates.erase_dead(actor.telegram_id)
    await deps.store.staff_cards.forget_user(actor.id)
    # Nobody can ask again after a crash that follows the erasure: the chats are then brought up to date all the same.
    await deps.store.departures.announce(actor.id, due_at=deps.now() + ANNOUNCED_WITHIN)
    await deps.store.users.erase(actor.id, at=deps.now())
    await _withdraw(deps, actor)  # written while the rest was erased
    await deps.store.departures.announce(actor.id, due_at=deps.now())
    await deps.store.staff_cards.show_naming(actor.id, at=deps.now())


async def _withdraw(deps: Deps, person: User) -> None:
    """End a user's open swaps, and erase their texts."""
    await withdraw_from_circles(deps, person)
    while swaps := await deps.store.swaps.list_of(person.id, statuses=OPEN):
        for swap in swaps:  # one that is changed by another request meanwhile comes again in the next round
            ended = ended_without(person, swap, deps.now())
            event, at = event_of_status(ended.status), deps.now() + FAREWELL_AFTER
            deliveries = await deliveries_to(deps, swap.others(person.id), event, at=at)
            if await deps.store.swaps.replace(swap, ended, deliveries):
                await note_change(deps, swap, ended)
    await deps.store.swaps.part(person.id)
    await deps.store.swaps.forget_person(person.id)
    await deps.store.messages.blank_all_from(person.id, at=deps.now())
    await deps.store.edits.number_blanked(person.id)
    await deps.store.reads.forget(person.id)
