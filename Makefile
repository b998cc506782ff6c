# Two commands, nothing else first: `make demo` and `make test`.
# Both make .venv if it is missing and install into it; a second start takes a second.
# `make wheel` builds what could be published and tries it out.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types layers pytest clean

demo:
	@$(PYTHON) tools/install.py demo
	@$(BIN)/mnistry demo --out demo
	@echo "next: source .venv/bin/activate, then mnistry --help"

# In one process, where memory is short: make test PROCESSES=1
PROCESSES ?= 2
PYTEST_PYTHON = $(BIN)/python -X warn_default_encoding
SEVERAL = --dist worksteal --tx "$(PROCESSES)*popen//python=$(PYTEST_PYTHON)"
test: lint types layers pytest

pytest: dev
	@$(PYTEST_PYTHON) -m pytest $(if $(filter-out 1,$(PROCESSES)),$(SEVERAL))

lint: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff check --preview --select PLW1514 . # text has its encoding
	@$(BIN)/ruff format --check .

types: dev
	@$(BIN)/mypy

layers: dev
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

.PHONY: dev
dev:
	@$(PYTHON) tools/install.py dev

# Types and formatting of the page's scripts; its tests find axe-core here, too.
.PHONY: page
page:
	@if command -v npm >/dev/null; then \
	  npm install --prefix tools/page --no-package-lock --no-audit --no-fund --silent && \
	  tools/page/node_modules/.bin/tsc -p tools/page && \
	  tools/page/node_modules/.bin/prettier --config tools/page/.prettierrc.json --check "src/mnistry/web/page/script/*.js"; \
	else echo "left out: types and formatting of the page's scripts, for npm is missing"; fi

# The site in build/site/, English and Chinese; every cell on its pages runs.
.PHONY: docs
docs:
	@$(PYTHON) tools/install.py docs
	@$(BIN)/python tools/docs.py

# Links from the site to elsewhere are asked; all others are checked whenever it is built.
.PHONY: links
links:
	@$(PYTHON) tools/install.py docs
	@$(BIN)/python tools/docs.py --links

# Whatever must be well before a release: built twice alike, installed afresh, documents.
.PHONY: release-check
release-check: docs
	@$(PYTHON) tools/release.py

# Hostile inputs for everything that takes bytes: make fuzz SECONDS=60
SECONDS ?= 60
.PHONY: fuzz
fuzz: dev
	@$(BIN)/python fuzz/fuzz.py --seconds $(SECONDS)

# Ten million of them, as in the table of SECURITY.md: about half an hour of two cores.
.PHONY: fuzz-long
fuzz-long: dev
	@$(BIN)/python fuzz/fuzz.py --inputs 10000000 --processes 2

# Kills, full disks, lost networks: each several times, as a table.
.PHONY: faults
faults: dev
	@$(BIN)/python fuzz/faults.py

# With WHEEL=--core it is tried without the extra `demo`, which takes a minute more.
.PHONY: wheel
wheel:
	@$(PYTHON) tools/wheel.py $(WHEEL)

# The core tests on every other Python from 3.11 on that is found here.
.PHONY: interpreters
interpreters:
	@$(PYTHON) tools/interpreters.py

clean:
	rm -rf .venv demo dist build
