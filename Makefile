# `make run` starts the marketplace; `make test` checks it. A bare machine needs python3, pip and make; the settings are in README.md.
PYTHON3 ?= python3
PY := .venv/bin/python
SETUP := $(PYTHON3) app/setup.py
TEST_WORKERS ?= 2
export PYTHONUNBUFFERED := 1

.PHONY: run demo test unit lint bench pins clean distclean

run: ## Set up what is missing, then serve on http://127.0.0.1:$(PORT) until Ctrl-C
	@$(SETUP) run
	@exec $(PY) -m app.serve

demo: ## Throw the local database away and start again with fresh demo data
	@if [ -n "$$DATABASE_URL$$INFRASHARE_VAR" ]; then echo "make demo empties var/infrashare.db alone; unset DATABASE_URL and INFRASHARE_VAR"; exit 1; fi
	@rm -f var/infrashare.db var/infrashare.db-wal var/infrashare.db-shm var/demo-unfinished
	@$(MAKE) --no-print-directory run

test: ## Lint, then the whole suite, on SQLite and on PostgreSQL
	@$(SETUP) test
	@$(MAKE) --no-print-directory -j2 lint-installed kernels
	$(PY) -m pytest -n $(TEST_WORKERS) --dist worksteal -q --durations 20

unit: ## Only the tests that need no database
	@$(SETUP) test
	$(PY) -m pytest -q tests/unit tests/architecture

lint: ## ruff, import contracts, mypy
	@$(SETUP) test
	@$(MAKE) --no-print-directory lint-installed

.PHONY: lint-installed
lint-installed:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check --quiet app bench prove scripts tests wsgi.py
	.venv/bin/lint-imports
	$(PY) -m mypy

.PHONY: kernels
kernels: # once, while the linters run, not in each of the tests' processes
	$(PY) -c "from app.engine import warm; warm()"

bench: ## Measure everything against the peers; writes bench/results, docs/benchmarks.md and its plots
	@$(SETUP) bench
	$(PY) -m bench

.PHONY: bench-engine
bench-engine: ## The engine alone, in one run: bench/results/engine.json; PARTS="j1 lines" for some, PARTS="engine --without j3" for the rest
	@$(SETUP) bench
	$(PY) -m bench $(or $(PARTS),engine)

.PHONY: prove-capacity prove-faults
prove-capacity: ## Nothing is sold twice: 16 processes, both databases, every guard; SHORT=1 for under a minute
	@$(SETUP) test
	$(PY) -m prove.capacity

prove-faults: ## Servers and PostgreSQL killed, disks full, replies lost, clocks wrong: nothing broken, lost or twice; SHORT=1 for short
	@$(SETUP) test
	$(PY) -m prove.faults

pins: ## Compile requirements*.in again, each file on top of the one before
	@$(SETUP) test
	@for name in requirements requirements-dev requirements-bench; do \
		UV_SYSTEM_CERTS=1 .boot/bin/uv pip compile --quiet --no-header --no-annotate $$name.in -o $$name.txt || exit 1; \
	done

clean: ## Remove what is built; keep tools, environment and data
	rm -rf app/static/dist build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis .coverage
	find app -name '*.mo' -delete

distclean: clean ## Remove the tools and the environment too; var/ keeps the data
	rm -rf .boot .venv frontend/node_modules
