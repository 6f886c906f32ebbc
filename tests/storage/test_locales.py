"""The texts of all languages: complete, with the same placeholders, markup that is read, and short enough."""

from __future__ import annotations

import ast
import html
import re
import string
import tomllib
from collections.abc import Iterator, Mapping, Set
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from api.auth.pages import ANY_ERROR, FORM_ERRORS, PAGE_ERRORS
from bot.application import COMMANDS
from bot.views.lengths import MAX_TEXT, MAX_TOAST
from domain.errors import Problem
from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.skills import canonical_key, clean_skill, split_skills
from domain.swaps import STATUSES
from domain.vocabulary import MERGED, NAMED, REJECTED
from domain.week import SLOTS
from handlers.runtime.texts import Texts, load_texts
from storage.locales import reader
from storage.locales.reader import FOLDER, load_locales

ROOT = Path(__file__).parents[2]
ASKING = ("bot", "api", "mail", "handlers")
BELOW_THE_CHANNELS = ("handlers", "domain", "storage")
REGISTRY = Path("domain/languages.py")

MAX_LABEL = 64
MAX_COMMAND = 256
MAX_DESCRIPTION = 512
MAX_SHORT_DESCRIPTION = 120
WEB_TAGS = {"b", "br", "code", "a"}
TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote"}

WITHOUT_WORDS = {
    "unauthenticated", "photo.not_found", "idempotency.in_flight", "idempotency.reused", "read_only_field",
}  # fmt: skip
"""Codes that only the web uses; in the bot the texts of their kinds would do."""

SAME_WORD = {
    "de": {
        "page.nav.chats",
        "session.where.online",
        "mail.session.where.online",
        "session.where.link",
    },
    "es": {"page.nav.chats"},
    "fr": {"level.expert"},
}
"""Texts that read the same in English."""

KEY_CALL = re.compile(r"(?:^|[^\w])(?:texts|plain|_texts|template)$")


def parsed(source: str) -> ast.Module:
    """Parsed again when refused: CPython 3.11 counts the depth of all threads' parsing together (its issue 106905)."""
    for _ in range(20):
        try:
            return ast.parse(source)
        except SystemError:
            continue
    raise AssertionError("the source cannot be parsed")


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every text, plural forms one by one: ("chat.sent.one", "…")."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def words_of(locale: str) -> dict[str, str]:
    files = sorted((FOLDER / locale).glob("*.toml"))
    return {key: text for file in files for key, text in flat(tomllib.loads(file.read_text(encoding="utf-8")))}


WORDS = {locale: words_of(locale) for locale in LOCALES}
TEXTS = load_texts()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "sandbox" not in file.parts:
                yield file, parsed(file.read_text(encoding="utf-8"))


def literal_keys(call: ast.Call) -> Iterator[str]:
    """The keys that a call may name: "a", "a" if … else "b", or f"a.{…}" as a pattern."""
    first = call.args[0]
    choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    for choice in choices:
        if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
            yield re.escape(choice.value)
        elif isinstance(choice, ast.JoinedStr):
            parts = (re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"[\w.]+" for p in choice.values)
            yield "".join(parts)


def used_keys() -> Iterator[tuple[str, str]]:
    """(where, pattern) for every text that the code asks for."""
    for file, tree in sources(*ASKING):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and KEY_CALL.search(ast.unparse(node.func)):
                for pattern in literal_keys(node):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", pattern


def raised_codes(*folders: str) -> set[str]:
    """The code of every Problem that is raised in these folders."""
    kinds = {kind.__name__ for kind in Problem.__subclasses__()}
    codes = set()
    actions = set()
    for _, tree in sources(*folders):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name, first = ast.unparse(node.func), node.args[0]
            if name in kinds:
                choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                codes |= {str(choice.value) for choice in choices if isinstance(choice, ast.Constant)}
            if name.endswith(("rates.take", "rates.spend")) and isinstance(first, ast.Constant):
                actions.add(str(first.value))
    assert actions, "the rates are taken in some other way now"
    return codes | {f"{action}.too_fast" for action in actions}


def test_every_text_exists_in_every_language() -> None:
    for locale in LOCALES:
        missing = set(TEXTS["en"]._words) ^ set(TEXTS[locale]._words)
        assert not missing, f"{locale}: {sorted(missing)}"


def test_no_text_is_defined_twice() -> None:
    for locale in LOCALES:
        seen: dict[str, str] = {}
        for file in sorted((FOLDER / locale).glob("*.toml")):
            for key, _ in flat(tomllib.loads(file.read_text(encoding="utf-8"))):
                assert key not in seen, f"{key} stands in {seen[key]} and in {file.name}"
                seen[key] = file.name


