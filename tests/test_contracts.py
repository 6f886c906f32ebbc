"""Contracts of the code base, checked on its own files."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import skillswap
from api.app import openapi_document

ROOT = Path(__file__).parents[1]
PACKAGES = ("skillswap", "bot", "api", "mail", "handlers", "storage", "domain")
MAX_LINES = 400
LOCKS = ("run", "dev")
# Split, so that this file can be searched, too.
HOSTS = [f"{name}.{end}" for name, end in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
WORKPLACE = re.compile(r"(?<![\w.~-])/" + r"(?:work|root|home/\w+)/")


@cache
def tracked() -> tuple[Path, ...]:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("not a git checkout")
    return tuple(path for name in found.stdout.split("\0") if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        try:
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")
        except UnicodeDecodeError:  # a picture
            continue


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def pins(kind: str) -> dict[str, str]:
    """Return package → version; fail on a line that is neither a pin, a hash nor a comment."""
    found: dict[str, str] = {}
    pending = False
    for line in (ROOT / "requirements" / f"{kind}.txt").read_text().splitlines():
        if pin := re.match(r"([A-Za-z0-9._-]+)==(\S+)(?: ; [^\\]+)? \\$", line):
            assert not pending
            found[canonicalize_name(pin[1])], pending = pin[2], True
        elif re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$", line):
            pending = line.endswith("\\")
        else:
            assert line.lstrip().startswith("#"), line
    return found


def test_imports_run_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_import_cycle_exists() -> None:
    """Imports for types only count, too."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {module: sorted(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for imported in imports[module]:
                walk(imported, (*path, module))
            done.add(module)

    for module in sorted(imports):
        walk(module, ())


def test_sandbox_imports_no_other_package() -> None:
    for path in modules("bot/sandbox"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = name.split(".")[0] in PACKAGES
                assert not ours or name.startswith("bot.sandbox"), f"{path.relative_to(ROOT)} imports {name}"


def test_only_the_settings_read_the_environment() -> None:
    for path in modules(*PACKAGES):
        if path == ROOT / "skillswap" / "settings.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.attr if isinstance(node, ast.Attribute) else node.name if isinstance(node, ast.alias) else ""
            assert name not in {"environ", "getenv", "environb"}, f"{path.relative_to(ROOT)} reads the environment"


def test_no_python_file_exceeds_the_line_limit() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in modules(*PACKAGES, "tests")}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MAX_LINES} == {}


@pytest.mark.parametrize("kind", LOCKS)
def test_every_dependency_is_pinned_with_hashes_and_without_url(kind: str) -> None:
    assert pins(kind)
    assert "://" not in (ROOT / "requirements" / f"{kind}.txt").read_text()


def test_lock_files_satisfy_the_requirements_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    asked = {"run": run, "dev": [*run, *project["project"]["optional-dependencies"]["dev"]]}
    for kind in LOCKS:
        pinned = pins(kind)
        for requirement in map(Requirement, asked[kind]):
            version = pinned.get(canonicalize_name(requirement.name))
            assert version, f"{requirement.name} is not in requirements/{kind}.txt: make lock"
            assert version in requirement.specifier, f"{requirement} is pinned to {version}: make lock"
    assert pins("run").items() <= pins("dev").items()


def test_version_is_defined_in_pyproject_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == skillswap.__version__ == openapi_document()["info"]["version"]
    naming = [path.name for path in modules(*PACKAGES) if f'"{project["version"]}"' in path.read_text()]
    assert naming == []


def test_license_is_named_and_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (project["license"], project["license-files"]) == ("MIT", ["LICENSE"])
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")


def test_no_file_names_a_registry_or_a_local_path() -> None:
    found = [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if any(host in line for host in HOSTS) or WORKPLACE.search(line)
    ]
    assert found == []


def test_scripts_are_valid_posix_shell_and_executable() -> None:
    for path in [*(ROOT / "scripts").glob("*.sh"), ROOT / ".ci" / "run"]:
        assert path.read_text().startswith("#!/bin/sh\n")
        assert os.access(path, os.X_OK), path.name
        assert subprocess.run(["/bin/sh", "-n", path], check=False).returncode == 0


def test_missing_python_is_reported_in_one_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    command = [str(tmp_path / "scripts" / "install.sh"), "run"]
    env = {"PATH": os.environ["PATH"], "PYTHON": "no-such-python"}
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    assert re.fullmatch(r"make: needs Python 3\.11 or newer.*apt-get install.*\n", result.stderr)
    assert not (tmp_path / ".venv").exists()
