"""Places that are left for open requests, in words."""

from __future__ import annotations

from bot.updates.context import Context
from bot.views.screens import Screen, show
from domain.quotas import RAISES, Quota
from handlers.quotas import get_quota
from handlers.runtime.texts import Texts


def quota_text(texts: Texts, quota: Quota) -> str:
    """Return how many more people can be asked, and what would raise it."""
    left = texts("quota.left", n=quota.left) if quota.left else texts("quota.none_left")
    steps = [f"• {texts(f'quota.raise.{step}', n=RAISES[step])}" for step in quota.more]
    return "\n".join([f"💡 {left}", *([texts("quota.more"), *steps] if steps else [])])


async def tell_quota(context: Context) -> None:
    """Tell a user who has just asked somebody how many more they can ask, once half of the places are used."""
    quota = await get_quota(context.deps, context.user)
    if quota.is_half_used:
        await show(context, Screen(quota_text(context.texts, quota)))
