# One command sets up and tests (`make test`), one shows the product (`make demo`).
# Everything else is listed by `make help`. CI calls the same targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
NPM = $(BIN)/python hatch_build.py npm
DEMO := build/demo
COMPAT := build/compat
WORKSPACE := from nbtrack.settings import Place, find_workspace; print(find_workspace(None, Place()))

# pip, npm, Jupyter and Chromium all want a home they can write to.
ifneq ($(shell test -w "$$HOME" && echo writable),writable)
export HOME := $(CURDIR)/build/home
$(shell mkdir -p "$(HOME)")
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PYTHONUNBUFFERED := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1

# The bundles are built from these, and so is what Jupyter finds below share/ and etc/.
BROWSER_SOURCES := $(shell find js nbtrack/lab -type f \
	-not -path '*/node_modules/*' -not -path '*/labextension/*' -not -path 'js/dev/*' \
	-not -name '*.py' -not -name '*.pyc' -not -name '*.test.ts' 2>/dev/null)

say = printf '\n\033[1m== %s\033[0m\n' "$(1)"
# $(call step,heading,command): says what runs, how long it took, and what failed.
define step
@$(call say,$(1)); start=$$SECONDS; \
if $(2); then echo "   $(1): ok, $$((SECONDS - start)) s"; \
else code=$$?; echo "== $(1): FAILED after $$((SECONDS - start)) s (exit code $$code)" >&2; exit $$code; fi
endef

.PHONY: help
help:
	@echo "make setup       a virtual environment in $(VENV) with nbtrack and all tools"
	@echo "make demo        run the quickstart notebook in a real kernel, write $(DEMO)/"
	@echo "make lab         open the notebooks live in JupyterLab"
	@echo "make test        set up, then check and test everything"
	@echo "make test-wheel  install the wheel into an environment of its own and use it there"
	@echo "make faults      kill, fill and damage for some minutes, and print what was lost"
	@echo "make conformance the same lines under wandb and under nbtrack, compared"
	@echo "make compat      other people's callbacks, unchanged, in an environment of its own"
	@echo "make bench       print the numbers that users feel, and briefly beside other trackers"
	@echo "make bench-peers the same beside other trackers at length (15 minutes and more)"
	@echo "make format      format Python and TypeScript"
	@echo "make clean       remove what was built; runs and $(VENV) stay"

# -- set-up ----------------------------------------------------------------------------

.PHONY: setup
setup: $(VENV)/.installed

$(VENV)/.created:
	@$(call say,virtual environment in $(VENV))
	@for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python=$$candidate; break; fi; \
	done; \
	if [ -z "$${python:-}" ]; then \
		echo "nbtrack needs Python 3.11 or newer and found none. Install one (Debian: apt-get install" >&2; \
		echo "python3 python3-venv) or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	"$$python" --version; "$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install -q "pip>=25.1" "hatchling>=1.27"
	@touch $@

$(VENV)/.dependencies: $(VENV)/.created pyproject.toml hatch_build.py js/package-lock.json
	@$(call say,nbtrack and its tools (some minutes the first time))
	@node=$$($(BIN)/python hatch_build.py requires); if [ -n "$$node" ]; then \
		echo "no Node on this system: installing $$node"; $(BIN)/python -m pip install -q "$$node"; fi
	@$(BIN)/python -m pip install -q --no-build-isolation --group test --editable .
	@touch $@

$(VENV)/.installed: $(VENV)/.dependencies $(BROWSER_SOURCES)
	@$(call say,browser bundles)
	@$(BIN)/python -m pip install -q --no-build-isolation --no-deps --editable .
	@touch $@

.PHONY: chromium
chromium:
	@if command -v chromium chromium-browser google-chrome >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "The browser tests need Chromium or Google Chrome and found none. Install one" >&2; \
		echo "(Debian: sudo apt-get install chromium), or run this as root on Debian." >&2; exit 1; fi; \
	$(call say,Chromium from Debian); mkdir -p build; export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq; apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core \
		>build/chromium.log 2>&1 || { cat build/chromium.log >&2; exit 1; }

# -- the product -----------------------------------------------------------------------

.PHONY: demo
demo: setup
	@mkdir -p $(DEMO)
	@$(call say,notebooks/01-quickstart.ipynb in a real kernel)
	@$(BIN)/papermill --cwd notebooks --kernel python3 --progress-bar \
		notebooks/01-quickstart.ipynb $(DEMO)/01-quickstart.ipynb
	@$(BIN)/jupyter nbconvert --log-level WARN --to html --output-dir $(DEMO) \
		--HTMLExporter.require_js_url= --HTMLExporter.mathjax_url= $(DEMO)/01-quickstart.ipynb
	@$(call say,done)
	@echo "the executed notebook  $(CURDIR)/$(DEMO)/01-quickstart.ipynb"
	@echo "the same as a page     $(CURDIR)/$(DEMO)/01-quickstart.html"
	@cd notebooks && echo "the store              $$(../$(BIN)/python -c "$(WORKSPACE)")"
	@echo "to watch it live       make lab"

