#!/bin/sh
# Pin every package for every supported Python and platform, with the hashes of all published files.
# Arguments go to the resolver: --upgrade takes newer versions, --upgrade-package NAME one of them.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/bin/uv ] || scripts/install.sh dev

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
trap 'exit 1' INT TERM

pin() {
    kind=$1
    shift
    [ ! -e "requirements/$kind.txt" ] || cp "requirements/$kind.txt" "$new/$kind.txt" # keeps what need not change
    .venv/bin/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links --group build -o "$new/$kind.txt" "$@" pyproject.toml
    # Where packages come from is the business of the machine that installs.
    if grep -nE '://|--(extra-)?index-url|--find-links| @ |^-e ' "$new/$kind.txt" >&2; then
        echo "make: the new lock names an address or a path, see above; nothing was changed" >&2
        exit 1
    fi
}

pin run "$@"
pin dev --extra dev --constraint "$new/run.txt" "$@"
mkdir -p requirements
for kind in run dev; do
    # The path of a temporary folder says nothing.
    sed "s# -c .*/run\.txt# -c requirements/run.txt#; s#-c $new/run.txt#-c requirements/run.txt#" "$new/$kind.txt" >"requirements/$kind.txt"
    echo "requirements/$kind.txt: $(grep -c '^[a-zA-Z0-9].*==' "requirements/$kind.txt") packages"
done
