"""Moderation of skills without a name: a moderator names, merges or rejects them, and everybody who has them follows.

A decision is one write. Every process adopts it when the change stream passes it on; a scheduled job gives users and
open swaps their new keys, and repeats until no process can still be writing an old one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import Conflict, Invalid, NotFound
from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.skills import canonical_key, clean_skill
from domain.users import User
from domain.vocabulary import MERGED, NAMED, REJECTED, Decision, Vocabulary
from handlers.runtime.background import BackgroundTask, wait_until_set
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.skill_cards import refresh_skill_card
from handlers.standing import require_moderator
from storage.mongodb.skill_key_backfill import backfill_alerts, backfill_swaps, backfill_users, having
from storage.skills import Mark, SkillPresence, SkillRecord

__all__ = ["PendingSkill", "SkillNames", "SkillRecord", "VocabularyFollower"]

log = logging.getLogger(__name__)

MAX_PENDING: Final = 50
MAX_COUNTED: Final = 1000
MAX_ALIASES: Final = 20
MAX_KEPT_ALIASES: Final = 200
"""Aliases per skill, including those that it has collected by being renamed."""
RELOAD_EVERY: Final = 20.0
"""Seconds after which a process has adopted a decision even when it missed the change; well below SETTLE_AFTER."""
RETRY_AFTER: Final = 2.0
"""Seconds until the vocabulary is read again after a failure."""
SETTLE_AFTER: Final = timedelta(seconds=60)
"""Time after which every process has adopted a decision and finished the writes begun before."""
SETTLE_EVERY: Final = timedelta(seconds=2)
"""Time between two searches for old keys, for as long as one may still be written."""


@dataclass(frozen=True, slots=True)
class PendingSkill:
    """A skill that waits for a decision: its listed users, and the keys of skills that it may be."""

    presence: SkillPresence
    similar: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkillNames:
    """Names of a skill by locale, its category, and its aliases."""

    names: Mapping[str, str]
    category: str
    aliases: Sequence[str] = ()


async def list_pending(deps: Deps, actor: User, *, after: str | None = None, limit: int = 20) -> list[PendingSkill]:
    """Return skills that wait for a moderator, in the order of keys. Raises Forbidden."""
    require_moderator(actor)
    records = await deps.store.skills.pending(after=after, limit=min(limit, MAX_PENDING))
    found = await asyncio.gather(*(deps.store.skills.presence(record.key, record.spelling) for record in records))
    return [PendingSkill(presence, deps.vocabulary.similar(presence.key)) for presence in found]


async def find_next_pending(deps: Deps) -> tuple[PendingSkill, int] | None:
    """Return the first skill that waits, and how many do, for the moderators' card; None when none does."""
    records = await deps.store.skills.pending(after=None, limit=1)
    if not records:
        return None
    presence = await deps.store.skills.presence(records[0].key, records[0].spelling)
    waiting = await deps.store.skills.count_pending(limit=MAX_COUNTED)
    return PendingSkill(presence, deps.vocabulary.similar(presence.key)), waiting


async def count_pending(deps: Deps, actor: User) -> int:
    """Return how many wait, counted up to MAX_COUNTED. Raises Forbidden."""
    require_moderator(actor)
    return await deps.store.skills.count_pending(limit=MAX_COUNTED)


async def name_skill(deps: Deps, actor: User, key: str, called: SkillNames) -> SkillRecord:
    """Add a skill to the vocabulary, or rename one that is in it.

    Raises Forbidden, NotFound, Invalid (an invalid category or name), Conflict (a spelling is another skill's, which
    calls for a merge; or another moderator was faster).
    """
    require_moderator(actor)
    await deps.store.skills.load()
    vocabulary = deps.vocabulary
    if called.category not in vocabulary.categories:
        raise Invalid("skill.category", field="category")
    if len(called.aliases) > MAX_ALIASES:
        raise Invalid("skill.aliases", field="aliases", max=MAX_ALIASES)
    names = {
        locale: clean_skill(called.names.get(locale, ""), f"names.{locale}")
        for locale in LOCALES
        if locale == DEFAULT_LOCALE or locale in called.names
    }
    aliases = tuple(dict.fromkeys(clean_skill(alias, "aliases") for alias in called.aliases))
    aliases = _with_old_spellings(vocabulary, key, names, aliases)
    for spelling in (*names.values(), *aliases):
        owner = vocabulary.key_of(spelling)
        if owner in vocabulary and owner != key:
            raise Conflict(
                "skill.is_another", field="names", skill=spelling, other=vocabulary.name_of(owner, DEFAULT_LOCALE)
            )
    decision = Decision(key, NAMED, names=names, category=called.category, aliases=aliases)
    return await _decide(deps, actor, decision)


async def find_merge_target(deps: Deps, actor: User, key: str, into: str) -> str:
    """Return the key of the skill that `into` names, into which `key` can be merged. Raises Forbidden, Invalid."""
    require_moderator(actor)
    await deps.store.skills.load()
    target = deps.vocabulary.key_of(clean_skill(into, "into"))
    if target not in deps.vocabulary or target == key:
        raise Invalid("skill.no_such_target", field="into")
    return target


async def merge_skill(deps: Deps, actor: User, key: str, into: str) -> SkillRecord:
    """Merge a skill into one of the vocabulary, which `into` names in any spelling.

    Raises Forbidden, NotFound, Invalid (`into` has no name, or is the skill itself), Conflict.
    """
    target = await find_merge_target(deps, actor, key, into)
    known = deps.vocabulary.skills.get(key)
    spellings = tuple(dict.fromkeys(known.spellings())) if known else ()
    return await _decide(deps, actor, Decision(key, MERGED, aliases=spellings, into=target))


