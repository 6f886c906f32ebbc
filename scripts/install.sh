#!/bin/sh
# Make .venv and install what is pinned: `scripts/install.sh run` (the service) or `dev` (and all that checks it).
#
# Quick when nothing changed: .venv/.installed-* hold a hash of the lock, pyproject.toml, the folder and the Python.
# Only one install runs at a time. One that was cut short leaves .venv/.unfinished, and the next starts afresh:
# a half-written package looks installed to pip.
set -eu

kind=${1:?usage: scripts/install.sh run|dev}
cd "$(dirname "$0")/.."
lock=requirements/$kind.txt
# What would send packages elsewhere than into .venv, or modules into it from elsewhere.
unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV PYTHONHOME PYTHONPATH VIRTUAL_ENV || :

say() { printf '==> %s\n' "$*"; }
fail() { printf 'make: %s\n' "$*" >&2; exit 1; }

fingerprint() {
    { pwd; .venv/bin/python -V; cat requirements/run.txt "$lock" pyproject.toml; } 2>/dev/null |
        { sha256sum 2>/dev/null || shasum -a 256; }
}
is_current() {
    [ -x .venv/bin/python ] && [ ! -e .venv/.unfinished ] && [ -e .venv/.installed-"$1" ] &&
        [ "$(cat .venv/.installed-"$1")" = "$(lock=requirements/$1.txt; fingerprint)" ]
}
# What checks the service also runs it.
is_installed() { is_current "$kind" || { [ "$kind" = run ] && is_current dev; }; }

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3}; do
        if is_recent "$name" && { [ "$1" = any ] || has_venv "$name"; }; then
            command -v "$name"
            return
        fi
    done
    return 1
}

apt_get() {
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive apt-get "$@"
    fi
}

# Debian and Ubuntu ship Python without the part that makes a venv.
add_venv_module() {
    package=python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
    hint="$1 cannot make a venv; install that part: sudo apt-get install $package"
    command -v apt-get >/dev/null || fail "$hint"
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || fail "$hint"
    say "Installing $package with apt-get: $1 cannot make a venv without it"
    { apt_get update -qq || :; } && apt_get install -y -qq --no-install-recommends "$package" >/dev/null || fail "$hint"
    has_venv "$1" || fail "$hint"
}

make_venv() {
    python=$(find_python able) || {
        python=$(find_python any) ||
            fail "needs Python 3.11 or newer, and found none; try: sudo apt-get install python3.11 python3.11-venv"
        add_venv_module "$python"
    }
    say "Making .venv with $("$python" -V)"
    rm -rf .venv
    mkdir .venv
    : >.venv/.unfinished
    "$python" -m venv .venv
}

install_packages() {
    is_recent .venv/bin/python && [ ! -e .venv/.unfinished ] && .venv/bin/python -m pip --version >/dev/null 2>&1 ||
        make_venv
    : >.venv/.unfinished
    rm -f .venv/.installed-*
    say "Installing $(grep -c '^[a-zA-Z0-9].*==' "$lock") pinned packages from $lock (once; a minute or two)"
    # Those of the service first: they hold what builds a package that has no wheel.
    pip_install --require-hashes --no-deps -r requirements/run.txt
    [ "$kind" = run ] || pip_install --require-hashes --no-deps --no-build-isolation -r "$lock"
    say "Installing the project itself"
    pip_install --quiet --no-deps --no-build-isolation --editable .
    fingerprint >.venv/.installed-"$kind"
    rm .venv/.unfinished
    say "Installed"
}
pip_install() {
    # As variables, because not every pip knows these options.
    PIP_ROOT_USER_ACTION=ignore PIP_USE_PEP517=1 .venv/bin/python -m pip --disable-pip-version-check install --no-input \
        --no-warn-script-location "$@" || fail "installing failed, see above; run it again to go on"
}

is_installed && exit 0
if command -v flock >/dev/null; then
    # The lock goes with the process that holds it, however that ends.
    exec 9>.install.lock
    flock -n 9 || { say "Another install is running, waiting for it"; flock 9; }
    is_installed && exit 0
fi
install_packages
