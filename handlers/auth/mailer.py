"""Sending mail over SMTP, or printing it to the log when no server is configured."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid, parseaddr
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from domain.errors import Unavailable
from domain.hosts import is_loopback
from domain.mail_addresses import kept_form

if TYPE_CHECKING:
    import aiosmtplib

log = logging.getLogger(__name__)

SEND_SECONDS: Final = 10.0
SUBMISSION_PORT: Final = 587
TLS_PORT: Final = 465
CALENDAR_FILE: Final = "session.ics"
FINAL: Final = 500
"""SMTP codes from here on are permanent errors."""


class MailRefused(Unavailable):
    """A permanent refusal by the server: an unknown address, or a rejected content."""


def _is_final(error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPDataError) -> bool:
    refused = getattr(error, "recipients", [error])
    return all(each.code >= FINAL for each in refused)


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server. `smtp` starts in clear text and upgrades to TLS if possible; with a password, beyond this
    machine, it must."""

    host: str
    port: int
    is_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def must_encrypt(self) -> bool:
        return self.user is not None and not is_loopback(self.host)


def mail_server(address: str) -> MailServer:
    """Parse `smtp://user:password@host:port` or `smtps://…`; user and password are percent-encoded."""
    parts = urlsplit(address)
    is_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname or "localhost",
        port=parts.port or (TLS_PORT if is_tls else SUBMISSION_PORT),
        is_tls=is_tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class Mailer:
    """Sends mail from one address. Without a server nothing is sent: see `has_server`."""

    def __init__(self, server: MailServer | None = None, sender: str = "") -> None:
        self._server = server
        address = parseaddr(sender)[1]
        self._sender = sender if sender.isascii() else sender.replace(address, kept_form(address))
        self._tls: ssl.SSLContext | None = None

    @property
    def has_server(self) -> bool:
        return self._server is not None

    async def send(
        self,
        to: str,
        subject: str,
        *,
        text: str,
        html: str,
        headers: Mapping[str, str] | None = None,
        calendar: bytes = b"",
    ) -> None:
        """Pass one mail to the server. Raises Unavailable `mail.unavailable` after about ten seconds, MailRefused."""
        import aiosmtplib  # loaded late: most processes send no mail

        assert self._server is not None, "there is no mail server"
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(localtime())
        message["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].rpartition("@")[2] or "localhost")
        message["Auto-Submitted"] = "auto-generated"  # suppresses out-of-office replies
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        if calendar:
            form = {"method": "PUBLISH", "charset": "utf-8"}
            message.add_attachment(calendar, maintype="text", subtype="calendar", filename=CALENDAR_FILE, params=form)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._hand_over(self._server, message)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as error:
            log.warning("the mail server refused a mail: %s", type(error).__name__)
            raise (MailRefused if _is_final(error) else Unavailable)("mail.unavailable") from None
        except aiosmtplib.SMTPNotSupported:
            log.warning("the mail server lacks an extension of SMTP that the address or EMAIL_SERVER asks for")
            raise (Unavailable if to.isascii() else MailRefused)("mail.unavailable") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.warning(
                "the mail server did not take a mail: %s", type(error).__name__
            )  # the error's text contains addresses
            raise Unavailable("mail.unavailable") from None

    async def _hand_over(self, server: MailServer, message: EmailMessage) -> None:
        import aiosmtplib

        if self._tls is None:  # reads the machine's certificates from files
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.is_tls,
            start_tls=False if server.is_tls else True if server.must_encrypt else None,
            tls_context=self._tls,
            timeout=SEND_SECONDS,
        )
