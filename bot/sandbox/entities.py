"""Text entities: parse_mode HTML, read strictly, and entities that Telegram detects (commands, links, mentions).

Offsets and lengths of entities count UTF-16 code units, byte offsets in errors count UTF-8 bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.model import Json, utf16_length

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
VERBATIM = ("code", "pre")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
MAX_CODE_POINT = 0x10FFFF
MAX_ENTITIES = 100

_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));?")
_NAME = re.compile(r"[^\s>=/\"']*")
_LINK = re.compile(r"(?:https?|tg|ftp)://\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[:/?#]\S*)?$", re.IGNORECASE)
_USER_LINK = re.compile(r"tg://user/?\?id=(\d+)")
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)\]'»”]|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|dev|app|example)\b"
    r"(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]'»”])?)"
    r"|(?P<email>(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<mention>(?<![\w@/])@[A-Za-z]\w{2,31}\b)"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Open:
    tag: str
    start: int
    attributes: dict[str, str]


def refuse(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return the plain text and its entities. Raises ApiError with Telegram's description for markup that it
    refuses."""
    return _HtmlReader(source).read()


class _HtmlReader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._parts: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        source = self._source
        while self._at < len(source):
            if source.startswith("</", self._at):
                self._close_tag()
            elif source[self._at] == "<":
                self._open_tag()
            else:
                self._write(self._character())
        if self._open:
            raise refuse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        self._entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._parts), self._entities

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += utf16_length(text)

    def _byte(self, index: int) -> int:
        return len(self._source[:index].encode("utf-8", "surrogatepass"))

    def _character(self) -> str:
        """Return the next character, with a reference such as &amp; resolved. An unknown reference is plain text."""
        start = self._at
        if self._source[start] == "&" and (match := _REFERENCE.match(self._source, start)):
            hexadecimal, decimal, name = match.groups()
            known = NAMED.get(name) if name else None
            if not name:
                code = int(hexadecimal, 16) if hexadecimal else int(decimal[:9])
                known = chr(code) if 0 < code <= MAX_CODE_POINT and not 0xD800 <= code < 0xE000 else None
            if known is not None:
                self._at = match.end()
                return known
        self._at += 1
        return self._source[start]

    def _skip_spaces(self) -> None:
        while self._at < len(self._source) and self._source[self._at].isspace():
            self._at += 1

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _open_tag(self) -> None:
        start = self._at
        end = start + 1
        while end < len(self._source) and not self._source[end].isspace() and self._source[end] != ">":
            end += 1
        if end >= len(self._source):
            raise refuse(f"Unclosed start tag at byte offset {self._byte(start)}")
        tag = self._source[start + 1 : end].lower()
        if tag not in TAGS:
            raise refuse(f'Unsupported start tag "{tag}" at byte offset {self._byte(start)}')
        self._at = end
        attributes = self._attributes(tag, start)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(start)}')
        self._open.append(_Open(tag, self._length, attributes))

    def _attributes(self, tag: str, start: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._skip_spaces()
            if self._peek() == ">":
                self._at += 1
                return found
            if not self._peek():
                raise refuse(f'Unclosed start tag "{tag}" at byte offset {self._byte(start)}')
            match = _NAME.match(self._source, self._at)
            name = match.group() if match else ""
            if not name:
                raise refuse(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(start)}')
            self._at += len(name)
            self._skip_spaces()
            value = ""
            if self._peek() == "=":
                self._at += 1
                self._skip_spaces()
                value = self._value(tag, start)
            found[name.lower()] = value

    def _value(self, tag: str, start: int) -> str:
        quote = self._peek()
        if not quote:
            raise refuse(f'Unclosed start tag "{tag}" at byte offset {self._byte(start)}')
        if quote not in "\"'":
            begin = self._at
            while self._peek() and (self._peek().isalnum() or self._peek() in ".-"):
                self._at += 1
            if not self._peek() or not (self._peek().isspace() or self._peek() == ">"):
                raise refuse(f"Unexpected end of name token at byte offset {self._byte(begin)}")
            return self._source[begin : self._at].lower()
        self._at += 1
        value: list[str] = []
        while self._peek() and self._peek() != quote:
            value.append(self._character())
        if not self._peek():
            raise refuse(f"Unclosed start tag at byte offset {self._byte(start)}")
        self._at += 1
        return "".join(value)

    def _close_tag(self) -> None:
        start = self._at
        if not self._open:
            raise refuse(f"Unexpected end tag at byte offset {self._byte(start)}")
        end = start + 2
        while end < len(self._source) and not self._source[end].isspace() and self._source[end] != ">":
            end += 1
        name = self._source[start + 2 : end].lower()
        self._at = end
        self._skip_spaces()
        if self._peek() != ">":
            raise refuse(f"Unclosed end tag at byte offset {self._byte(start)}")
        self._at += 1
        opened = self._open.pop()
        if name and name != opened.tag:
            raise refuse(
                f'Unmatched end tag at byte offset {self._byte(start)}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if self._length > opened.start:
            self._add_entity(opened)

    def _add_entity(self, opened: _Open) -> None:
        kind = TAGS[opened.tag]
        span: Json = {"type": kind, "offset": opened.start, "length": self._length - opened.start}
        if kind in VERBATIM:
            self._add_verbatim(opened, span)
            return
        if any(TAGS[outer.tag] in VERBATIM for outer in self._open):
            return
        if kind == "text_link" and not _complete_link(span, opened.attributes.get("href") or self._text_from(opened)):
            return
        if kind == "blockquote":
            if "expandable" in opened.attributes:
                span["type"] = "expandable_blockquote"
            if any(outer.tag == "blockquote" for outer in self._open):
                raise refuse("Nested blockquotes are not allowed")
        if kind == "custom_emoji":
            if not opened.attributes.get("emoji-id", "").isdigit():
                raise refuse('Tag "tg-emoji" must have attribute "emoji-id" with a valid identifier')
            span["custom_emoji_id"] = opened.attributes["emoji-id"]
        if kind == "date_time":
            _complete_time(span, opened.attributes)
        self._entities.append(span)

    def _add_verbatim(self, opened: _Open, span: Json) -> None:
        """Close code and pre, which contain no other entity, except that <pre><code class="language-…"> names the
        language."""
        self._entities = [entity for entity in self._entities if entity["offset"] < opened.start]
        if opened.tag == "code" and self._open and self._open[-1].tag == "pre":
            language = opened.attributes.get("class", "")
            if language.startswith("language-"):
                self._open[-1].attributes["language"] = language.removeprefix("language-")
            return
        if opened.tag == "pre" and opened.attributes.get("language"):
            span["language"] = opened.attributes["language"]
        if not any(TAGS[outer.tag] in VERBATIM for outer in self._open):
            self._entities.append(span)

    def _text_from(self, opened: _Open) -> str:
        return slice_utf16("".join(self._parts), opened.start, self._length - opened.start)


def _complete_link(span: Json, address: str) -> bool:
    """Complete a link; False for an invalid address, whose text stays without a link."""
    if match := _USER_LINK.match(address):
        span["type"] = "text_mention"
        span["user"] = {"id": int(match[1]), "is_bot": False, "first_name": "User"}
        return True
    if not _LINK.match(address.strip()):
        return False
    span["url"] = address if "://" in address else f"http://{address}"
    return True


def _complete_time(span: Json, attributes: dict[str, str]) -> None:
    if not re.fullmatch(r"-?\d{1,11}", attributes.get("unix", "")):
        raise refuse('Tag "tg-time" must have attribute "unix" with a valid time')
    span["unix_time"] = int(attributes["unix"])
    if attributes.get("format"):
        span["date_time_format"] = attributes["format"]


def slice_utf16(text: str, offset: int, length: int) -> str:
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Return the text without surrounding white space, as Telegram stores it, with its entities moved and cut."""
    stripped = text.lstrip()
    shift = utf16_length(text) - utf16_length(stripped)
    stripped = stripped.rstrip()
    end = utf16_length(stripped)
    kept = []
    for entity in entities:
        first = max(0, entity["offset"] - shift)
        last = min(end, entity["offset"] + entity["length"] - shift)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return stripped, kept[:MAX_ENTITIES]


def find_entities(text: str, taken: list[Json]) -> list[Json]:
    """Return `taken` with the commands, links, mentions, addresses and hashtags outside its links and code."""
    closed = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in taken
        if entity["type"] in ("text_link", "text_mention", "code", "pre", "url", "bot_command", "mention", "email")
    ]
    found = list(taken)
    for match in _FOUND.finditer(text):
        start = utf16_length(text[: match.start()])
        length = utf16_length(match.group())
        if not any(start < end and start + length > begin for begin, end in closed):
            found.append({"type": match.lastgroup, "offset": start, "length": length})
    found.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return found[:MAX_ENTITIES]
