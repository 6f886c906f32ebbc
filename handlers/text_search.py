"""Search for people by a typed text: a skill, several of them, or the name of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.skill_lists import read_list
from domain.users import User
from handlers.people_search import PAGE, SearchPage, has_namesakes, search_by_name, search_teachers
from handlers.runtime.deps import Deps

MAX_SEVERAL: Final = 8
"""Skills of one text that are offered to choose from."""


@dataclass(frozen=True, slots=True)
class TextSearch:
    """Result of a search by text.

    A text that names several skills finds nothing yet: `several` are their keys. Else `page` has the teachers of the
    skill, as `written`, or the people of that name (`is_by_name`). `similar` are keys of skills that it may mean as
    well, `namesakes` is the key of a search by name that would find somebody.
    """

    written: str = ""
    page: SearchPage | None = None
    is_by_name: bool = False
    several: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()
    namesakes: str | None = None


async def search_text(deps: Deps, actor: User, text: str, *, page: int = 0, size: int = PAGE) -> TextSearch:
    """Return what a typed text finds. Raises Invalid, TooMany."""
    vocabulary = deps.vocabulary
    named = read_list(text, deps.list_words, vocabulary)
    keys = dict.fromkeys(key for skill in named if (key := vocabulary.key_of(skill)) in vocabulary)
    if len(named) > 1 and keys:
        return TextSearch(several=tuple(keys)[:MAX_SEVERAL])
    return await search_skill(deps, actor, named[0] if len(named) == 1 else text, page=page, size=size)


async def search_skill(deps: Deps, actor: User, skill: str, *, page: int = 0, size: int = PAGE) -> TextSearch:
    """Return the teachers of a skill; if there are none and the text is no known skill, people of that name. Raises
    Invalid, TooMany."""
    found = await search_teachers(deps, actor, skill, page=page, size=size)
    written = " ".join(skill.split())
    similar = tuple(deps.vocabulary.similar(skill))
    namesakes = await has_namesakes(deps, actor, written)
    if not found.matches and namesakes is not None and found.key not in deps.vocabulary and not similar:
        named = await search_by_name(deps, actor, written, page=page, size=size)
        return TextSearch(written, named, is_by_name=True)
    return TextSearch(written, found, similar=similar, namesakes=namesakes)
