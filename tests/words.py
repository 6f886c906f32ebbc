"""Words of our texts that rules are given, in all languages."""

from __future__ import annotations

from dataclasses import fields

from domain.skill_lists import ListWords
from handlers.runtime.texts import load_texts, words_in_any_language

LIST_WORDS = ListWords(
    *(words_in_any_language(load_texts().values(), f"list.{part.name}") for part in fields(ListWords))
)
