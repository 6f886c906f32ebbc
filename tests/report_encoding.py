"""Plugin of pytest: half a character in the text of a failure does not end the whole run.

Browsers cut long texts between the two halves of an emoji. pytest-xdist cannot send such a text from a worker to the
controller, and stops with an internal error that does not name the test.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace what UTF-8 cannot encode in the report of a test."""
    report = yield
    text = str(report.longrepr) if report.longrepr else ""
    if (encodable := _encodable(text)) != text:
        report.longrepr = encodable
    report.sections = [(name, _encodable(content)) for name, content in report.sections]
    return report


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
