"""Vocabulary of skills, read from `locales/<locale>/skills.txt`."""

from __future__ import annotations

import hashlib
from functools import cache

from domain.languages import LOCALES
from domain.skills import KEY_RULES
from domain.vocabulary import Vocabulary, read_vocabulary
from storage.locales.reader import FOLDER


@cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary, read once for each process. Blocking: some milliseconds."""
    return read_vocabulary({locale: _text(locale) for locale in LOCALES})


@cache
def vocabulary_digest() -> str:
    """Return a digest of what skills are compared by: the content of the files, and the rules for keys. Blocking, as
    above."""
    return hashlib.sha256("\0".join((*map(_text, LOCALES), str(KEY_RULES))).encode()).hexdigest()


def _text(locale: str) -> str:
    return (FOLDER / locale / "skills.txt").read_text(encoding="utf-8")
