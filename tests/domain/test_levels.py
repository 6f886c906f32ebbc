"""Levels are of listed skills, follow them through every spelling, and go with them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Invalid
from domain.users import ProfileChanges, User, apply_changes, joined, with_keys
from storage.vocabulary import load_vocabulary

KEY_OF = load_vocabulary().key_of
ADA = with_keys(
    User("a" * 24, "Ada", datetime(2024, 1, 1, tzinfo=UTC), skills_offered=("js", "Chess"), skills_wanted=("Guitar",)),
    KEY_OF,
)


def test_a_level_is_given_in_any_spelling_and_kept_by_key() -> None:
    said = apply_changes(ADA, ProfileChanges(offered_levels={"Java Script": "expert"}), KEY_OF)
    assert said.offered_levels == {"javascript": "expert"}
    again = apply_changes(said, ProfileChanges(skills_offered=("JavaScript", "Go"), name="Ada L."), KEY_OF)
    assert again.offered_levels == {"javascript": "expert"}
    assert apply_changes(again, ProfileChanges(skills_offered=("Go", "Chess")), KEY_OF).offered_levels == {}
    assert apply_changes(again, ProfileChanges(offered_levels={}), KEY_OF).offered_levels == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [(ProfileChanges(offered_levels={"Guitar": "expert"}), "skills.level_of_unlisted"),
     (ProfileChanges(wanted_levels={"Guitar": "godlike"}), "skills.level_unknown"),
     (ProfileChanges(skills_wanted=("Harp",), wanted_levels={"Guitar": "expert"}), "skills.level_of_unlisted")],
)  # fmt: skip
def test_other_levels_are_refused(changes: ProfileChanges, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        apply_changes(ADA, changes, KEY_OF)


def test_a_level_moves_when_its_skill_gets_another_key() -> None:
    said = apply_changes(ADA, ProfileChanges(offered_levels={"js": "beginner"}), KEY_OF)
    moved = with_keys(said, lambda skill: "ecmascript" if skill == "js" else KEY_OF(skill))
    assert (moved.offered_keys, moved.offered_levels) == (("ecmascript", "chess"), {"ecmascript": "beginner"})


def test_survivors_levels_win_in_a_merge() -> None:
    survivor = apply_changes(ADA, ProfileChanges(offered_levels={"js": "expert"}), KEY_OF)
    other = apply_changes(ADA, ProfileChanges(offered_levels={"js": "beginner", "Chess": "advanced"}), KEY_OF)
    assert joined(survivor, other).offered_levels == {"javascript": "expert", "chess": "advanced"}
