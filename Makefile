# make run    sets everything up and opens the menus (ARGS="tool get" for a verb)
# make test   sets everything up, servers included, and runs linters, type checks and all tests
# make bench  runs the benchmarks of bench/README.md

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= auto

.PHONY: run test lint bench clean

run: $(VENV)/.ready
	@$(BIN)/python launcher.py $(ARGS)

test: $(VENV)/.ready-dev
	@sh tests/servers.sh
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.ready-dev
	@for one in bench/*.py; do echo "== $$one"; $(BIN)/python $$one || exit 1; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis

# The marker comes last: an interrupted set-up is made anew.
$(VENV)/.ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "roforlmao needs Python 3.11 or newer; say which with: make run PYTHON=python3.12"; exit 2; }
	@echo "Setting up $(VENV) (once) ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) \
		|| { echo "Python cannot make virtual environments; on Debian: apt install python3-venv"; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@
