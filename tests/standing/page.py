"""`docs/standings.md`, made of the table and of the rows of the doors: `python -m tests.standing.page` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from api.http.rights import EVENTS, ROUTES
from bot.updates.rights import BUTTONS, COMMANDS, FLOWS, INLINE
from domain.standing import ALLOWED, MEANINGS, RIGHTS, STANDINGS

PAGE = Path(__file__).parent.parent.parent / "docs" / "standings.md"

INTRODUCTION = """# Who may do what

How somebody stands in the community, and what each standing allows. This page is made of the table in
`domain/standing.py` and of the rows of the doors (`api/http/rights.py`, `bot/updates/rights.py`); a test fails when
it differs, and `python -m tests.standing.page` writes it anew. `tests/standing` tries every row in every standing.

- **member**: let in, or the community is open.
- **hidden**: not shown to anybody until a moderator has looked; after three independent reports, or by a moderator.
  They are not told.
- **applicant**: has applied, or has left the group that makes members; sees numbers, and no people.
- **warned**: has a warning to acknowledge, and nothing else until then.
- **suspended**: not shown, and reads what is their own, until a day; then everything opens by itself.
- **banned**: no door opens; only the answer to the organisers, and deleting the account, are left.
- **deleted**: an id without a person.

Whoever is in several standings has the rights that all of them allow. Hidden, applicant, suspended, banned and
deleted people are in no deck, search, profile, alert, circle, count or inline result of others; those who have a swap
with them keep their name there. Moderators decide as long as nothing is decided about them; nobody decides about
themselves, and only admins about staff, save for warnings. A decision can be undone for ten minutes; after that a
ban, a suspension or leaving ends what is running, step by step: see `domain/exits.py`.

"""


def page() -> str:
    """Return the whole page."""
    lines = [
        "## Rights",
        "",
        f"| right | what it is for | {' | '.join(STANDINGS)} |",
        f"|---|---|{'---|' * len(STANDINGS)}",
    ]
    for right in RIGHTS:
        marks = " | ".join("✓" if right in ALLOWED[name] else "–" for name in STANDINGS)
        lines.append(f"| `{right}` | {MEANINGS[right]} | {marks} |")
    lines += ["", "## What takes which right", ""]
    lines += _section("Routes", ROUTES)
    lines += _section("Events of a socket", EVENTS)
    lines += _section("Commands of the bot", {f"/{name}": right for name, right in COMMANDS.items()})
    lines += _section("Buttons of the bot, by the beginning of their data", BUTTONS)
    lines += _section("Answers to a question of the bot, by its flow", FLOWS)
    lines += [f"Inline queries take `{INLINE}`. What has no row is for members alone."]
    return INTRODUCTION + "\n".join(lines) + "\n"


def _section(title: str, rows: Mapping[str, str]) -> list[str]:
    lines = [f"### {title}", "", "| right | |", "|---|---|"]
    for right in RIGHTS:
        names = [f"`{name}`" for name, needed in rows.items() if needed == right]
        if names:
            lines.append(f"| `{right}` | {', '.join(names)} |")
    return [*lines, ""]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
