"""The worker of mail: sends the deliveries for users whom Telegram does not reach. One mail for all that is unread.

Deliveries are claimed from the store as for Telegram, so several processes share the work and a crash loses none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final

from domain.deliveries import MAIL, Delivery
from domain.errors import Unavailable
from domain.users import User
from handlers.auth.mailer import Mailer, MailRefused
from handlers.auth.sealed_cookies import SealedCookies
from handlers.notifications import (
    claim_delivery,
    dead_letter,
    dead_letter_unknown,
    fail_delivery,
    finish_delivery,
    finish_unread,
    postpone_delivery,
)
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.unsubscribe import unsubscribe_link
from mail.notices import Notice
from mail.notifications import compose_mail

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 5.0
"""Seconds: nothing here is urgent enough to be woken for."""


class MailWorker:
    """Sends one mail at a time."""

    def __init__(self, deps: Deps, mailer: Mailer, seals: SealedCookies, *, worker: str) -> None:
        self._deps = deps
        self._mailer = mailer
        self._seals = seals
        self._worker = worker
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="mail")

    async def stop(self) -> None:
        """What is cut off is due again at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                while (delivery := await claim_delivery(self._deps, self._worker, set(), channel=MAIL)) is not None:
                    await self._deliver(delivery)
            except DATABASE_ERRORS as error:
                log.warning("mail waits: %s", type(error).__name__)
            except Exception:  # a bug must not end all mail
                log.exception("mail waits")
            await asyncio.sleep(LOOK_EVERY)

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
        mail = await compose_mail(self._deps, delivery)
        if mail is None:
            return False
        await self._hand_over(mail.recipient, mail.notice)
        if mail.quotes is not None:
            swap_id, last = mail.quotes
            await finish_unread(self._deps, delivery, swap_id, through=last)
        return True

    async def _hand_over(self, person: User, notice: Notice) -> None:
        assert person.email is not None
        stop = unsubscribe_link(self._deps, self._seals, person)
        text, html = notice.bodies(self._deps.public_url, stop, person.locale)
        headers = {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058: mail programs offer it as one button
        }
        await self._mailer.send(person.email, notice.subject, text=text, html=html, headers=headers)
