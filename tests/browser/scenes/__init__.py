"""Scenes: the pages that axe looks at, with states worth seeing (filled, empty, refused). One module a subject; each
has `pages(stage)`, which makes the people and what they did, and returns (path, reader or None) for each page.

A new module is found by itself. Modules run in the order of their names, `door` last: its rules would be in the way.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass

from domain.users import User
from handlers.runtime.deps import Deps
from tests.api.conftest import Web
from tests.factories import SignIn

Pages = list[tuple[str, User | None]]

LAST = "door"
GUITAR = {"skills_offered": ("Guitar",), "skills_wanted": ("Python",)}
PYTHON = {"skills_offered": ("Python",), "skills_wanted": ("Guitar",)}


@dataclass(frozen=True, slots=True)
class Stage:
    """Surroundings of a scene: the service and the way to sign in there."""

    deps: Deps
    web: Web
    sign_in: SignIn


SUBJECTS = sorted((module.name for module in pkgutil.iter_modules(__path__)), key=lambda name: (name == LAST, name))


async def pages_of(subject: str, stage: Stage) -> Pages:
    """Return the pages of one scene."""
    found: Pages = await importlib.import_module(f"{__name__}.{subject}").pages(stage)
    return found


async def all_pages(stage: Stage) -> Pages:
    """Return the pages of all scenes."""
    return [page for subject in SUBJECTS for page in await pages_of(subject, stage)]
