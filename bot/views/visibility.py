"""The question of who may find a user, for those who use the bot before they have finished onboarding."""

from __future__ import annotations

from bot.views.screens import Screen, button
from domain.users import User
from handlers.runtime.texts import Texts


def needs_visibility(user: User) -> bool:
    """Return whether nobody can find this user although they have not said so: onboarding has not come that far."""
    return not user.onboarded and not user.is_public


def visibility_screen(texts: Texts) -> Screen:
    rows = [
        [
            button(texts.plain("button.public"), "seen", "public", style="primary"),
            button(texts.plain("button.private"), "seen", "private"),
        ]
    ]
    return Screen(texts("onboarding.not_found_yet"), rows)