def test_placeholders_of_a_text_are_the_same_in_every_language() -> None:
    for locale in LOCALES:
        for key, text in WORDS[locale].items():
            twin = WORDS["en"].get(key, WORDS["en"].get(re.sub(r"\.\w+$", ".other", key), ""))
            assert placeholders(text) - {"n"} == placeholders(twin) - {"n"}, f"{locale}: {key}"


def test_no_text_is_empty_or_left_untranslated() -> None:
    english = WORDS["en"]
    for locale in LOCALES[1:]:
        alike = {
            key for key, text in english.items() if WORDS[locale].get(key) == text and re.search(r"[a-z]{4}", text)
        }
        same = {key for key in alike if re.search(r"[a-z]{4}", re.sub(r"\{\w+\}|<[^>]+>", "", english[key]))}
        assert not same - {"button.chat", "swap.chat"} - SAME_WORD.get(locale, set()), locale
    for words in WORDS.values():
        assert not {key for key, text in words.items() if not text.strip()}


def test_no_line_begins_with_a_sign() -> None:
    assert TEXTS["fr"].plain("session.told.asked", name="Maya").endswith("vous vous êtes vus\u202f?</b>")
    assert "\u00a0:" in TEXTS["fr"].plain("dispute.says", name="Maya")
    for locale, texts in load_locales().items():
        found = [key for key, text in texts.items() if re.search(r" [?!:;»]|« ", str(text))]
        assert found == [], locale


def test_texts_are_read_as_toml_says() -> None:
    for locale, texts in load_locales().items():
        read = {key: re.sub("[\u00a0\u202f]", " ", text) for key, text in flat(texts)}
        assert read == {key: re.sub("[\u00a0\u202f]", " ", text) for key, text in WORDS[locale].items()}, locale


@pytest.mark.parametrize(
    "line",
    [
        r'a = "caf\u00e9 \\ {n}"',
        "a = 'café \\ {n}'",
        r'"a" = "café \\ {n}" # said so',
        'a = """café \\\\ \\\n   {n}"""',
    ],
)
def test_texts_may_be_written_in_any_way_of_toml(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for locale in LOCALES:
        (tmp_path / locale).mkdir()
        (tmp_path / locale / "page.toml").write_text(f'[page]\nfirst = "1"\n{line}\n', encoding="utf-8")
    monkeypatch.setattr(reader, "FOLDER", tmp_path)
    assert reader.load_locales.__wrapped__()["en"] == {"page.first": "1", "page.a": "café \\ {n}"}


def test_every_text_that_the_code_asks_for_exists() -> None:
    known = set(TEXTS["en"]._words)
    used = list(used_keys())
    assert len(used) > 100, "the way in which texts are asked for has changed"
    missing = [(where, key) for where, key in used if not any(re.fullmatch(key, name) for name in known)]
    assert not missing


def test_every_slot_and_language_has_a_name() -> None:
    for texts in TEXTS.values():
        for slot in SLOTS:
            assert texts.has(f"slot.{slot.replace(' ', '_')}")
        assert texts.has("language.name")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_problem_has_a_text(locale: str) -> None:
    codes = raised_codes(*BELOW_THE_CHANNELS) - WITHOUT_WORDS
    assert len(codes) > 30, "the way in which problems are raised has changed"
    texts = TEXTS[locale]
    assert not {code for code in codes if not (texts.has(f"problem.{code}") or texts.has(f"detail.{code}"))}
    # what the bot says in the words of REST may be a toast
    said = {code for code in codes if not texts.has(f"problem.{code}")}
    assert not {code for code in said if len(str(WORDS[locale][f"detail.{code}"])) > MAX_TOAST}
    kinds = {kind.kind for kind in Problem.__subclasses__() if kind.__module__ == Problem.__module__}
    assert not {kind for kind in kinds if not texts.has(f"problem.kind.{kind}")}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_problem_has_a_detail(locale: str) -> None:
    codes = raised_codes(*BELOW_THE_CHANNELS, "api")
    assert len(codes) > 80, "the way in which problems are raised has changed"
    assert not {code for code in codes if not TEXTS[locale].has(f"detail.{code}")}
    for status in STATUSES:
        assert TEXTS[locale].has(f"api.status.{status}")
    for state in (NAMED, MERGED, REJECTED):
        assert TEXTS[locale].has(f"api.state.{state}")


def test_no_code_is_a_prefix_of_another() -> None:
    codes = TEXTS[DEFAULT_LOCALE].templates("detail.")
    assert not {code for code in codes for other in codes if other.startswith(f"{code}.")}
    assert all(isinstance(text, str) for text in codes.values())


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sign_in_error_has_a_text(locale: str) -> None:
    assert not {name for name in FORM_ERRORS.values() if not TEXTS[locale].has(f"page.sign_in.error.{name}")}
    for _, name in (*PAGE_ERRORS.values(), ANY_ERROR):
        assert TEXTS[locale].has(f"page.error.{name}.title")
        assert TEXTS[locale].has(f"page.error.{name}.text")


def test_the_scripts_of_the_pages_ask_for_texts_that_exist() -> None:
    """Texts that all scripts share are `page.live.*`, those of one page `page.<subject>.live.*`."""
    keys = [key for key in TEXTS[DEFAULT_LOCALE].templates("page.") if re.match(r"(?:\w+\.)?live\.", key)]
    known = {key.partition("live.")[2] for key in keys}
    scripts = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "api/pages/assets").glob("*.js"))
    scripts = re.sub(r"^ *//.*$", "", scripts, flags=re.MULTILINE)
    asked = set(re.findall(r'say\("(\w+)"', scripts))
    assert len(asked) > 15, "the way in which scripts ask for texts has changed"
    assert asked <= known
    assert known <= set(re.findall(r"\w+", scripts)), "texts that no script names"


