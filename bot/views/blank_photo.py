"""Picture that takes the place of a photo that is to go: Telegram makes no text of a photo message, nor deletes it
after two days."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Final

SIDE: Final = 64
GREY: Final = (224, 224, 224)


@cache
def blank_photo() -> bytes:
    """Return the picture as JPEG."""
    from PIL import Image  # loaded late to keep start-up fast

    content = BytesIO()
    Image.new("RGB", (SIDE, SIDE), GREY).save(content, "JPEG")
    return content.getvalue()
