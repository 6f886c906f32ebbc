"""Deep links: what stands behind `t.me/<bot>?start=`. At most 64 of the characters A-Z a-z 0-9 _ and -.

    u_<id>      a person's card
    s_<id>      a swap, for its participants
    k_<skill>   who teaches a skill

A skill's key is spelt out where it can be: small letters, digits and hyphens stand for themselves, `_` for a space,
`X2B` for the character with that number. `U` before all says that other scripts come in punycode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.errors import Invalid
from domain.skills import canonical_key, clean_skill

MAX_PAYLOAD = 64
USER, SWAP, SKILL = "u", "s", "k"

_ID = re.compile(r"[0-9a-f]{24}")
_PLAIN = re.compile(r"[a-z0-9-]")
_TOKEN = re.compile(r"U?(?:[a-z0-9_-]|X[0-9A-F]{2})+")
_CODE = re.compile(r"X([0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class Link:
    """`target` is the id of a person or a swap, or the key of a skill."""

    kind: str
    target: str


def write_link(kind: str, target: str) -> str | None:
    """The payload; None for a skill that is too long for one."""
    payload = f"{kind}_{_spelt(target) if kind == SKILL else target}"
    return payload if len(payload) <= MAX_PAYLOAD else None


def read_link(payload: str) -> Link | None:
    """What a payload leads to; None when it is none of ours."""
    kind, _, rest = payload.partition("_")
    if len(payload) > MAX_PAYLOAD:
        return None
    if kind in (USER, SWAP) and _ID.fullmatch(rest):
        return Link(kind, rest)
    key = _read(rest) if kind == SKILL and _TOKEN.fullmatch(rest) else None
    return Link(SKILL, key) if key else None


def _spelt(key: str) -> str:
    if key.isascii():
        return _escaped(key)
    return f"U{_escaped(key.encode('punycode').decode('ascii'))}"


def _escaped(text: str) -> str:
    return "".join(
        char if _PLAIN.fullmatch(char) else "_" if char == " " else f"X{ord(char):02X}"  # ASCII: two digits are enough
        for char in text
    )


def _read(token: str) -> str | None:
    """The key, if this is how we write it: every skill has one link."""
    text = _CODE.sub(lambda code: chr(int(code[1], 16)), token.removeprefix("U").replace("_", " "))
    try:
        key = text.encode("ascii").decode("punycode") if token.startswith("U") else text
        is_ours = key == canonical_key(clean_skill(key)) and _spelt(key) == token
    except (UnicodeError, Invalid, ValueError, OverflowError):
        return None
    return key if is_ours else None
