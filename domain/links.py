"""Deep links: the payload of `t.me/<bot>?start=`, at most 64 of the characters A-Z a-z 0-9 _ and -.

    u_<id>      the card of a user
    s_<id>      a swap, for its participants
    r_<id>      the report of a user
    k_<skill>   the teachers of a skill
    i_<code>    an invitation to the community

The key of a skill is spelt out where possible: small letters, digits and hyphens stand for themselves, `_` for a space,
`X2B` for the character with that number. A leading `U` says that other scripts follow in punycode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.errors import Invalid
from domain.ids import is_id
from domain.invites import is_code
from domain.skills import canonical_key, clean_skill

MAX_PAYLOAD = 64
USER, SWAP, SKILL, REPORT, INVITE = "u", "s", "k", "r", "i"

_PLAIN = re.compile(r"[a-z0-9-]")
_TOKEN = re.compile(r"U?(?:[a-z0-9_-]|X[0-9A-F]{2})+")
_CODE = re.compile(r"X([0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class Link:
    """A parsed payload; `target` is the id of a user or a swap, the key of a skill, or the code of an invite link."""

    kind: str
    target: str


def write_link(kind: str, target: str) -> str | None:
    """Return the payload; None for a skill whose key is too long for one."""
    payload = f"{kind}_{_spelt(target) if kind == SKILL else target}"
    return payload if len(payload) <= MAX_PAYLOAD else None


def read_link(payload: str) -> Link | None:
    """Return the link of a payload; None when the payload is malformed."""
    kind, _, rest = payload.partition("_")
    if len(payload) > MAX_PAYLOAD:
        return None
    if kind in (USER, SWAP, REPORT) and is_id(rest):
        return Link(kind, rest)
    if kind == INVITE and is_code(rest):
        return Link(kind, rest)
    key = _read(rest) if kind == SKILL and _TOKEN.fullmatch(rest) else None
    return Link(SKILL, key) if key else None


def _spelt(key: str) -> str:
    if key.isascii():
        return _escaped(key)
    return f"U{_escaped(key.encode('punycode').decode('ascii'))}"


def _escaped(text: str) -> str:
    return "".join(
        char
        if _PLAIN.fullmatch(char)
        else "_"
        if char == " "
        else f"X{ord(char):02X}"  # ASCII: two hexadecimal digits are enough
        for char in text
    )


def _read(token: str) -> str | None:
    """Return the key if the token is its canonical spelling: every skill has one link. Of other scripts it may be the
    spelling of earlier rules for keys."""
    text = _CODE.sub(lambda code: chr(int(code[1], 16)), token.removeprefix("U").replace("_", " "))
    try:
        key = text.encode("ascii").decode("punycode") if token.startswith("U") else text
        cleaned = clean_skill(key)
        present = canonical_key(cleaned)
        is_ours = (key == present or (key == cleaned and not key.isascii())) and _spelt(key) == token
    except (UnicodeError, Invalid, ValueError, OverflowError):
        return None
    return present if is_ours else None