def test_no_language_is_named_outside_the_registry() -> None:
    literal = re.compile("|".join(rf"[\"']{locale}[\"']|lang=[\"']?{locale}\b" for locale in LOCALES))
    files = [file for folder in (*ASKING, "storage", "domain", "skillswap") for file in (ROOT / folder).rglob("*.*")]
    assert not {
        f"{file.relative_to(ROOT)}: {found[0]}"
        for file in files
        if file.suffix in (".py", ".js", ".html")
        and file.relative_to(ROOT) != REGISTRY
        and not {"sandbox", "demo", "examples.py"} & set(file.parts)
        for found in [literal.search(file.read_text(encoding="utf-8"))]
        if found
    }


class Strict(HTMLParser):
    """Refuses unknown tags, and tags that are not closed or closed in another order, as Telegram does."""

    def __init__(self, tags: Set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = tags
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.tags, f"<{tag}> is not known there"
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


PLAIN = (
    "button.", "field.", "command.", "bot.", "problem.", "slot.", "swap.toast.",
    "detail.", "api.", "mail.", "page.live.", "calendar.",
)  # fmt: skip


def is_plain(key: str) -> bool:
    """Goes where there is no markup: buttons, toasts, the menu, problems, mails, titles and scripts of pages."""
    return key.startswith(PLAIN) or (key.startswith("page.") and key.endswith(".title"))


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_are_valid_markup_or_plain_where_none_is_read(locale: str) -> None:
    for key, text in WORDS[locale].items():
        if is_plain(key) and key not in ("problem.bug", "problem.answer"):
            assert html.unescape(text) == text, f"{key} has markup where none is read"
            assert not re.search(r"</?\w+>", text), f"{key} has markup where none is read"
            continue
        bare = re.sub(r"<[^<>]*>", "", text)
        assert "<" not in bare, f"{locale}: {key} has a bare <"
        assert not re.search(r"&(?!\w+;)", bare), f"{locale}: {key} has a bare &"
        reader = Strict(WEB_TAGS if key.startswith("page.") else TAGS)
        reader.feed(text)
        reader.close()
        assert not reader.open, f"{locale}: {key} leaves <{reader.open}> open"


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_fit_telegrams_limits(locale: str) -> None:
    for key, text in WORDS[locale].items():
        if key.startswith(("button.", "field.", "slot.", "language.")):
            assert len(text) <= MAX_LABEL, key
        elif key.startswith("problem.") or key.startswith("swap.toast."):
            assert len(text) <= MAX_TOAST, key
        else:
            assert len(text) <= MAX_TEXT, key
    texts = TEXTS[locale]
    for command in COMMANDS:
        assert len(texts.plain(f"command.{command}")) <= MAX_COMMAND
    assert len(texts.plain("bot.description")) <= MAX_DESCRIPTION
    assert len(texts.plain("bot.short_description")) <= MAX_SHORT_DESCRIPTION


@pytest.mark.parametrize("locale", LOCALES)
def test_suggested_skills_are_valid(locale: str) -> None:
    suggested = split_skills(TEXTS[locale].plain("ask.suggestions"))
    assert len({canonical_key(skill) for skill in suggested}) == len(suggested) > 5
    for skill in suggested:
        assert clean_skill(skill) == skill
        assert ":" not in skill
        assert len(f"edit:teach:add:{skill}".encode()) <= 64


def test_user_text_is_never_markup() -> None:
    texts = Texts("en", {"hi": "<b>{name}</b>"})
    assert texts("hi", name="<i>&Ana") == "<b>&lt;i&gt;&amp;Ana</b>"
