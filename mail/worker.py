"""The mail worker: notifications for users whom Telegram does not reach. One mail for all unread messages.

Deliveries are claimed from the store like those to Telegram, so several processes share the work and a crash loses
none. The change stream and due times wake it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final

from domain.deliveries import MAIL, Delivery
from domain.errors import Unavailable
from domain.events import SESSION_CHANGED
from domain.mail_addresses import kept_form
from domain.users import User
from handlers.answer_links import answer_link
from handlers.auth.mailer import Mailer, MailRefused
from handlers.auth.sealed_cookies import SealedCookies
from handlers.community import service_name
from handlers.notifications import (
    claim_delivery,
    dead_letter,
    dead_letter_unknown,
    fail_delivery,
    finish_delivery,
    finish_like,
    finish_unread,
    postpone_delivery,
    seconds_until_due,
)
from handlers.runtime.background import BackgroundTask, wait_until_set
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.unsubscribe import unsubscribe_link
from mail.notices import Notice
from mail.notifications import compose_mail

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 5.0
"""Seconds between two looks for due mail, at least: no mail is more urgent than that."""

SWEEP_EVERY: Final = 60.0
"""Seconds between two looks when neither a change nor a due time has woken the worker."""


class MailWorker:
    """Sends one mail at a time."""

    def __init__(self, deps: Deps, mailer: Mailer, sealed_cookies: SealedCookies, *, worker: str) -> None:
        self._deps = deps
        self._mailer = mailer
        self._sealed_cookies = sealed_cookies
        self._worker = worker
        self._awake = asyncio.Event()
        self._task = BackgroundTask("mail", self._run)

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        """Stop sending; a delivery that is interrupted becomes due again at once."""
        await self._task.stop()

    async def on_change(self, change: Change) -> None:
        """Wake when a document with open deliveries has been written, or the clock was moved."""
        if change.has_deliveries or change.kind in ("lost", "clock"):
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
            if await dead_letter_unknown(self._deps, delivery):
                return
            is_sent = await self._send(delivery)
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

    async def _send(self, delivery: Delivery) -> bool:
        """Send the mail of a delivery; False when there is no recipient, or nothing to say any more.

        Raises MailRefused and Unavailable.
        """
        loaded_at = self._deps.now()
        mail = await compose_mail(self._deps, delivery)
        if mail is None:
            return False
        await self._hand_over(mail.recipient, mail.notice)
        if mail.quotes is not None:
            swap_id, last = mail.quotes
            await finish_unread(self._deps, delivery, swap_id, through=last)
        if delivery.event == SESSION_CHANGED:
            await finish_like(self._deps, delivery, loaded_at=loaded_at)
        return True

    async def _hand_over(self, person: User, notice: Notice) -> None:
        assert person.email is not None
        stop = unsubscribe_link(self._deps, self._sealed_cookies, person)
        service = service_name(self._deps)
        answer = answer_link(self._deps, self._sealed_cookies, person) if notice.takes_answer else ""
        text, html = notice.bodies(self._deps.public_url, stop, person.locale, service=service, answer=answer)
        headers = {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058: mail programs offer it as one button
        }
        await self._mailer.send(
            kept_form(person.email), notice.subject, text=text, html=html, headers=headers, calendar=notice.calendar
        )
