"""Where a person stands in the bot; kept in the store, so that a restart changes nothing for them."""

from __future__ import annotations

from handlers.deps import Deps
from skillswap.domain.dialogs import Dialog


async def get_dialog(deps: Deps, telegram_id: int) -> Dialog:
    return await deps.store.dialogs.get(telegram_id)


async def save_dialog(deps: Deps, dialog: Dialog) -> None:
    await deps.store.dialogs.save(dialog)
