"""The mail worker: notifications for users whom Telegram does not reach. One mail for all unread messages.

Deliveries are claimed from the store like those to Telegram, so several processes share the work and a crash loses
none. The change stream and due times wake it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final

from domain.alerts import ENDED, FOUND
from domain.circle_news import POSSIBLE_NOW
from domain.deliveries import MAIL, Delivery, wants_mail
from domain.errors import Unavailable
from domain.messages import Message
from domain.swaps import PENDING, Swap
from domain.users import BANNED, DELETED, User
from handlers.alerts import load_alert_news
from handlers.auth.mailer import Mailer, MailRefused
from handlers.auth.sealed_cookies import SealedCookies
from handlers.circle_news import load_circle_notification
from handlers.circles import view_circle
from handlers.notifications import (
    claim_delivery,
    dead_letter,
    fail_delivery,
    finish_delivery,
    finish_unread,
    list_unread,
    load_subject,
    postpone_delivery,
    seconds_until_due,
)
from handlers.runtime.background import BackgroundTask, wait_until_set
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.unsubscribe import unsubscribe_link
from handlers.users import get_people
from mail.notices import Notice, alert_notice, answer_notice, circle_notice, request_notice, unread_notice

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 5.0
"""Seconds between two looks for due mail, at least: no mail is more urgent than that."""

SWEEP_EVERY: Final = 60.0
"""Seconds between two looks when neither a change nor a due time has woken the worker."""

MAX_TOLD: Final = 20
"""So many messages stand in one mail; it says how many more there are."""

MAX_COUNTED: Final = 200
"""One mail speaks of so many; what is beyond is told by the next one."""


class MailWorker:
    """Sends one mail at a time."""

    def __init__(self, deps: Deps, mailer: Mailer, seals: SealedCookies, *, worker: str) -> None:
        self._deps = deps
        self._mailer = mailer
        self._seals = seals
        self._worker = worker
        self._awake = asyncio.Event()
        self._task = BackgroundTask("mail", self._run)

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        """What is cut off is due again at once."""
        await self._task.stop()

    async def on_change(self, change: Change) -> None:
        """Wake when a document with open deliveries has been written."""
        if change.has_deliveries or change.kind == "lost":
            self._awake.set()

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            pause = LOOK_EVERY
            try:
                while (delivery := await claim_delivery(self._deps, self._worker, set(), channel=MAIL)) is not None:
                    await self._deliver(delivery)
                pause = await seconds_until_due(self._deps, at_most=SWEEP_EVERY, channel=MAIL)
            except DATABASE_ERRORS as error:
                log.warning("mail waits: %s", type(error).__name__)
            except Exception:  # a bug must not end all mail
                log.exception("mail waits")
            await asyncio.sleep(LOOK_EVERY)
            await wait_until_set(self._awake, pause - LOOK_EVERY)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            is_sent = await self._tell(delivery)
        except asyncio.CancelledError:
            with contextlib.suppress(*DATABASE_ERRORS):  # the lease runs out by itself
                await postpone_delivery(self._deps, delivery, 0)
            raise
        except MailRefused:
            await dead_letter(self._deps, delivery, "refused by the mail server")
        except Unavailable:
            await fail_delivery(self._deps, delivery, "the mail server did not answer", is_outage=True)
        except DATABASE_ERRORS:
            raise
        except Exception as error:
            log.exception("mail %s of %s failed", delivery.event, delivery.source_id)
            await fail_delivery(self._deps, delivery, type(error).__name__)
        else:
            await finish_delivery(self._deps, delivery, is_sent=is_sent)

    async def _tell(self, delivery: Delivery) -> bool:
        """False when there is nobody, or nothing any more, to tell. Raises Unavailable."""
        if delivery.event in (FOUND, ENDED):
            return await self._tell_of_alert(delivery)
        if delivery.event == POSSIBLE_NOW:
            return await self._tell_possible(delivery)
        person, swap, message = await load_subject(self._deps, delivery)
        if person is None or swap is None or not _may_be_mailed(person, delivery):
            return False
        if message is not None:
            return await self._tell_unread(delivery, person, swap, message)
        notice = await self._notice(delivery, person, swap)
        if notice is None:
            return False
        await self._send(person, notice)
        return True

    async def _tell_of_alert(self, delivery: Delivery) -> bool:
        news = await load_alert_news(self._deps, delivery)
        if news is None or not _may_be_mailed(news.person, delivery):
            return False
        names = [teacher.name for teacher in news.teachers]
        await self._send(news.person, alert_notice(news.person, news.alert, names))
        return True

    async def _notice(self, delivery: Delivery, person: User, swap: Swap) -> Notice | None:
        """What to say of a swap, if that is still how things stand."""
        if swap.circle is not None:
            return await self._circle_notice(delivery, person, swap)
        names = await self._names(swap.others(person.id))
        if delivery.event == "swap.proposed":
            return request_notice(person, swap, names[swap.from_user_id]) if swap.status == PENDING else None
        if delivery.event != f"swap.{swap.status}":
            return None
        return answer_notice(person, swap, ", ".join(names.values()))

    async def _circle_notice(self, delivery: Delivery, person: User, swap: Swap) -> Notice | None:
        view = await view_circle(self._deps, swap, person.id)
        is_asked = delivery.event == "swap.proposed" and view is not None and "join" in view.can
        is_closed = delivery.event == "swap.accepted" == f"swap.{swap.status}"
        return circle_notice(person, view) if view is not None and (is_asked or is_closed) else None

    async def _tell_possible(self, delivery: Delivery) -> bool:
        telling = await load_circle_notification(self._deps, delivery)
        if telling is None or not wants_mail(telling.person, delivery.event):
            return False
        await self._send(telling.person, circle_notice(telling.person, telling.view))
        return True

    async def _tell_unread(self, delivery: Delivery, person: User, swap: Swap, message: Message) -> bool:
        unread = await list_unread(self._deps, person, swap, since=message.seq, limit=MAX_COUNTED)
        if not unread:
            return False
        names = await self._names(swap.others(person.id))
        said = [(names.get(one.from_user_id, "?"), one) for one in unread]
        await self._send(person, unread_notice(person, swap, said, at_most=MAX_TOLD))
        await finish_unread(self._deps, delivery, swap.id, through=unread[-1].seq)
        return True

    async def _names(self, user_ids: tuple[str, ...]) -> dict[str, str]:
        people = await get_people(self._deps, user_ids)
        return {user_id: people[user_id].name if user_id in people else "?" for user_id in user_ids}

    async def _send(self, person: User, notice: Notice) -> None:
        assert person.email is not None
        stop = unsubscribe_link(self._deps, self._seals, person)
        text, html = notice.bodies(self._deps.public_url, stop, person.locale)
        headers = {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058: mail programs offer it as one button
        }
        await self._mailer.send(person.email, notice.subject, text=text, html=html, headers=headers)


def _may_be_mailed(person: User, delivery: Delivery) -> bool:
    return person.status not in (DELETED, BANNED) and wants_mail(person, delivery.event)
