"""Alerts: adding and ending them, and finding the teachers that they wait for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.alerts import LIVES, MAX_ALERTS, Alert, Find
from domain.deliveries import Delivery
from domain.errors import Conflict, Invalid, NotFound
from domain.events import ALERT_ENDED, ALERT_FOUND
from domain.skill_lists import names_nothing
from domain.skills import canonical_key, clean_skill
from domain.standing import ASK
from domain.users import User
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import SEARCHES
from handlers.standing import require_right
from storage.mongodb.database import new_id

MAX_TRIES = 12
MAX_ROUNDS = 50
"""Batches per run of a job; what is left is done by the next run."""


@dataclass(frozen=True, slots=True)
class AlertNews:
    """Content of one alert notification: its recipient, the alert, and the found `teachers` who can still be seen."""

    person: User
    alert: Alert
    teachers: tuple[User, ...]


async def add_alert(deps: Deps, actor: User, skill: str) -> Alert:
    """Add an alert for a skill, or restart the 90 days of an existing one.

    It reports teachers who start later; present ones are found by a search. Raises Invalid, TooMany, Conflict when
    there are MAX_ALERTS.
    """
    await require_right(deps, actor, ASK)
    name = clean_skill(skill)
    key = deps.vocabulary.key_of(name)
    if not key:
        raise Invalid("text.empty", field="skill")
    if names_nothing(name, deps.list_words):
        raise Invalid("skills.nothing", field="skill", skill=name)
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    now = deps.now()
    alert = await deps.store.alerts.upsert(Alert(new_id(), actor.id, key, name, now, now + LIVES), at_most=MAX_ALERTS)
    if alert is None:
        raise Conflict("alert.too_many", max=MAX_ALERTS)
    return alert


async def list_alerts(deps: Deps, actor: User) -> list[Alert]:
    """Return the actor's alerts, newest first, including ended ones that can be renewed."""
    return await deps.store.alerts.list_of(actor.id, limit=2 * MAX_ALERTS)


async def renew_alert(deps: Deps, actor: User, alert_id: str) -> Alert:
    """Restart an alert's 90 days. Raises NotFound."""
    await require_right(deps, actor, ASK)
    alert = await deps.store.alerts.renew(actor.id, alert_id, expires_at=deps.now() + LIVES)
    if alert is None:
        raise NotFound("alert.not_found")
    return alert


async def remove_alert(deps: Deps, actor: User, alert_id: str) -> None:
    """Delete an alert. Raises NotFound."""
    if not await deps.store.alerts.remove(actor.id, alert_id):
        raise NotFound("alert.not_found")


async def found_people(deps: Deps, alerts: list[Alert]) -> dict[str, User]:
    """Return the teachers found by these alerts of one user who are still visible to that user, by id."""
    ids = {find.teacher_id for alert in alerts for find in alert.finds}
    people = await deps.store.users.find_many(ids)
    barred = await deps.store.blocks.users_barred_from(alerts[0].user_id) if ids else set()
    return {person.id: person for person in people.values() if person.is_listed and person.id not in barred}


async def load_alert_news(deps: Deps, delivery: Delivery) -> AlertNews | None:
    """Return the content of a notification as of now; None when the alert or all of its teachers are gone."""
    alert, teacher_ids = await deps.store.alerts.reported_teachers(delivery.source_id, delivery.id)
    person = await deps.store.users.find(delivery.to)
    if alert is None or person is None:
        return None
    if delivery.event == ALERT_ENDED:
        return None if alert.is_running else AlertNews(person, alert, ())
    people = await deps.store.users.find_many(teacher_ids)
    barred = await deps.store.blocks.users_barred_from(person.id)
    listed = (people[teacher_id] for teacher_id in teacher_ids if teacher_id in people and teacher_id not in barred)
    key_of = deps.vocabulary.key_of  # also by their own keys: decisions of moderators reach profiles a little later
    key = key_of(alert.key)
    teachers = tuple(one for one in listed if one.is_listed and key in map(key_of, one.offered_keys))
    return AlertNews(person, alert, teachers) if teachers else None


async def look_for_alerts(deps: Deps) -> int:
    """Record new teachers for every alert that waits for their skill, with the notifications; returns how many were
    found.

    A job: it may run twice at the same time and be killed at any point. An alert finds each teacher once.
    """
    found = 0
    for _ in range(MAX_ROUNDS):
        begun = await deps.store.beginnings.waiting()
        if not begun:
            break
        ever = {user_id: _keys_ever(deps, keys) for user_id, keys in begun}
        waited_for = await deps.store.alerts.waited_for(set().union(*ever.values()))
        is_waited_for = {user_id: not waited_for.isdisjoint(keys) for user_id, keys in ever.items()}
        await deps.store.beginnings.finish([one for one in begun if not is_waited_for[one[0]]])
        for user_id, keys in begun:
            if not is_waited_for[user_id]:
                continue
            teacher = await deps.store.users.find(user_id)
            if teacher is not None and teacher.is_listed:
                found += await _found_by_all(deps, teacher, ever[user_id])
            await deps.store.beginnings.finish([(user_id, keys)])
    return found


async def next_alert_look(deps: Deps) -> datetime | None:
    """Return when `look_for_alerts` is to run again: at once while users wait, else None."""
    return deps.now() if await deps.store.beginnings.waiting() else None


async def _found_by_all(deps: Deps, teacher: User, keys: list[str]) -> int:
    found = 0
    async for alert in deps.store.alerts.waiting_for(keys, teacher.id):
        found += await _add_find(deps, alert, teacher)
    return found


def _keys_ever(deps: Deps, keys: list[str]) -> list[str]:
    """Return the present keys for these, and the earlier keys under which alerts for the same skills may be stored."""
    now = list(dict.fromkeys(map(deps.vocabulary.key_of, keys)))
    skills = (deps.vocabulary.skills.get(key) for key in now)
    spellings = (spelling for skill in skills if skill is not None for spelling in skill.spellings())
    return list(dict.fromkeys((*now, *map(canonical_key, spellings))))


async def _add_find(deps: Deps, alert: Alert, teacher: User) -> bool:
    current: Alert | None = alert
    for _ in range(MAX_TRIES):
        if current is None or not current.is_running or any(find.teacher_id == teacher.id for find in current.finds):
            return False
        tell_at, is_new = current.next_notification_at(deps.now())
        deliveries = await deliveries_to(deps, [current.user_id], ALERT_FOUND, at=tell_at) if is_new else []
        if await deps.store.alerts.add_find(current, Find(teacher.id, tell_at), deliveries):
            return True
        current = await deps.store.alerts.find(alert.id)
    raise Conflict("alert.changed")


async def end_due_alerts(deps: Deps) -> int:
    """End the alerts whose 90 days are over, with a notification that offers to renew; returns how many. A job."""
    ended = 0
    for alert in await deps.store.alerts.due_to_end(deps.now()):
        deliveries = await deliveries_to(deps, [alert.user_id], ALERT_ENDED)
        ended += await deps.store.alerts.end(alert, deliveries)
    return ended
