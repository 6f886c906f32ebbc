"""Photos from Telegram. File URLs contain the bot's token: they are used here and never stored or sent."""

from __future__ import annotations

from telegram.constants import ChatAction
from telegram.error import BadRequest, TelegramError

from bot.updates.context import Context
from domain.errors import Invalid
from domain.photos import MAX_PHOTO_BYTES, photo_too_large
from handlers.photos import PROFILE, upload_photo
from handlers.users import get_user


async def download_photo(context: Context, file_id: str) -> bytes:
    """Return the bytes of a Telegram file. Raises Invalid: photo.too_large before anything is downloaded,
    photo.not_an_image when Telegram does not give it out."""
    await _show_upload_action(context)
    try:
        file = await context.bot.get_file(file_id)
    except BadRequest as error:
        if "too big" in error.message.casefold():
            raise photo_too_large() from None
        raise Invalid("photo.not_an_image") from None  # an empty file, or one that Telegram no longer has
    if (file.file_size or 0) > MAX_PHOTO_BYTES:  # Telegram itself hands out files of up to 20 MB
        raise photo_too_large()
    return bytes(await file.download_as_bytearray())


async def set_profile_photo(context: Context, data: bytes) -> None:
    """Store an image as the user's profile photo."""
    await upload_photo(context.deps, context.user, data, purpose=PROFILE)
    context.user = await get_user(context.deps, context.user.id)


async def use_telegram_photo(context: Context) -> bool:
    """Use the photo of the user's Telegram account; return False when there is none that bots may see."""
    photos = await context.bot.get_user_profile_photos(context.dialog.telegram_id, limit=1)
    if not photos.photos:
        return False
    await set_profile_photo(context, await download_photo(context, photos.photos[0][-1].file_id))
    return True


async def _show_upload_action(context: Context) -> None:
    try:
        await context.bot.send_chat_action(context.dialog.telegram_id, ChatAction.UPLOAD_PHOTO)
    except TelegramError:
        return  # best effort: the photo does not depend on it
