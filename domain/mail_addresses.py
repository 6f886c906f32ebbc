"""Mail addresses: which are taken, and the one form in which they are kept and compared."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

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
    """Return the address in the form in which it is kept (NFKC, trimmed, lower case); None for what is not one.

    With `cuts_at_comma`, a comma ends the domain, as NextAuth reads what is typed into its form.
    """
    if len(text) > 2 * MAX_ADDRESS_LENGTH:  # compatibility forms can grow when normalised
        return None
    local, at, domain = unicodedata.normalize("NFKC", text).strip().lower().partition("@")
    if cuts_at_comma and "@" not in domain:
        domain = domain.partition(",")[0]
    address = f"{local}{at}{domain}"
    is_short = len(address) <= MAX_ADDRESS_LENGTH and len(local) <= MAX_LOCAL_LENGTH
    return address if is_short and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None
