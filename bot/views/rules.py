"""The rules of the community, with the button that agrees to them."""

from __future__ import annotations

from bot.updates.context import Context
from bot.views.screens import Screen, button
from handlers.community import get_community
from handlers.rules import has_agreed


async def rules_to_agree(context: Context) -> Screen | None:
    """Return the screen that asks the user to agree to the rules; None when they have."""
    community, texts = await get_community(context.deps), context.texts
    if has_agreed(community, context.user):
        return None
    text = texts("rules.ask_again" if context.user.rules_agreed else "rules.ask", rules=community.rules)
    yes = button(texts.plain("rules.agree"), "agree", community.rules_version, style="success")
    return Screen(text, [[yes]])
