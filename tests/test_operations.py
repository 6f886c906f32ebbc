"""Everything that one door of the service can do the others can do: bot, pages, REST. `pytest -s` prints the list."""

from __future__ import annotations

import pytest

from tests.gaps import NATURE, SAME, SCREENS, Gap
from tests.operations import DOORS, Operation, operations_of, read_code, registered

SHOWN = 2
"""Entries of a door that a row of the printed list names."""

pytestmark = pytest.mark.timeout(240)  # reads the whole code once


@pytest.fixture(scope="module")
def operations() -> dict[str, Operation]:
    return operations_of(read_code(), registered())


def cell(operation: Operation, door: str) -> str:
    gap = (operation.name, door)
    if entries := operation.doors[door]:
        more = len(entries) - SHOWN
        return ", ".join(entries[:SHOWN]) + (f" +{more}" if more > 0 else "")
    return f"= {SAME[gap]}" if gap in SAME else f"– {NATURE.get(gap, 'MISSING')}"


def test_every_operation_has_a_way_in_the_bot_on_the_web_and_over_rest(operations: dict[str, Operation]) -> None:
    for operation in operations.values():
        print(" | ".join((operation.name, *(cell(operation, door) for door in DOORS))))
    missing: set[Gap] = {(name, door) for name, operation in operations.items() for door in operation.missing}
    named = SAME.keys() | NATURE.keys()
    gaps = ", ".join(f"{name} ({door})" for name, door in sorted(missing - named))
    print(f"{len(operations)} operations; gaps: {gaps or 'none'}")
    assert missing - named == set(), "a door lacks these: add them there, or name in tests/gaps.py why not"
    assert named - missing == set(), "these are there by now: take them out of tests/gaps.py"


def test_what_stands_for_a_missing_operation_is_at_that_door(operations: dict[str, Operation]) -> None:
    for (name, door), other in SAME.items():
        assert operations[other].doors[door], f"{name} is to be done by {other}, which is not in {door}"
    assert not SAME.keys() & NATURE.keys(), "named twice"


def test_every_command_and_button_leads_to_an_operation_or_has_a_page(operations: dict[str, Operation]) -> None:
    entries = registered()
    leading = {entry for operation in operations.values() for entry in operation.doors["bot"]}
    commands = {f"/{entry[1:-1]}" if entry.startswith("[") else entry for entry in SCREENS}
    for entry in entries["bot"].keys() - leading - SCREENS.keys():
        assert f"/{entry.strip('[]')}" in commands, f"{entry} leads nowhere: name its page in tests/gaps.py"
    for entry, shown in SCREENS.items():
        assert entry in entries["bot"], entry
        assert not shown.startswith("/") or f"GET {shown}" in entries["web"], f"{entry}: there is no page {shown}"


@pytest.mark.parametrize("door", DOORS)
def test_the_list_notices_an_operation_that_a_door_has_lost(door: str) -> None:
    """The list is read from the code: without the callbacks of a door, it has nothing there."""
    entries = registered()
    code = read_code()
    lost = operations_of(code, {**entries, door: {}})
    assert all(door in operation.missing for operation in lost.values())
    assert any(door not in operation.missing for operation in operations_of(code, entries).values())
