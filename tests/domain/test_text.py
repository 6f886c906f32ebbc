"""Text from outside: bounded, visible, and unable to affect the text around it."""

from __future__ import annotations

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.messages import MAX_MESSAGE_LENGTH, check_client_id, clean_message
from domain.text import clean_line, clean_text, cut_line
from domain.users import MAX_NAME_LENGTH, ProfileChanges, User, apply_changes, first_name
from tests.domain.test_swaps import AT

MAX = 40


def code(text: str, **options: bool) -> str:
    with pytest.raises(Invalid) as caught:
        clean_line(text, "name", max_length=MAX, **options)
    return caught.value.code


@given(st.text(max_size=2 * MAX))
def test_a_cleaned_line_is_one_bounded_line_and_stays_as_it_is(text: str) -> None:
    try:
        line = clean_line(text, "name", max_length=MAX, required=False)
    except Invalid:
        return
    assert len(line) <= MAX
    assert line == clean_line(line, "name", max_length=MAX, required=False)
    assert line == unicodedata.normalize("NFC", line)
    assert line == " ".join(line.split())
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in line)


@given(st.text(max_size=2 * MAX))
def test_a_cleaned_text_stays_as_it_is(text: str) -> None:
    try:
        body = clean_text(text, "message", max_length=MAX, required=False)
    except Invalid:
        return
    assert body == clean_text(body, "message", max_length=MAX, required=False)
    assert "\r" not in body


def test_ascii_is_kept_as_it_is_or_refused_as_empty() -> None:
    assert clean_text(" Tea at 5 ~ or:\n\t6?\n", "message", max_length=MAX) == "Tea at 5 ~ or:\n\t6?"
    assert clean_text("a\x1fb\x7f\x01", "message", max_length=MAX) == "a b"
    for blank in ("", " \n\t", "\x01\x7f", "\x1c\x1f"):
        assert clean_text(blank, "message", max_length=MAX, required=False) == ""
        with pytest.raises(Invalid, match=r"text\.empty"):
            clean_text(blank, "message", max_length=MAX)


def test_every_combining_mark_counts_among_plain_letters() -> None:
    marks = [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in ("Mn", "Me")]
    for mark in marks:
        with pytest.raises(Invalid, match=r"text\.not_allowed"):
            clean_text(f"plain words x{6 * mark}", "message", max_length=MAX)


@pytest.mark.parametrize("text", ["Zoë", "François", "Łukasz", "👩\u200d🔬", "می\u200cخواهم", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ⵣ", "🫨", "🫩"])
def test_names_of_the_world_are_kept(text: str) -> None:
    assert clean_line(text, "name", max_length=MAX) == unicodedata.normalize("NFC", text)


def test_invisible_characters_are_removed() -> None:
    assert clean_line("\ufeffAda\u200b Love\u00adlace ", "name", max_length=MAX) == "Ada Lovelace"
    assert clean_text("one\r\ntwo\rthree\n", "message", max_length=MAX) == "one\ntwo\nthree"


@pytest.mark.parametrize(
    "text",
    [
        "\u2067محمد\u2069",
        "\u202a+34 600 000 000\u202c",
        "\u2067محمد \u202aAda\u202c\u2069 Lovelace",
        "\u2068\u2067א\u2069\u2069",
    ],
)
def test_balanced_marks_of_direction_are_kept(text: str) -> None:
    assert clean_line(text, "name", max_length=MAX) == text
    assert clean_text(f"{text}\n{text}", "message", max_length=3 * MAX) == f"{text}\n{text}"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\u202eAda", "Ada"),
        ("Ada\u202c", "Ada"),
        ("\u2069Ada", "Ada"),
        ("\u2067\u202aAda\u2069", "\u2067Ada\u2069"),
        ("\u202a\u2067Ada\u202c\u2069\u202c", "\u202a\u2067Ada\u2069\u202c"),
        ("\u202aAda\u2069\u202c", "\u202aAda\u202c"),
        ("Ada \u2069 Lovelace", "Ada Lovelace"),
        ("e\u2069\u0301", "é"),
        ("Ada\uf8ff\U000f0001", "Ada"),
        ("Ada\vLovelace\u2028Byron", "Ada Lovelace Byron"),
        ("a\x1b[2J\x07", "a[2J"),
    ],
)
def test_what_has_no_counterpart_or_draws_nothing_is_dropped(text: str, kept: str) -> None:
    assert clean_line(text, "name", max_length=MAX) == kept


