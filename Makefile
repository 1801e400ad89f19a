# Two commands do everything on a fresh machine with Python 3.11+ and make: `make report` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STACK ?= dev
SCENARIO ?= niche
OUT ?= out

.PHONY: help setup report test check fmt lint types contracts bench lock picture docs golden clean

help:  ## What can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY)  ## Virtual environment with the locked dependencies (the other targets do it themselves)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Reelplan needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "==> setting up $(VENV) with the locked dependencies"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

report: $(READY)  ## Stand the stack up on moto, price it, and write out/report.html
	@echo "==> infra validate: the $(STACK) stack stands up on moto"
	@$(BIN)/infra validate --stack $(STACK)
	@echo "==> infra plan: the inventory of the $(STACK) stack"
	@mkdir -p $(OUT)
	@$(BIN)/infra plan --stack $(STACK) --out $(OUT)/inventory.json
	@echo "==> costmodel report: scenario $(SCENARIO)"
	@$(BIN)/costmodel report $(OUT)/inventory.json --scenario $(SCENARIO) --out $(OUT)
	@echo "Open $(OUT)/report.html"

test: check  ## Everything that CI checks

check: $(READY)  ## Format, lint, types, import contracts, tests
	@echo "==> format and lint"
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@echo "==> import contracts"
	@$(BIN)/lint-imports --no-cache > $(VENV)/contracts.log || { cat $(VENV)/contracts.log; exit 1; }
	@echo "==> types"
	@$(BIN)/mypy
	@echo "==> tests"
	@$(BIN)/pytest

fmt: $(READY)  ## Format the code and mend what lint can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(READY)  ## Times, each against a baseline in the same run
	@$(BIN)/python tests/benchmarks/run.py

picture: $(READY)  ## The README's picture of the report (needs Debian's chromium)
	@$(BIN)/python tools/picture.py $(OUT)/report.html docs/report.png

docs: $(READY)  ## What is made from the code: settings, policies, architecture picture, schema of scenarios
	@$(BIN)/costmodel scenario schema > costmodel/data/scenario.schema.json
	@$(BIN)/costmodel backtest --out docs/backtest.md > /dev/null
	@$(BIN)/infra settings --markdown --out docs/settings.md
	@$(BIN)/infra settings --schema --out infra/settings.schema.json
	@$(BIN)/infra diagram --stack prod --out docs/architecture.svg
	@$(BIN)/infra policies --stack prod --markdown --out docs/policies.md
	@mkdir -p $(OUT)
	@$(BIN)/infra plan --stack prod --out $(OUT)/prod.json
	@$(BIN)/costmodel published $(OUT)/prod.json --markdown > docs/published.md

golden: $(READY)  ## What the tests compare the stacks with, one line a resource: read the diff before you commit it
	@for stack in dev staging prod; do $(BIN)/infra plan --stack $$stack --outline --out tests/golden/$$stack.txt; done

lock: $(READY)  ## Lock the newest versions that pyproject.toml allows
	@$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade --quiet -o requirements.lock

clean:  ## Remove what was made
	rm -rf $(OUT) $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
