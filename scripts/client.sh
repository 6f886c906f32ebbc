#!/bin/sh
# Generate the types of the TypeScript client from the present OpenAPI document, then build it. Needs npm.
set -eu
cd "$(dirname "$0")/../clients/typescript"

command -v npm >/dev/null || { echo "make: npm is not here (Debian: apt-get install npm)" >&2; exit 1; }
npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --silent
document=$(mktemp)
trap 'rm -f "$document"' EXIT
trap 'exit 1' INT TERM
../../.venv/bin/skillswap openapi --indent 0 >"$document"
node generate.mjs <"$document"
npm run --silent build
echo "clients/typescript: types and dist/ are those of the present document"