def test_marks_of_direction_are_balanced_in_each_line_of_a_text() -> None:
    assert clean_text("\u202aone\ntwo\u202c\vthree\u2028\fend", "message", max_length=MAX) == "one\ntwo\nthree\n\nend"


@pytest.mark.parametrize("text", ["\u2067\u2069", "\u202a \u202c", "\uf8ff", "\v", "\u200f"])
def test_marks_alone_are_an_empty_text(text: str) -> None:
    assert code(text) == "text.empty"


def test_a_name_that_is_cut_leaves_no_mark_open() -> None:
    assert cut_line("\u2067" + "م" * 99 + "\u2069", "name", max_length=MAX) == "م" * (MAX - 1)
    ada = User(id="a" * 24, name="\u2067محمد أحمد\u2069", created_at=AT)
    assert first_name(ada) == "محمد"


def test_many_marks_of_direction_take_no_time() -> None:
    started = time.perf_counter()
    nested = "\u2067" * 8_000 + "x" + "\u2069" * 8_000
    assert clean_text(nested, "message", max_length=20_000) == nested
    assert code("a" + "\u0301\u200b\u2069" * 60) == "text.not_allowed"
    assert time.perf_counter() - started < 1


def test_length_is_counted_after_composing() -> None:
    assert clean_line("e\u0301" * MAX, "name", max_length=MAX) == "é" * MAX
    assert code("é" * (MAX + 1)) == "text.too_long"


@pytest.mark.parametrize("size", [200, 5_000, 2_000_000])
def test_text_with_many_marks_is_refused_at_once(size: int) -> None:
    started = time.perf_counter()
    assert code("a" + "\u0301\u0316" * (size // 2)) in ("text.too_long", "text.not_allowed")
    with pytest.raises(Invalid):
        clean_message("a" + "\u0301\u0316" * (size // 2), has_photo=False)
    assert time.perf_counter() - started < 0.2


def test_message_has_text_or_a_photo() -> None:
    assert clean_message("x" * MAX_MESSAGE_LENGTH, has_photo=False) == "x" * MAX_MESSAGE_LENGTH
    assert clean_message(" \n ", has_photo=True) == ""
    for text in ("", " \n\t ", "\u200b\u200d", "x" * (MAX_MESSAGE_LENGTH + 1), "a\0b"):
        with pytest.raises(Invalid):
            clean_message(text, has_photo=False)


@pytest.mark.parametrize("client_id", ["", " ", "a b", "x" * 65, "a\n", "é", "a/b", "$where{}"])
def test_client_id_is_short_ascii(client_id: str) -> None:
    with pytest.raises(Invalid, match=r"message\.client_id"):
        check_client_id(client_id)
    assert check_client_id("tg:4242:7_a.B-9") == "tg:4242:7_a.B-9"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (ProfileChanges(name=""), "name"),
        (ProfileChanges(name="x" * (MAX_NAME_LENGTH + 1)), "name"),
        (ProfileChanges(location="a\0b"), "location"),
        (ProfileChanges(availability="x" * 201), "availability"),
        (ProfileChanges(skills_wanted=("Chess", "chess")), "skills_wanted"),
        (ProfileChanges(locale="tlh"), "locale"),
        (ProfileChanges(timezone="../../etc/passwd\n"), "timezone"),
        (ProfileChanges(timezone="x" * 65), "timezone"),
    ],
)
def test_a_refused_change_names_its_field(changes: ProfileChanges, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        apply_changes(User(id="a" * 24, name="Ada", created_at=AT), changes)
    assert caught.value.params["field"] == field


def test_a_change_touches_what_it_names_only() -> None:
    ada = User(id="a" * 24, name="Ada", created_at=AT, location="Lima", skills_offered=("Chess",), timezone="Etc/UTC")
    after = apply_changes(ada, ProfileChanges(name=" Ada  L. ", location="", timezone=""))
    assert (after.name, after.location, after.timezone, after.skills_offered) == ("Ada L.", "", None, ("Chess",))
