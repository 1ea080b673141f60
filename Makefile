# The few commands a person types. `make help` lists them.
# Needs nothing but make and Python 3.11 or newer with venv.

PORT ?= 8000
ARGS ?=
PYTHON ?=
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready

export PORT

# What an operator would set, made up: production's own checks must find nothing to say.
PRODUCTION := SHOP_ENV_FILE= DEBUG=false ALLOWED_HOSTS=shop.example.com \
	SECRET_KEY=only-for-the-check-0123456789-abcdefghijklmnopqrstuvwxyz \
	DATABASE_URL=postgresql://shop:secret@db.example.com:5432/shop CACHE_URL=redis://cache.example.com:6379/0 \
	SHOP_LEGAL_ADDRESS='Example Street 1'

.DEFAULT_GOAL := help
.PHONY: help run test chaos check format clean writable

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \2/p' $(firstword $(MAKEFILE_LIST)) | awk '{ n = $$2; $$1 = $$2 = ""; printf "  make %-8s%s\n", n, $$0 }'

run: $(READY) .env ## Start the shop at http://127.0.0.1:8000 (PORT=8001 for another port)
	@exec $(PY) -u -m shop.develop

test: $(READY) .env ## Run the tests (ARGS="-k cart" for some of them)
	@exec $(PY) -m pytest -n auto $(ARGS)

chaos: $(READY) .env ## Kill servers, workers and the database while people buy (minutes; CHAOS_SECONDS=60)
	@exec $(PY) -m pytest -m chaos -n 0 -s -q shop/tests/chaos $(ARGS)

check: $(READY) .env ## Lint, format, types, layers, templates, migrations, deployment
	$(PY) -m ruff check --quiet .
	$(PY) -m ruff format --quiet --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	find templates -name '*.html' -exec $(VENV)/bin/djade --target-version 5.2 --check {} +
	SHOP_ENV_FILE= DEBUG=true $(PY) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

format: $(READY) ## Put code and templates into the common form
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format --quiet .
	@find templates -name '*.html' -exec $(VENV)/bin/djade --target-version 5.2 {} +

clean: ## Remove caches and the environment; data in .data/ stay
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

# Development opts in to DEBUG; without this file the shop is as strict as in production.
.env: | writable
	@printf '%s\n' \
		'# Settings of this machine; .env.example explains all of them. Git ignores this file.' \
		'# DEBUG is for development only: never set it where others can reach the shop.' \
		'DEBUG=true' > $@

# The environment, made again when the requirements change or when its Python is gone.
ifneq ($(shell $(PY) -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null),True)
.PHONY: $(READY)
endif
$(READY): requirements.txt requirements-s3.txt requirements-dev.txt | writable
	@set -e; umask 022; \
	if ! $(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		found=; for name in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
			if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$name; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "The shop needs Python 3.11 or newer, and found $$(python3 --version 2>/dev/null || echo none); install one, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; fi; \
		if ! "$$found" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
			echo "$$found lacks the module venv; install it (Debian, Ubuntu: apt-get install python3-venv)." >&2; exit 1; fi; \
		echo "Creating $(VENV) with $$("$$found" --version) …"; rm -rf $(VENV); "$$found" -m venv $(VENV); \
	fi; \
	echo "Installing the requirements …"; \
	if ! $(PY) -m pip install -qq --disable-pip-version-check --no-input -r requirements-dev.txt; then \
		echo "The requirements could not be installed, see above." >&2; exit 1; fi; \
	touch $@

writable:
	@if ! [ -w . ]; then echo "This folder cannot be written: $(CURDIR). Clone the shop into a folder of your own." >&2; exit 1; fi
