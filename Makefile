# Every command of the project. Each sets up what it needs, on a machine with Python ≥ 3.11, make and git.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadfile
APART := crash or spark or notebook or fuzz or browser

# What has been installed is remembered by empty files inside the environment, so a second run only compares times.
MADE := .venv/.made
DEV := $(MADE)/dev
SPARK := $(MADE)/spark
NOTEBOOK := $(MADE)/notebook
BROWSER := $(MADE)/browser
PAGES := $(MADE)/pages
PAGES_SOURCE := $(shell find dashboard -type d \( -name node_modules -o -name .build \) -prune -o -type f -print 2> /dev/null)
PACKAGES := tracker/node_modules/.made
CLIENTS := tests/collect/protocols/npm

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(DEV) ## the virtual environment, from locked and hash-checked packages

$(MADE)/new: requirements/bootstrap.txt
	@echo "making .venv"
	@scripts/environment new
	@mkdir -p $(MADE) && touch $@

$(DEV): $(MADE)/new requirements/dev.txt pyproject.toml
	@echo "installing the locked packages"
	@scripts/environment sync requirements/dev.txt
	@scripts/environment project
	@touch $@

$(SPARK): $(DEV) requirements/spark.txt
	@echo "installing Spark (about 400 MB the first time)"
	@scripts/environment add requirements/spark.txt
	@touch $@

$(NOTEBOOK): $(DEV) requirements/notebook.txt
	@echo "installing what notebooks need"
	@scripts/environment add requirements/notebook.txt
	@touch $@

$(BROWSER): $(DEV) requirements/browser.txt
	@echo "installing what drives a browser"
	@scripts/environment add requirements/browser.txt
	@touch $@

$(PAGES): $(DEV) scripts/pages $(PAGES_SOURCE)
	@scripts/pages build
	@touch $@

$(PACKAGES): tracker/package-lock.json
	@command -v npm > /dev/null || { echo "the tracker is built by Node, and there is no npm on the path" >&2; exit 1; }
	@echo "installing the tracker's locked packages"
	@cd tracker && npm ci --ignore-scripts
	@touch $@

$(CLIENTS)/node_modules/.made: $(CLIENTS)/package-lock.json
	@command -v npm > /dev/null || { echo "clients of other products come from npm, which is not on the path" >&2; exit 1; }
	@echo "installing clients of other products, locked"
	@cd $(CLIENTS) && npm ci --ignore-scripts
	@touch $@

.PHONY: demo
demo: $(DEV) ## a made-up shop, imported and played live; SECONDS=n ends it with a table
	@$(MAKE) --no-print-directory $(PAGES) || echo "the demonstration goes on without its pages" >&2
	$(BIN)/python -m footfall demo $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: test
test: $(DEV) ## all tests that need no server, no Java and no patience
	$(PYTEST) $(PARALLEL) -m "not ($(APART))"

.PHONY: test-crash
test-crash: $(DEV) ## kill real processes at random moments; KILLS=n for more of them
	$(if $(KILLS),FOOTFALL_KILLS=$(KILLS)) $(PYTEST) -m crash

.PHONY: test-spark
test-spark: $(SPARK) ## the same numbers on Spark (needs Java 17)
	@command -v java > /dev/null || { echo "Spark needs Java 17, and there is no java on the path" >&2; exit 1; }
	$(PYTEST) --numprocesses 2 --dist loadfile -m spark

.PHONY: test-notebook
test-notebook: $(NOTEBOOK) ## run the example notebooks, and the answers' plots and frames
	$(PYTEST) -m notebook

.PHONY: test-browser
test-browser: $(BROWSER) $(PAGES) $(PACKAGES) $(CLIENTS)/node_modules/.made ## the pages, the tracker, and others' clients from npm, in Node and Chromium (needs Node 20)
	$(PYTEST) -m browser --ignore tests/dashboard
	$(PYTEST) $(PARALLEL) -m browser tests/dashboard

.PHONY: test-fuzz
test-fuzz: $(DEV) ## send whatever the API document allows
	$(PYTEST) --numprocesses 2 -m fuzz

.PHONY: fresh
fresh: ## the demo for a new user with an empty home (needs root); RECORD=1 keeps it in docs/
	$(or $(PYTHON),python3) -m scripts.fresh $(if $(RECORD),--record docs/demo-recording.txt)

.PHONY: check
check: $(DEV) ## format, lint, strict types (the pages', too), import contracts, the repository's own rules
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(PYTEST) -m "not slow" tests/repo
	scripts/pages check

.PHONY: bench
bench: $(DEV) ## the measurements, each beside its ceiling; ONLY="ingest lake" for some, RECORD=1 for docs/performance.md
	$(BIN)/python -m benchmarks.run $(ONLY) $(if $(RECORD),--record)

.PHONY: bench-full
bench-full: $(DEV) ## the same at full size (hours); ONLY and RECORD as above
	$(BIN)/python -m benchmarks.run $(ONLY) --size full $(if $(RECORD),--record)

.PHONY: profile
profile: $(DEV) ## the costliest functions of each stage of the hot path, in µs an event; ONLY="step fraud" for some
	$(BIN)/python -m benchmarks.profile $(ONLY)

.PHONY: instructions
instructions: $(DEV) ## whether a stage needs more instructions than were recorded (perf or valgrind); RECORD=1 records them
	$(BIN)/python -m benchmarks.instructions $(ONLY) $(if $(RECORD),--record)

.PHONY: format
format: $(DEV) ## put the code into its form, and mend what the linter can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: build
build: $(DEV) $(PAGES) ## the wheel, in dist/
	$(BIN)/python -m hatchling build --target wheel

.PHONY: tracker
tracker: $(PACKAGES) ## build the browser tracker anew, into src/footfall/tracker
	cd tracker && npm run --silent check && npm run --silent build

.PHONY: dashboard
dashboard: $(PAGES) ## build the pages anew, into src/footfall/dashboard/built

.PHONY: picture
picture: $(DEV) ## the pictures in docs/pictures/, taken of the demo's shop at work
	$(BIN)/python -m scripts.picture

.PHONY: screens
screens: $(BROWSER) $(PAGES) ## pictures of every page, wide and phone, light and dark, in .cache/screens; RECORD=1 for README's
	$(BIN)/python -m scripts.screens $(if $(RECORD),--record)

.PHONY: lock
lock: $(MADE)/new ## write the lock files anew; UPGRADE=1 takes newer versions
	scripts/lock $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## remove the environment and everything that the commands wrote
	rm -rf .venv dist build .cache tracker/node_modules dashboard/node_modules $(CLIENTS)/node_modules src/footfall/dashboard/built dashboard/.build tracker/dist tracker/.build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
