"""Vocabulary files keep their rules, every spelling leads to its skill, and unknown spellings stay distinct."""

from __future__ import annotations

import itertools

import pytest

from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.skills import MAX_SKILL_LENGTH, canonical_key, clean_skill
from domain.vocabulary import MERGED, NAMED, REJECTED, Decision, Vocabulary, read_vocabulary
from storage.locales.reader import FOLDER
from storage.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()
ENOUGH_SKILLS, ENOUGH_CATEGORIES = 500, 20


def rows(locale: str) -> list[tuple[str, list[str], list[str]]]:
    """Each line of a language's file that names a skill: its category, its names, its aliases."""
    found, category = [], ""
    names = 1 if locale == DEFAULT_LOCALE else 2
    for line in (FOLDER / locale / "skills.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            category = line.partition("]")[0][1:]
        elif line and not line.startswith("#"):
            parts = [part.strip() for part in line.split("|")]
            aliases = [alias.strip() for alias in parts[names].split(",")] if len(parts) > names else []
            found.append((category, parts[:names], aliases))
    return found


ROWS = {locale: rows(locale) for locale in LOCALES}


def test_skills_are_numerous_and_named_in_every_language() -> None:
    assert len(VOCABULARY.skills) == len(ROWS[DEFAULT_LOCALE]) >= ENOUGH_SKILLS
    assert len(VOCABULARY.categories) >= ENOUGH_CATEGORIES
    for skill in VOCABULARY.skills.values():
        assert skill.category in VOCABULARY.categories
        assert all(skill.names[locale] for locale in LOCALES)
    for category in VOCABULARY.categories.values():
        assert all(category.names[locale] for locale in LOCALES)


def test_spellings_are_unique() -> None:
    owners: dict[str, str] = {}
    seen: dict[str, set[str]] = {}
    for locale in LOCALES:
        for _, names, aliases in ROWS[locale]:
            key = canonical_key(names[0])
            spellings = {key, canonical_key(names[-1])}
            others = [canonical_key(alias) for alias in aliases]
            assert len(set(others) - spellings) == len(others), f"{locale}: an alias of {names[0]} is there twice"
            assert not seen.setdefault(key, set()) & set(others), f"{locale}: {names[0]} has an alias of another file"
            seen[key] |= spellings | set(others)
            for spelling in (*spellings, *others):
                assert owners.setdefault(spelling, key) == key, f"{spelling} is {owners[spelling]} and {key}"


def test_the_files_are_sorted_and_every_spelling_can_be_on_a_profile() -> None:
    for locale in LOCALES:
        keys = [(category, canonical_key(names[0])) for category, names, _ in ROWS[locale]]
        assert keys == sorted(keys)
    for skill in VOCABULARY.skills.values():
        for spelling in skill.spellings():
            assert clean_skill(spelling) == spelling
            assert len(spelling) <= MAX_SKILL_LENGTH


def test_every_spelling_leads_to_its_skill_and_keys_are_their_own() -> None:
    for skill in VOCABULARY.skills.values():
        assert canonical_key(skill.key) == skill.key
        for spelling in (skill.key, *skill.spellings()):
            assert VOCABULARY.key_of(spelling) == skill.key


@pytest.mark.parametrize(
    ("spelling", "key"),
    [("js", "javascript"), ("JAVA SCRIPT", "javascript"), ("яваскрипт", "javascript"), ("guitarra", "guitar"),
     ("Gitarre", "guitar"), ("吉他", "guitar"), ("Español", "spanish"), ("Töpfern", "pottery"),
     ("Couture", "sewing"), ("golang", "go"), ("C sharp", "c#")],
)  # fmt: skip
def test_aliases_lead_to_the_same_skill(spelling: str, key: str) -> None:
    assert VOCABULARY.key_of(spelling) == key


def test_similar_names_of_languages_stay_distinct() -> None:
    alike = ("C", "C++", "C#", "R", "Go", "Java", "JavaScript", "F#", ".NET", "Game of Go", "Rust", "Ruby")
    for one, other in itertools.combinations(alike, 2):
        assert VOCABULARY.key_of(one) != VOCABULARY.key_of(other)


def test_unknown_skill_keeps_its_canonical_key() -> None:
    assert VOCABULARY.key_of(" Çini  ART ") == "cini art"
    assert VOCABULARY.name_of("cini art", "es") == "cini art"
    assert VOCABULARY.category_of("cini art") is None
    assert VOCABULARY.name_of("guitar", "es") == "Guitarra"
    assert VOCABULARY.category_of("guitar") == "music"


