#!/bin/sh
# Fuzz the table readers for ten minutes (or FUZZ_SECONDS): with atheris where it can be installed, else with hypothesis.
set -eu
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-600}
if ! .venv/bin/python -c 'import atheris' 2>/dev/null; then
    .venv/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
        --requirement requirements-fuzz.txt || true
fi
if .venv/bin/python -c 'import atheris' 2>/dev/null; then
    exec .venv/bin/python -m scripts.fuzz_tables "-max_total_time=$seconds" "$@"
fi
echo "fuzz: atheris cannot be installed here (it has wheels for some Pythons on Linux); hypothesis fuzzes instead"
DRIFTLINE_FUZZ_EXAMPLES=${DRIFTLINE_FUZZ_EXAMPLES:-2000} exec .venv/bin/python -m pytest tests/tables/test_fuzz.py "$@"
