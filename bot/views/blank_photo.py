"""Picture that takes the place of a photo that is to go: Telegram makes no text of a photo message, nor deletes it
after two days."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image

SIDE: Final = 64
GREY: Final = (224, 224, 224)


def _blank_photo() -> bytes:
    content = BytesIO()
    Image.new("RGB", (SIDE, SIDE), GREY).save(content, "JPEG")
    return content.getvalue()


BLANK_PHOTO: Final = _blank_photo()