async def reject_skill(deps: Deps, actor: User, key: str) -> SkillRecord:
    """Reject a skill: it cannot be added any more. Raises Forbidden, NotFound, Conflict."""
    require_moderator(actor)
    await deps.store.skills.load()
    if key in deps.vocabulary:
        raise Conflict("skill.has_a_name", skill=deps.vocabulary.name_of(key, actor.locale))
    return await _decide(deps, actor, Decision(key, REJECTED))


def _with_old_spellings(
    vocabulary: Vocabulary, key: str, names: Mapping[str, str], aliases: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the aliases with the skill's earlier names and spellings, which go on meaning it."""
    known = vocabulary.skills.get(key)
    by_key = {canonical_key(name): "" for name in names.values()}
    for spelling in (*aliases, *(known.spellings() if known else ())):
        by_key.setdefault(canonical_key(spelling), spelling)
    return tuple(spelling for spelling in by_key.values() if spelling)[:MAX_KEPT_ALIASES]


def _is_same(before: Decision, decision: Decision) -> bool:
    if before.verdict == decision.verdict == MERGED:
        return before.into == decision.into
    return before == decision


async def _decide(deps: Deps, actor: User, decision: Decision) -> SkillRecord:
    """Write a decision unless it stands already; of two moderators at the same time one wins."""
    skills = deps.store.skills
    before = await skills.find(decision.key)
    if before is None and decision.key not in deps.vocabulary:
        raise NotFound("skill.not_found")
    if before is not None and _is_same(before.decision, decision):
        return before
    if before is not None and before.state in (MERGED, REJECTED):
        raise Conflict("skill.already_decided", state=before.state)
    now = deps.now()
    mark = Mark(actor.id, now, _moved(deps.vocabulary, decision), now + SETTLE_AFTER)
    is_written = await skills.decide(decision, before, mark)
    await skills.load()
    after = await skills.find(decision.key)
    if after is None or (not is_written and not _is_same(after.decision, decision)):
        raise Conflict("skill.already_decided", state=after.state if after else "")
    await refresh_skill_card(deps)
    return after


def _moved(vocabulary: Vocabulary, decision: Decision) -> tuple[str, ...]:
    """Return the keys that users may have now and that are wrong after the decision."""
    if decision.verdict == MERGED:
        return (decision.key,)
    spellings = (canonical_key(spelling) for spelling in (*decision.names.values(), *decision.aliases))
    return tuple(dict.fromkeys(key for key in spellings if key != decision.key and key not in vocabulary))


def decided_keys(deps: Deps, records: Sequence[SkillRecord]) -> dict[str, str]:
    """Return the present keys of skills that were named or merged; users have them by their names from then on."""
    key_of = deps.vocabulary.key_of
    return {record.key: key_of(record.key) for record in records if record.state in (NAMED, MERGED)}


async def settle_skills(deps: Deps) -> int:
    """Give users, open swaps, circles and alerts the keys that were decided, and profiles the names; it may be killed
    at any point and run twice. Returns how many have changed.

    A decision is applied again until nothing was left to do for as long as an old key could still be written.
    """
    await deps.store.skills.load()
    database, vocabulary = deps.store.database, deps.vocabulary
    records = await deps.store.skills.unsettled()
    decided = decided_keys(deps, records)
    changed = 0
    for record in records:
        done = 0
        theirs = having([*record.moved, record.key] if record.key in decided else record.moved)
        async for count in backfill_users(database, vocabulary, theirs, is_news=True, decided=set(decided.values())):
            done += count
        if record.moved:
            async for count in backfill_swaps(database, vocabulary, record.moved):
                done += count
            async for count in backfill_alerts(database, vocabulary, record.moved, at=deps.now()):
                done += count
        if not done and (record.settle_at is None or record.settle_at <= deps.now()):
            await deps.store.skills.settled(record)
        await deps.store.skills.forget_pending(record.moved)
        changed += done
    return changed


async def next_settling(deps: Deps) -> datetime | None:
    """Return when `settle_skills` is to run again; None when all decisions are settled."""
    return deps.now() + SETTLE_EVERY if await deps.store.skills.has_unsettled() else None


async def take_over_vocabulary(deps: Deps, digest: str) -> bool:
    """Let everybody follow the vocabulary files at start, when they differ from those of the last start."""
    return await deps.store.skills.take_over_file(digest, settle_at=deps.now() + SETTLE_AFTER)


class VocabularyFollower:
    """Keeps the vocabulary of this process up to date with decisions made in any process."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._woken = asyncio.Event()
        self._task = BackgroundTask("vocabulary", self._follow)

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        await self._task.stop()

    async def on_change(self, change: Change) -> None:
        if change.kind in ("vocabulary", "lost"):
            self._woken.set()

    async def _follow(self) -> None:
        pause = RELOAD_EVERY
        while True:
            await wait_until_set(self._woken, pause)
            self._woken.clear()
            pause = RELOAD_EVERY
            try:
                await self._deps.store.skills.load()
            except DATABASE_ERRORS as error:
                pause = RETRY_AFTER
                log.warning("the vocabulary waits for the database: %s", type(error).__name__)
            except Exception:
                pause = RETRY_AFTER
                log.exception("the vocabulary could not be read")
