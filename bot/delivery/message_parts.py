"""Parts of a relayed message: a header in bold with the sender's name, then the text exactly as written.

They are computed from the message alone, so that the parts which a chat should show are known without its history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from telegram import MessageEntity

from bot.views.lengths import MAX_CAPTION, MAX_TEXT, units
from domain.attachments import WITH_CAPTION, Attachment


@dataclass(frozen=True, slots=True)
class Part:
    """One Telegram message. The first `bold` UTF-16 units are the header.

    `source` is (chat id, message id) of the message in Telegram that is copied, with the text, if there is any, as its
    caption. `line` stands for it in a plain text.
    """

    text: str
    bold: int
    photo_url: str | None = None
    source: tuple[int, int] | None = None
    line: str = ""

    @property
    def entities(self) -> list[MessageEntity]:
        return [MessageEntity(MessageEntity.BOLD, 0, self.bold)] if self.bold else []

    @property
    def plain_text(self) -> str:
        """Return the part as plain text, with the URL of a photo instead of the photo."""
        return "\n".join(filter(None, (self.text, self.photo_url, self.line)))


def compose(header: str, text: str, photo_url: str | None, *, room: int = 0) -> list[Part]:
    """Return the parts of a message, each with its header; more than one only where Telegram's limits require it.

    `room`: UTF-16 units to keep free for the header, if it may become longer: the text is cut in the same places then.
    """
    room = max(room, units(header))
    if photo_url is not None:
        if room + 1 + units(text) <= MAX_CAPTION:
            return [_part(header, text, photo_url)]
        return [_part(header, "", photo_url), *compose(header, text, None, room=room)]
    return [_part(header, piece) for piece in _pieces(text, MAX_TEXT - room - 1)]


def compose_with(
    attachment: Attachment, source: tuple[int, int], header: str, text: str, *, room: int = 0
) -> list[Part]:
    """Return the parts of a message with an attachment, which is copied from the sender's chat: with the words as its
    caption if it takes one, else below the header. It has the same place among the parts however long the text is."""
    room = max(room, units(header))
    line = attachment.line
    if attachment.kind in WITH_CAPTION:
        fits = room + 1 + units(text) <= MAX_CAPTION
        first = replace(_part(header, text if fits else ""), source=source, line=line)
        return [first, *([] if fits else compose(header, text, None, room=room))]
    first, *rest = compose(header, text, None, room=room)
    return [first, Part("", 0, source=source, line=line), *rest]


def _part(header: str, text: str, photo_url: str | None = None) -> Part:
    return Part(f"{header}\n{text}" if text else header, units(header), photo_url)


def _pieces(text: str, room: int) -> list[str]:
    """Split the text into pieces of at most `room` UTF-16 units, at the end of a line or a word where possible."""
    pieces: list[str] = []
    while units(text) > room:
        fits = text.encode("utf-16-le")[: room * 2].decode("utf-16-le", errors="ignore")
        cut = max(fits.rfind("\n"), fits.rfind(" "))
        cut = cut if cut > len(fits) // 2 else len(fits)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]
