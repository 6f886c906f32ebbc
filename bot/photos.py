"""Photos on their way from Telegram. Its file addresses carry the bot's token: they are used here and go nowhere."""

from __future__ import annotations

from telegram.constants import ChatAction
from telegram.error import BadRequest, TelegramError

from bot.updates.context import Context
from domain.photos import MAX_PHOTO_BYTES, photo_too_large
from handlers.photos import PROFILE, upload_photo
from handlers.users import get_user


async def download_photo(context: Context, file_id: str) -> bytes:
    """The bytes of a file that Telegram holds. Raises Invalid photo.too_large before anything is downloaded."""
    await _say_working(context)
    try:
        file = await context.bot.get_file(file_id)
    except BadRequest as error:
        if "too big" in error.message.casefold():
            raise photo_too_large() from None
        raise
    if (file.file_size or 0) > MAX_PHOTO_BYTES:  # Telegram itself hands out files of up to 20 MB
        raise photo_too_large()
    return bytes(await file.download_as_bytearray())


async def set_profile_photo(context: Context, data: bytes) -> None:
    """Make a picture the profile photo of the person writing."""
    await upload_photo(context.deps, context.user, data, purpose=PROFILE)
    context.user = await get_user(context.deps, context.user.id)


async def take_telegram_photo(context: Context) -> bool:
    """Use the photo of their Telegram account; False when there is none that a bot may see."""
    photos = await context.bot.get_user_profile_photos(context.dialog.telegram_id, limit=1)
    if not photos.photos:
        return False
    await set_profile_photo(context, await download_photo(context, photos.photos[0][-1].file_id))
    return True


async def _say_working(context: Context) -> None:
    try:
        await context.bot.send_chat_action(context.dialog.telegram_id, ChatAction.UPLOAD_PHOTO)
    except TelegramError:
        return  # a courtesy: the photo does not depend on it
