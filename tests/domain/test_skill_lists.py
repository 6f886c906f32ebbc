"""Lists of skills as people type them are read piece by piece, by what the vocabulary knows."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from domain.skill_lists import MAX_READ, Additions, add_skills, read_list
from domain.skills import MAX_SKILL_LENGTH, MAX_SKILLS
from domain.vocabulary import REJECTED, Decision
from storage.vocabulary import load_vocabulary
from tests.words import LIST_WORDS

VOCABULARY = load_vocabulary()
MAX_CALLS = 300_000
"""Calls of functions for a text of the greatest length; the longest of these takes some 112,000."""


def read(text: str) -> list[str]:
    return read_list(text, LIST_WORDS, VOCABULARY)


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("吉他，钢琴、烹饪", ["吉他", "钢琴", "烹饪"]),
        ("العود، الشطرنج؛ الطبخ", ["العود", "الشطرنج", "الطبخ"]),
        ("Guitar；Piano;Chess", ["Guitar", "Piano", "Chess"]),
        ("- guitar\n• piano\n1. chess\n2) yoga", ["guitar", "piano", "chess", "yoga"]),
        ("French and Italian", ["French", "Italian"]),
        ("French, Italian, and German", ["French", "Italian", "German"]),
        ("francés / inglés y cocina peruana", ["francés", "inglés", "cocina peruana"]),
        ("arreglar bicicletas y tocar la guitarra", ["arreglar bicicletas", "tocar la guitarra"]),
        ("ich kann Gitarre und Klavier", ["Gitarre", "Klavier"]),
        ("la guitare et le piano", ["guitare", "piano"]),
        ("photography & drawing + yoga", ["photography", "drawing", "yoga"]),
        ("gitarrra and pyhton", ["gitarrra", "pyhton"]),
        ("I would like to learn how to cook", ["cook"]),
        ("Quiero aprender a cocinar", ["cocinar"]),
        ("Ich möchte Kochen lernen", ["Kochen"]),
        ("je voudrais apprendre à cuisiner", ["cuisiner"]),
        ("I can teach Python, some SQL and a bit of Excel", ["Python", "SQL", "Excel"]),
        ("I'd love to learn some basket weaving", ["basket weaving"]),
        ("Learning Spanish, I cook", ["Spanish", "cook"]),
        ("clases de guitarra y a tocar el piano", ["guitarra", "tocar el piano"]),
        ("Yoga etc.", ["Yoga"]),
    ],
)
def test_a_list_is_read_piece_by_piece(text: str, skills: list[str]) -> None:
    assert read(text) == skills


@pytest.mark.parametrize(
    "skill",
    [
        "Canning and preserving", "algorithms and data structures", "html y css", "TCP/IP", "D&D", "track and field",
        "I Ching", "A cappella", "De Stijl", "Learning theory", "Deep learning", "Basic income",
        "A/B testing", "R & B", "Rock and Roll", "Excel (pivot tables, macros)", "Bücher [Romane; Krimis]", "C++", "🎸",
    ],
)  # fmt: skip
def test_what_is_one_skill_is_not_split(skill: str) -> None:
    assert read(skill) == [skill]
    assert read(f"{skill} and chess, Go") == [skill, "chess", "Go"]


@pytest.mark.parametrize(
    "text", ["-", "—", "...", "?", "nothing", "Nada", "idk", "I don't know", "nichts", "Weiß nicht!", "rien", "n/a", ""]
)
def test_what_names_no_skill_is_none(text: str) -> None:
    assert read(text) == []
    assert read(f"{text}, guitar") == ["guitar"]


def test_a_bracket_that_is_never_closed_holds_nothing_together() -> None:
    assert read("Excel (pivot tables, macros") == ["Excel (pivot tables", "macros"]


def test_added_skills_join_the_list_once() -> None:
    added = add_skills(("Guitar",), ["guitar", "Piano", "PIANO", "C++"], "skills_offered", VOCABULARY)
    assert added == Additions(("Guitar", "Piano", "C++"))


def test_what_cannot_be_added_is_named_and_the_rest_kept() -> None:
    long, marks = "x" * (MAX_SKILL_LENGTH + 1), "e" + "\u0301" * 6
    vocabulary = VOCABULARY.decided([Decision("buy followers", REJECTED)])
    known = tuple(f"Skill {number}" for number in range(MAX_SKILLS - 1))
    given = [long, "Buy followers", marks, "\u200b", "Guitar", "Piano"]
    added = add_skills(known, given, "skills_offered", vocabulary)
    assert added == Additions((*known, "Guitar"), (long,), ("Buy followers", marks), ("Piano",))


@pytest.mark.parametrize(
    "text",
    ["a and b, " * 440, "piano and " * 400, "a " * 2000, "(" * 4000, "I " * 2000, "a " * 119, ("x y " * 59 + ",") * 17],
)
def test_a_message_of_any_form_is_read_in_a_bounded_number_of_steps(text: str) -> None:
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        found = read(text)
    finally:
        sys.setprofile(None)
    assert len(found) <= 10 * MAX_READ
    assert calls < MAX_CALLS
