# ZenCRM. It needs Python >= 3.11, git and make; everything else is set up inside the checkout.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
MANAGE := $(PY) manage.py
PORT ?= 8000
SCALE ?= 100000
export PORT
export PYTHONUNBUFFERED := 1
# The Python of this machine, never a downloaded one; and this checkout's environment, never an activated one.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV
# Compiled once, started in half the time, as often as servers, workers and tests start.
unexport PYTHONDONTWRITEBYTECODE
# Trust what this machine trusts: behind a company's proxy that is more than uv's own list of authorities.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif

CATALOGUES := $(wildcard */locale/*/LC_MESSAGES/django.po)
STATIC := $(shell find $(filter-out var/%,$(wildcard static */static)) -type f 2>/dev/null)
CHECKS := check-format check-lint check-types check-imports check-templates check-catalogues check-migrations check-deploy
# What a server's environment holds, for the checks that judge it.
DEPLOYED := DEPLOYED=1 ALLOWED_HOSTS=crm.example.com SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))')

.PHONY: help setup demo demo-reset test check bench seed clean chromium $(CHECKS)

help: ## List the targets
	@echo "ZenCRM: make TARGET"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done

demo: setup ## Start everything with a demo company on http://127.0.0.1:8000 (PORT=8123 moves it); Ctrl-C stops
	@DEMO=1 exec $(PY) -m zencrm.demo_server

demo-reset: .venv/.ready ## Wipe the demo's database, mail and files
	@DEMO=1 $(PY) -m zencrm.demo_server --reset

test: setup chromium ## Run everything that CI runs: all of `check`, then the tests on two cores
	@$(MAKE) --no-print-directory check
	@$(PY) -m pytest -n 2

check: .venv/.ready var/.catalogues ## The fast half: format, lint, types, imports, templates, translations, migrations, settings
	@$(MAKE) --no-print-directory -k -j 2 $(if $(filter output-sync,$(.FEATURES)),-Otarget) $(CHECKS)
	@echo "All checks passed."

bench: setup ## Measure pages and verbs at SCALE=100000 leads, as ratios within one run
	@$(PY) -m benchmarks --leads $(SCALE)

seed: setup ## Fill the database for benchmarks: make seed SCALE=100000
	@$(MANAGE) seed_demo --leads $(SCALE)

setup: .venv/.ready .venv/.redis .venv/.pango node_modules/.ready var/.catalogues var/static/.ready ## Install what is needed, build what is built

clean: ## Remove everything that can be made again; the database stays
	rm -rf .venv .tools node_modules var/static var/.catalogues var/test var/check
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name '*.mo' -path '*/locale/*' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.tools/uv:
	@sh scripts/get-uv $@

.venv/.ready: pyproject.toml uv.lock | .tools/uv
	@echo "Installing Python packages ..."
	@.tools/uv sync --locked --quiet
	@touch $@

.venv/.redis: scripts/get-redis uv.lock | .venv/.ready
	@sh scripts/get-redis
	@touch $@

.venv/.pango: scripts/get-pango | .venv/.ready
	@sh scripts/get-pango
	@touch $@

node_modules/.ready: package.json package-lock.json | .venv/.ready
	@echo "Installing front-end packages ..."
	@sh scripts/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

var/.catalogues: $(CATALOGUES) | .venv/.ready
	@$(MANAGE) catalogue --compile
	@mkdir -p var && touch $@

var/static/.ready: $(STATIC) node_modules/.ready | .venv/.ready
	@echo "Collecting static files ..."
	@$(MANAGE) collectstatic --noinput --clear --verbosity 0
	@touch $@

chromium:
	@sh scripts/get-chromium

check-format:
	@$(PY) -m ruff format --check --quiet . || { echo "Format: run .venv/bin/ruff format"; exit 1; }

check-lint:
	@$(PY) -m ruff check --quiet .

check-types:
	@$(PY) -m mypy --no-error-summary .

check-imports:
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' > var/imports.txt || { cat var/imports.txt; exit 1; }

# Lint only: djlint's formatter breaks inline elements over lines, and the white space it puts in is shown on the page.
check-templates:
	@$(PY) -m djlint templates --lint --quiet

check-catalogues:
	@$(MANAGE) catalogue --check

check-migrations:
	@ZENCRM_VAR=var/check $(MANAGE) makemigrations --check --dry-run

check-deploy:
	@$(DEPLOYED) $(MANAGE) check --deploy --fail-level WARNING
