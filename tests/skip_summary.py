"""Plugin of pytest: the last lines of a run name every test that was skipped, with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Print after the line with the numbers, which pytest itself prints at the end of this hook."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):  # the controller of pytest-xdist prints for all
        return
    reasons = Counter(_reason(report) for report in reporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        reporter.write_line(f"SKIPPED {count} {'test' if count == 1 else 'tests'}: {reason}", yellow=True)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the reason of a skip; for an expected failure, which counts as one, that of its mark."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else getattr(report, "wasxfail", "no reason")
    return str(reason).removeprefix("Skipped: ")
