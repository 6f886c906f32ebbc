#!/bin/sh
# All that CI checks, the quick ones first; stops at the first that fails. Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

step() {
    printf '==> %s\n' "$1"
    shift
    "$@"
}

step "Format" .venv/bin/ruff format --check --quiet .
step "Lint" .venv/bin/ruff check --quiet .
step "Types" .venv/bin/mypy --no-error-summary
step "Import contracts" .venv/bin/lint-imports
step "Tests" .venv/bin/pytest -n auto -m "not faults" "$@"
printf '==> All good\n'
