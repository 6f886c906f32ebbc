"""HTML parse mode: the entities it yields, and the error texts for invalid markup."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest

from bot.sandbox import Person, Sandbox


def span(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("a &lt;b&gt; &amp;amp; &#128512; &nbsp;", "a <b> &amp; 😀 &nbsp;", []),
        ("😀 <b>b<i>c</i></b>", "😀 bc", [span("bold", 3, 2), span("italic", 4, 1)]),
        ("<strong>x</strong><em>y</em><ins>z</ins><del>w</del>", "xyzw",
         [span("bold", 0, 1), span("italic", 1, 1), span("underline", 2, 1), span("strikethrough", 3, 1)]),
        ("<tg-spoiler>x</tg-spoiler><span class=\"tg-spoiler\">y</span>", "xy",
         [span("spoiler", 0, 1), span("spoiler", 1, 1)]),
        ("<a href='https://example.org/?a=1&amp;b=2'>go</a>", "go",
         [span("text_link", 0, 2, url="https://example.org/?a=1&b=2")]),
        ("<a href='javascript:alert(1)'>go</a>", "go", []),
        ("<pre><code class=\"language-python\">a <b>b</b></code></pre>", "a b", [span("pre", 0, 3, language="python")]),
        ("<code>a</code> <blockquote expandable>q</blockquote>", "a q",
         [span("code", 0, 1), span("expandable_blockquote", 2, 1)]),
        ("<tg-time unix=\"1800000000\" format=\"wDT\">then</tg-time>", "then",
         [span("date_time", 0, 4, unix_time=1800000000, date_time_format="wDT")]),
        ("  <b> x </b>  ", "x", [span("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("see /help or https://example.org/a. #skills @ana_example a@example.org",
         "see /help or https://example.org/a. #skills @ana_example a@example.org",
         [span("bot_command", 4, 5), span("url", 13, 21), span("hashtag", 36, 7), span("mention", 44, 12),
          span("email", 57, 13)]),
        ("<code>/help</code> 1/2", "/help 1/2", [span("code", 0, 5)]),
    ],
)  # fmt: skip
async def test_html_becomes_entities(
    sandbox: Sandbox, telegram: Bot, ana: Person, html: str, text: str, entities: list[dict[str, Any]]
) -> None:
    await telegram.send_message(ana.id, html, parse_mode="HTML")
    shown = sandbox.chat(ana.id)[-1]
    assert (shown.text, shown.entities) == (text, entities)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("é<kahn>", 'unsupported start tag "kahn" at byte offset 2'),
        ("<b>x", "can't find end tag corresponding to start tag \"b\""),
        ("x</b>", "unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("1 < 2", 'unsupported start tag "" at byte offset 2'),
        ("a <b", "unclosed start tag at byte offset 2"),
        ("<span>x</span>", 'tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-time unix='soon'>x</tg-time>", 'tag "tg-time" must have attribute "unix"'),
        ("<a href=\"x>y</a>", "unclosed start tag at byte offset 0"),
    ],
)  # fmt: skip
async def test_bad_markup_is_refused(telegram: Bot, ana: Person, html: str, words: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        await telegram.send_message(ana.id, html, parse_mode="HTML")
    assert refusal.value.message.casefold().startswith(f"can't parse entities: {words}".casefold())


async def test_markdown_is_refused_rather_than_shown_wrong(telegram: Bot, ana: Person) -> None:
    with pytest.raises(BadRequest, match=r"(?i)unsupported parse_mode"):
        await telegram.send_message(ana.id, "*x*", parse_mode="MarkdownV2")