.PHONY: lab
lab: setup
	$(BIN)/jupyter lab --notebook-dir=notebooks $$([ "$$(id -u)" != 0 ] || echo --allow-root)

# -- checks ----------------------------------------------------------------------------

.PHONY: test
test: setup chromium lint types floors browser-code pytest

.PHONY: lint
lint: setup
	$(call step,ruff,$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .)

.PHONY: types
types: setup
	$(call step,mypy,$(BIN)/mypy)

.PHONY: floors
floors: setup
	$(call step,import-linter,$(BIN)/lint-imports --no-logo --no-cache)

.PHONY: browser-code
browser-code: setup
	$(call step,protocol types,$(BIN)/python js/generate_protocol.py --check)
	$(call step,biome,$(NPM) run --silent lint)
	$(call step,tsc,$(NPM) run --silent typecheck)
	$(call step,vitest,$(NPM) run --silent test)

.PHONY: pytest
pytest: setup chromium
	@$(call say,pytest: unit faults kernel browser)
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile tests/unit tests/faults tests/kernel
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 2 --dist loadfile --durations=8 --durations-min=1 tests/browser

.PHONY: test-wheel
test-wheel: setup
	@rm -rf build/wheel build/wheel-venv
	$(call step,wheel,$(BIN)/python -m pip wheel -q --no-deps --wheel-dir build/wheel .)
	$(call step,fresh environment,$(BIN)/python -m venv build/wheel-venv \
		&& build/wheel-venv/bin/python -m pip install -q jupyterlab nbclient build/wheel/nbtrack-*.whl)
	$(call step,use,build/wheel-venv/bin/python tests/wheel/use.py)

.PHONY: faults
faults: setup
	@NBTRACK_FAULTS=long $(BIN)/python -m pytest -q tests/faults tests/unit/store/test_machine.py

.PHONY: bench
bench: setup chromium
	@$(BIN)/python tests/benchmarks/bench_core.py
	@$(BIN)/python tests/benchmarks/bench_console.py
	@$(BIN)/python tests/benchmarks/bench_capture.py
	@$(BIN)/python tests/benchmarks/bench_panel.py
	@$(BIN)/python tests/benchmarks/bench_sidebar.py
	@$(BIN)/python tests/benchmarks/bench_server.py
	@$(BIN)/python tests/benchmarks/bench_table.py
	@$(BIN)/python tests/benchmarks/bench_store.py
	@$(BIN)/python tests/benchmarks/bench_reports.py
	@$(BIN)/python tests/benchmarks/bench_exports.py
	@$(BIN)/python tests/benchmarks/bench_reading.py --small
	@$(BIN)/python tests/benchmarks/peers/compare.py --quick

# Each tracker gets an environment of its own below build/peers/, 2 GB in all, the first time.
.PHONY: bench-peers
bench-peers: setup
	@$(BIN)/python tests/benchmarks/peers/compare.py $(PEERS)

# Needs the reference in build/peers/wandb (see bench-peers); without it the suite skips, and says so.
.PHONY: conformance
conformance: setup
	@$(BIN)/python -m pytest -q tests/conformance

.PHONY: compat
compat: $(COMPAT)/.installed
	@PYTHONPATH=$(CURDIR) $(COMPAT)/bin/python -m pytest -q -p no:cacheprovider tests/compat

$(COMPAT)/.installed: $(VENV)/.created
	@$(call say,other people's libraries in $(COMPAT) (2 GB))
	@mkdir -p build; $(BIN)/python -m venv $(COMPAT)
	@$(COMPAT)/bin/python -m pip install -q torch==2.13.0 transformers accelerate datasets trl \
		sentence-transformers optuna optuna-integration pytorch-ignite xgboost-cpu scipy \
		lightgbm tensorboardX keras \
		scikit-learn skorch spacy spacy-loggers lightning pandas pyyaml pytest pytest-timeout \
		numpy duckdb psutil msgspec plotly anywidget ipywidgets nvidia-ml-py
	@touch $@

.PHONY: format
format: setup
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .
	$(NPM) run --silent format

.PHONY: clean
clean:
	rm -rf build dist js/node_modules nbtrack/panels/static nbtrack/lab/labextension \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/browser/screenshots
	rm -f $(VENV)/.installed $(VENV)/.dependencies
	find nbtrack tests js -name __pycache__ -not -path '*/node_modules/*' -prune -exec rm -rf {} +
