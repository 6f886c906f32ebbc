"""Signing in by a mailed link: sending, checking and redeeming it."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from domain.errors import Invalid, Unavailable
from domain.languages import DEFAULT_LOCALE, locale_or_default
from domain.mail_addresses import has_foreign_letters, parse_address
from domain.users import User
from handlers.auth.identities import Identity, find_holder, sign_in
from handlers.auth.providers import EMAIL, Providers
from handlers.community import service_name
from handlers.palette import BRAND, CARD, INK, LINE, ON_BRAND, PAPER, QUIET
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import MAILS_FROM_PLACE, MAILS_TO_ADDRESS
from handlers.runtime.texts import Texts

log = logging.getLogger(__name__)

LINK_LIVES: Final = timedelta(hours=1)
TOKEN_BYTES: Final = 32
BAD_ADDRESS, FOREIGN_LETTERS = "auth.bad_address", "auth.foreign_letters"
"""Codes of what is no address, and of one with letters before the @ that few mail servers take."""


def normalise_address(text: str) -> str:
    """Return a typed address in the form in which it is kept. Raises Invalid BAD_ADDRESS or FOREIGN_LETTERS."""
    address = parse_address(text, cuts_at_comma=True)
    if address is None:
        raise Invalid(FOREIGN_LETTERS if has_foreign_letters(text) else BAD_ADDRESS, field="email")
    return address


async def send_link(
    deps: Deps, providers: Providers, email: str, *, callback_url: str, client: str, locale: str = DEFAULT_LOCALE
) -> str:
    """Mail a sign-in link; returns the address as it is kept. `client` is the place that asks, "" for this machine.

    The mail is in the language of the person whose address this is, and in `locale` when there is none.
    Known and unknown addresses are treated alike. Raises Invalid, TooMany `sign_in_mail.too_fast`, Unavailable.
    """
    address = normalise_address(email)
    if client:
        await deps.rates.spend("sign_in_mail", client, MAILS_FROM_PLACE, at=deps.now())
    await deps.rates.spend("sign_in_mail", address, MAILS_TO_ADDRESS, at=deps.now())
    token = secrets.token_hex(TOKEN_BYTES)
    digest = providers.sealed_cookies.digest(token)
    await deps.store.verification_tokens.insert(address, digest, expires_at=deps.real_now() + LINK_LIVES)
    query = urlencode({"callbackUrl": callback_url, "token": token, "email": address})
    link = f"{deps.public_url}/api/auth/callback/{EMAIL}?{query}"
    if not providers.mailer.has_server:
        log.warning("no EMAIL_SERVER is set, so here is the sign-in link: %s", link)
        return address
    holder = await deps.store.users.find_by_email(address)
    texts = deps.texts[locale_or_default(holder.locale if holder is not None else locale)]
    host, service = urlsplit(deps.public_url).netloc, service_name(deps)
    try:
        await providers.mailer.send(
            address,
            texts.plain("mail.sign_in.subject", host=host, service=service),
            text=texts.plain("mail.sign_in.text", link=link, host=host, service=service),
            html=_html(texts, link, host, service),
        )
    except Unavailable:
        await deps.store.verification_tokens.delete(digest)
        raise
    return address


def is_address_of(user: User, email: str) -> bool:
    """Return whether a typed or mailed address is this user's."""
    address = parse_address(email, cuts_at_comma=True)
    return address is not None and user.email is not None and parse_address(user.email) == address


async def check_link(deps: Deps, providers: Providers, email: str, token: str) -> bool:
    """Would this link still sign somebody in? Looking does not use it up."""
    address = parse_address(email, cuts_at_comma=True)
    digests = providers.sealed_cookies.digests(token)
    return address is not None and await deps.store.verification_tokens.is_valid(address, digests, at=deps.real_now())


async def redeem_link(
    deps: Deps,
    providers: Providers,
    email: str,
    token: str,
    *,
    linking: User | None = None,
    locale: str = DEFAULT_LOCALE,
) -> User:
    """Use a link up: the person of the address, made if it is new here, with `locale` as language.

    With `linking`, who is signed in and asked for the link in this browser, a new address becomes theirs if they have
    none. Raises Invalid `auth.link_expired` for used, expired and made-up links, and what `identities.sign_in` raises.
    """
    address = parse_address(email, cuts_at_comma=True)
    digests = providers.sealed_cookies.digests(token)
    if address is None or not await deps.store.verification_tokens.use(address, digests, at=deps.real_now()):
        raise Invalid("auth.link_expired")
    identity = Identity(EMAIL, address, email=address, is_email_verified=True, locale=locale)
    if linking is not None and (linking.email or await find_holder(deps, identity)):
        linking = None  # as NextAuth does: another address is another person, and this browser becomes theirs
    return await sign_in(deps, identity, linking=linking)


def _html(texts: Texts, link: str, host: str, service: str) -> str:
    address, title = escape(link), texts("mail.sign_in.title", service=service)
    brand = escape(service)
    font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
    return (
        f'<!doctype html><html lang="{texts.locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{title}</title></head>"
        f'<body style="margin:0;padding:32px 16px;background:{PAPER};{font};color:{INK}">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">'
        '<table role="presentation" cellpadding="0" cellspacing="0" style="max-width:480px;width:100%;'
        f'background:{CARD};border:1px solid {LINE};border-radius:14px"><tr><td style="padding:28px 32px">'
        f'<h1 style="margin:0 0 12px;font-size:22px">{title.replace(brand, brand.replace(" ", "&nbsp;"))}</h1>'
        f'<p style="margin:0 0 20px;line-height:1.5">{texts("mail.sign_in.about", host=host)}</p>'
        f'<p style="margin:0 0 20px"><a href="{address}" style="display:inline-block;background:{BRAND};'
        f"color:{ON_BRAND};"
        'text-decoration:none;font-weight:600;padding:12px 28px;border-radius:9px">'
        f"{texts('mail.sign_in.button')}</a></p>"
        f'<p style="margin:0 0 8px;font-size:14px;line-height:1.5;color:{QUIET}">'
        f"{texts('mail.sign_in.instead')}</p>"
        f'<p style="margin:0 0 20px;font-size:13px;word-break:break-all"><a href="{address}" style="color:{BRAND}">'
        f"{address}</a></p>"
        f'<p style="margin:0;font-size:14px;line-height:1.5;color:{QUIET}">'
        f"{texts('mail.sign_in.not_asked')}</p>"
        "</td></tr></table></td></tr></table></body></html>"
    )