def test_completion_prefers_the_readers_language() -> None:
    assert VOCABULARY.complete("GUIT", "en", 1) == ("guitar",)
    assert VOCABULARY.complete("guitarra cl", "es", 5) == ("classical guitar",)
    assert VOCABULARY.complete("nata", "es", 1) == ("swimming",)
    assert VOCABULARY.complete("js", "en", 1) == ("javascript",)
    assert VOCABULARY.complete("c", "en", 1) == ("c",)
    assert VOCABULARY.complete("zzz", "en", 5) == VOCABULARY.complete(" ", "en", 5) == ()
    assert len(VOCABULARY.complete("a", "en", 7)) == 7


SMALL = {
    "en": """
[music] Music
Guitar | gitarre
Piano
[food] Food
Baking
""",
    "es": """
[music] Música
Guitar | Guitarra
Piano | Piano
[food] Comida
Baking | Repostería
""",
}


def test_decisions_are_laid_over_the_file() -> None:
    vocabulary = read_vocabulary(SMALL).decided(
        [
            Decision("cini art", NAMED, names={"en": "Tile art", "es": "Arte cerámico"}, category="music"),
            Decision("guitare", MERGED, into="guitar"),
            Decision("piano", NAMED, names={"en": "Pianoforte", "es": "Pianoforte"}, category="music"),
            Decision("buy followers", REJECTED),
        ]
    )
    assert vocabulary.key_of("Tile art") == vocabulary.key_of("Çini art") == "cini art"
    assert vocabulary.name_of("cini art", "es") == "Arte cerámico"
    assert vocabulary.key_of("guitare") == "guitar"
    assert vocabulary.name_of("piano", "en") == "Pianoforte"
    assert vocabulary.key_of("Piano") == vocabulary.key_of("pianoforte") == "piano"
    assert vocabulary.complete("tile", "en", 3) == ("cini art",)
    assert vocabulary.rejected == {"buy followers"}


def test_merges_are_followed_and_never_form_a_cycle() -> None:
    base = read_vocabulary(SMALL)
    ring = [Decision("guitar", MERGED, into="piano"), Decision("piano", MERGED, into="guitar")]
    assert base.decided(ring).key_of("gitarre") == "piano"
    chain = [*ring[:1], Decision("piano", MERGED, into="baking")]
    assert {base.decided(chain).key_of(text) for text in ("Gitarre", "guitar", "piano", "baking")} == {"baking"}
    assert set(base.decided(chain).skills) == {"baking"}
    nowhere = [Decision("guitar", MERGED, into="nothing"), Decision("gitarre", NAMED, names={"en": "G"}, category="x")]
    assert base.decided(nowhere).skills == base.skills


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"en": "Guitar"}, "en, line 1"),
        ({"en": "[music] Music\nGuitar | a | b"}, "en, line 2"),
        ({"en": "[music] Music\nGuitar\nGuitar"}, "en, line 3"),
        ({"en": "[music] Music\nGuitar | a,,b"}, "en, line 2"),
        ({"en": "[music] Music\nGuitar", "es": "[music] Música\nGuitar"}, "es, line 2"),
        ({"en": "[music] Music\nGuitar", "es": "[music] Música\nPiano | Piano"}, "es, line 2"),
        ({"en": "[music] Music\nGuitar", "es": "[food] Comida"}, "es, line 1"),
    ],
)
def test_malformed_line_is_named_in_the_error(files: dict[str, str], line: str) -> None:
    with pytest.raises(ValueError, match=f"{line} is not"):
        read_vocabulary(files)


def test_an_empty_vocabulary_knows_plain_keys() -> None:
    assert Vocabulary.build((), ()).key_of("Café") == "cafe"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("cocina española", "Spanish cooking"),
        ("Spanish cuisine", "Spanish cooking"),
        ("paella valenciana", "Paella"),
        ("reporting", "Reporting"),
        ("networking", "Networking"),
        ("computer networking", "Computer networks"),
        ("Informática", "Information technology"),
        ("compsci", "Computer science"),
        ("graphql", "GraphQL"),
        ("C #", "C#"),
    ],
)
def test_common_spellings_lead_to_the_expected_skill(written: str, name: str) -> None:
    assert VOCABULARY.name_of(VOCABULARY.key_of(written), "en") == name
