#!/bin/sh
# Compile the lock files with hashes from the short lists of direct dependencies, for every platform and Python from 3.11.
#   scripts/lock.sh            keeps the versions that still fit
#   scripts/lock.sh --upgrade  takes the newest ones
set -eu
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --custom-compile-command "make lock" "$@"
}
compile requirements.in --output-file requirements.txt "$@"
# The second lock holds everything of the first, in the same versions.
compile requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt "$@"
compile requirements-fuzz.in --output-file requirements-fuzz.txt "$@"
