# Everything a developer or an operator runs. `make` alone lists it.
#
# Options, as NAME=value after the target:
#   PYTHON       the Python to build .venv with (3.11 or newer); found by itself where not given
#   TORCH_INDEX  a package index that has a CPU build of torch (see README.md, "Setting up")
#   CHECK=1      with demo: check and exit instead of staying up
#   ARGS         with demo, test, test-faults, quality, fairness, bench-smoke, bench-home, bench-cohort, bench-lexical: more arguments
#   DATA         with quality: folder with the public sets

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
WITH_ENGINE := ../shared/tools/with-engine
SOURCES := services deploy protos/generate.py tests bench conftest.py
DATA ?= ../shared/data
export PYTHON TORCH_INDEX

.PHONY: help setup demo test test-api test-compose test-faults lint format types protos protos-check constraints secrets quality calibrate fairness bench-smoke bench-home bench-cohort bench-lexical clean

help:  ## List what there is
	@echo "银龄 Yinling. make TARGET, where TARGET is one of:"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | while IFS='|' read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done
	@echo "Options are explained at the top of the Makefile."

setup:  ## Create .venv with everything in it; quick when nothing changed
	@deploy/scripts/setup.sh

demo: setup  ## Start all of it here with sample data; CHECK=1 to check and exit
	@$(BIN)/yinling demo $(if $(filter-out 0,$(CHECK)),--check) $(ARGS)

test: setup  ## Unit, integration and end-to-end tests
	@$(BIN)/pytest $(ARGS)

test-api: setup  ## Let schemathesis ask the running gateway everything that its OpenAPI document tells of
	@$(BIN)/pytest -m api tests/api $(ARGS)

test-compose: setup  ## Build the images, run them with Docker Compose and break them
	@if ! docker info >/dev/null 2>&1 && [ -x $(WITH_ENGINE) ]; then run=$(WITH_ENGINE); else run=; fi; \
	$$run $(BIN)/pytest -m compose tests/compose $(ARGS)

test-faults: setup  ## Let processes die at every step from a yes to a notice, and send nonsense to every method
	@$(BIN)/pytest -m faults tests/faults $(ARGS)

lint: setup  ## Style and common mistakes, in Python and in the protos
	@existing=$$(ls -d $(SOURCES) 2>/dev/null || true); $(BIN)/ruff check $$existing && $(BIN)/ruff format --check $$existing
	@cd protos && ../$(BIN)/buf lint && ../$(BIN)/buf format --exit-code --diff --path yinling >/dev/null || { echo "protos: run buf format -w" >&2; exit 1; }

format: setup  ## Bring the code into its one style
	@$(BIN)/ruff check --fix-only -q $(SOURCES); $(BIN)/ruff format $(SOURCES); cd protos && ../$(BIN)/buf format -w --path yinling

types: setup  ## Static types, strictly
	@$(BIN)/mypy

protos: setup  ## Write the Python stubs from the .proto files
	@$(BIN)/python protos/generate.py

protos-check: setup  ## Stubs are what the protos give; no breaking change since the last release
	@PATH="$(abspath $(BIN)):$$PATH" deploy/scripts/protos-check.sh

constraints: setup  ## Record the versions installed now as the tested ones
	@{ echo "# The exact versions that are tested. Written by: make constraints"; \
	   $(BIN)/pip freeze --exclude-editable | grep -viE '^(-e|# editable|pip|setuptools|wheel|hatchling|editables|trove-classifiers|yinling)' | sed -E 's/\+[a-z0-9.]+$$//'; } > constraints.txt.new \
	 && mv constraints.txt.new constraints.txt

secrets:  ## Make the keys and passwords that docker compose mounts
	@deploy/scripts/secrets.sh

quality: setup  ## Rank the public sets of DATA and write build/quality/*.run
	@$(BIN)/python -m bench.quality --data $(DATA) $(ARGS)

calibrate: setup  ## Fit the scale of scores to the sets of DATA and print how well it holds
	@$(BIN)/python -m bench.quality.calibrate --data $(DATA) $(ARGS)

fairness: setup  ## Simulate what balancing exposure brings and costs
	@$(BIN)/python -m bench.fairness $(ARGS)

bench-smoke: setup  ## Speed at 10,000 profiles, in a few minutes
	@$(BIN)/python -m bench.smoke $(ARGS)

bench-home: setup  ## Time of the requests that suit a person, beside comparing them one by one
	@$(BIN)/python -m bench.home $(ARGS)

bench-cohort: setup  ## Assigning a cohort, side by side with other ways
	@$(BIN)/python -m bench.cohort $(ARGS)

bench-lexical: setup  ## The index of words, side by side with bm25s and tantivy
	@$(BIN)/python -m bench.lexical $(ARGS)

clean:  ## Remove what was built; data directories stay
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
