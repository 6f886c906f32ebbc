"""Mail addresses: which are taken, and the one form in which they are kept and compared."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from typing import Final

import idna

MAX_ADDRESS_LENGTH: Final = 254
MAX_LOCAL_LENGTH: Final = 64
"""Characters, as RFC 5321 has them: of the whole, and of what stands before the @."""

# What no mail program or header reads as anything but one address. Stricter than the RFC, which allows quotes.
_LOCAL: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")


def kept_form(address: str) -> str:
    """Return the form of a stored address, which another program may have written as it was typed; one that is no
    address stays as it is."""
    return parse_address(address) or address


def parse_address(text: str, *, cuts_at_comma: bool = False) -> str | None:
    """Return the address in the form in which it is kept; None for what is not one.

    That is NFKC, trimmed, in lower case, and with the domain in ASCII, as mail servers and the DNS know it.

    With `cuts_at_comma`, a comma ends the domain, as NextAuth reads what is typed into its form.
    """
    local, domain = _parts(text, cuts_at_comma=cuts_at_comma)
    address = f"{local}@{domain}"
    is_short = len(address) <= MAX_ADDRESS_LENGTH and len(local) <= MAX_LOCAL_LENGTH
    return address if is_short and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None


def has_foreign_letters(text: str) -> bool:
    """Return whether this is an address but for letters beyond a to z before the @, which few mail servers take."""
    local, domain = _parts(text, cuts_at_comma=True)
    letters = "".join("a" if char.isalpha() else char for char in local)
    return parse_address(f"{local}@{domain}") is None and parse_address(f"{letters}@{domain}") is not None


def written_forms(address: str) -> list[str]:
    """Return the forms in which an address may be stored: as it is kept, and with letters like ü in its domain, as
    another program may have written it. None for ""."""
    local, _, domain = address.partition("@")
    forms = [address] if address else []
    if "xn--" in domain:
        with contextlib.suppress(idna.IDNAError):
            forms.append(f"{local}@{idna.decode(domain)}")
    return forms


def _parts(text: str, *, cuts_at_comma: bool) -> tuple[str, str]:
    """Return what stands before and behind the @, normalised; empty texts for what cannot be an address."""
    if len(text) > 2 * MAX_ADDRESS_LENGTH:  # compatibility forms can grow when normalised
        return "", ""
    local, _, domain = unicodedata.normalize("NFKC", text).strip().lower().partition("@")
    if cuts_at_comma and "@" not in domain:
        domain = domain.partition(",")[0]
    return local, domain if domain.isascii() else _ascii_domain(domain)


def _ascii_domain(domain: str) -> str:
    """Return the ASCII form of a domain with letters like ü; "" if there can be none of this name."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


_DOTS_DO_NOT_COUNT: Final = frozenset(("gmail.com", "googlemail.com"))


def mailbox_of(address: str) -> str:
    """Return the mailbox that a kept address reaches: without what follows a "+", and at Google without dots."""
    name, _, domain = kept_form(address).rpartition("@")
    name = name.split("+", 1)[0] or name
    if domain in _DOTS_DO_NOT_COUNT:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"
