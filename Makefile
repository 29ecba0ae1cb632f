# Everything runs from .venv; `make` builds it from the lock file on first use.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements-dev.txt
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins
# Without bytecode every task process compiles Airflow again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: verify readers
.PHONY: help setup test lint audit guarantees docs demo sandbox clean-sandbox bench lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/.locked ## Create .venv from the lock file

.venv/.locked: $(LOCK) tools/bootstrap.sh
	@PYTHON=$(PYTHON) tools/bootstrap.sh $(LOCK)
	@touch $@

lint: setup ## Style, types, SQL and import layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory --jobs 2 lint-types lint-infra lint-layers lint-sql lint-deployment

.PHONY: lint-types lint-infra lint-layers lint-sql lint-deployment
lint-types:
	@$(BIN)/mypy
lint-layers:
	@$(BIN)/lint-imports
lint-sql:
	@$(BIN)/sqlfluff lint --disable-progress-bar include/sql
	@$(BIN)/sqlfluff lint --disable-progress-bar --templater placeholder include/bigquery

# Policies and format of infra/terraform, pods, image and workflow; see infra/lint.sh.
lint-infra:
	@infra/lint.sh

# What the droplet is made of; see infra/check_deployment.sh.
lint-deployment:
	@infra/check_deployment.sh

test: lint ## Everything set up, all checks and tests
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m "not e2e and not alone and not slow"
	@$(BIN)/python -m pytest -m "(e2e or alone) and not slow"

test-slow: setup ## What takes long: servers killed hard at every step, a gigabyte in one piece, real files
	@$(BIN)/python -m pytest -m slow

audit: ## Known vulnerabilities of every locked package (asks api.osv.dev)
	@infra/audit.sh

guarantees: setup ## Measure what is promised and write docs/guarantees.md (TESTS=files measures these anew)
	@$(if $(TESTS),,rm -rf .guarantees)
	@REGENDATA_GUARANTEES=.guarantees $(BIN)/python -m pytest -m guarantee $(TESTS)
	@$(BIN)/python -m tests.support.guarantees

docs: setup ## Write DAGS.md, docs/data_dictionary.md and the pictures anew from the code
	@$(BIN)/python -m tools.docs
	@$(BIN)/python -m infra.env_example

demo: setup ## The grants refresh on this machine (ONCE=1, DATA=folder, DAGS="id id", SCALE=n)
	@$(BIN)/python -m sandbox demo $(if $(ONCE),--once) $(if $(DATA),--data "$(DATA)") $(if $(DAGS),--dags "$(DAGS)") $(if $(SCALE),--scale $(SCALE))

sandbox: setup ## Only the databases, S3 and upstream stand-ins; writes .sandbox/env
	@$(BIN)/python -m sandbox up $(if $(DATA),--data "$(DATA)") $(if $(SCALE),--scale $(SCALE))

clean-sandbox: setup ## Stop the sandbox and forget its data
	@$(BIN)/python -m sandbox clean

.PHONY: probe
probe: setup ## What a relay supports, beside what the registry says (RELAY=name)
	@$(BIN)/python -m regendata.landing.relays $(RELAY)

verify: ## Check published data sets, with Python alone (MANIFEST=address or file)
	@$(PYTHON) include/exports/verify.py "$(MANIFEST)"

readers: setup ## Who breaks when a column goes (COLUMN=public.donations.amount_in_usd)
	@$(BIN)/python tools/readers.py "$(COLUMN)"

bench: setup ## Side-by-side timings, as ratios (SCALE=donations)
	@$(BIN)/python -m bench $(if $(SCALE),--scale $(SCALE))

lock: setup ## Resolve the lock files again from pyproject.toml
	@tools/lock.sh

clean: ## Remove everything made here
	@test ! -x $(BIN)/python || $(BIN)/python -m sandbox clean
	@rm -rf .venv .tools .bench
