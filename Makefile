# Web4 Agent. `make run` sets everything up, goes round the loop once, and serves; `make help` lists the rest.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
REAL_CORPUS ?= ../shared/corpus/web4articles

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## create .venv and install everything

dev: $(VENV)/.dev ## install, with the tools for tests and lint

run: $(VENV)/.installed ## set up, run one cycle of the loop, serve http://127.0.0.1:8000
	@$(MANAGE) first_run

up: $(VENV)/.installed ## start and watch all processes (Ctrl-C stops them)
	@$(MANAGE) up

cycle: $(VENV)/.installed ## one cycle on the bundled corpus, in the shell
	@$(MANAGE) cycle

cycle-real: $(VENV)/.installed ## one cycle on your own journals: make cycle-real REAL_CORPUS=path
	@$(MANAGE) cycle --corpus $(REAL_CORPUS) --profile demo --json

doctor: $(VENV)/.installed ## say in plain words what is wrong, and what to do
	@$(MANAGE) doctor

test: $(VENV)/.dev chromium ## all tests: unit, real services, real browser
	@$(BIN)/python -m pytest

lint: $(VENV)/.dev ## ruff, mypy, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/djlint --quiet --lint templates
	@$(MANAGE) makemigrations --check --dry-run

bench: $(VENV)/.dev ## benchmarks
	@$(BIN)/python -m bench

clean: ## remove the environment (runtime state in var/ stays)
	rm -rf $(VENV)

$(VENV)/.installed: requirements.txt requirements-models.txt bin/install
	@PYTHON=$(PYTHON) bin/install

$(VENV)/.dev: $(VENV)/.installed requirements-dev.txt
	@$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $@

chromium:
	@bin/chromium

.PHONY: help install dev run up cycle cycle-real doctor test lint bench clean chromium
