#!/bin/sh
# Makes .venv when it is missing or outdated: scripts/set_up.sh runtime|development
# Choose another Python with PYTHON=/path/to/python3.
set -eu
cd "$(dirname "$0")/.."

# What a call costs when nothing is to be done: one comparison a lock file and one start of Python.
current() {
    [ ! -e .venv/driftline-unfinished ] || return 1
    for lock in "$@"; do
        cmp -s "$lock" ".venv/driftline-$lock" || return 1
    done
    .venv/bin/python -I -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("streamlit") is None)' 2>/dev/null
}

# Tests run on 3.11, so it comes first; the lock files have wheels for 3.11 to 3.14.
usable() {
    "$1" -I -c 'import sys, ensurepip, fcntl, sqlite3, ssl, venv; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1
}
find_python() {
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.11 python3.12 python3.13 python3.14 python3; fi
    for candidate in "$@"; do
        if usable "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

# The inner loops in C, where there is a compiler; what cannot be compiled costs speed only, and is said.
compile() {
    [ monitoring/compiled/loops.so -nt monitoring/compiled/loops.c ] || .venv/bin/python -I scripts/compile.py
}

case ${1:-} in
    runtime) current requirements.txt && compile && exit 0 ;;
    development) current requirements.txt requirements-dev.txt && compile && exit 0 ;;
    *) echo "usage: scripts/set_up.sh runtime|development" >&2 && exit 2 ;;
esac
python=$(find_python) || {
    echo "setup: no Python 3.11 or newer with venv found (tried: ${PYTHON:-python3.11 to python3.14, python3}); install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name one: make setup PYTHON=/path/to/python3" >&2
    exit 1
}
"$python" -I scripts/set_up.py "$1"
compile
