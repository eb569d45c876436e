# Every target sets up what it needs first; the set-up is remembered and costs milliseconds later.
# `make PYTHON=python3.12 run` chooses the interpreter for a new .venv.
PYTHON ?=
BIN := .venv/bin

.PHONY: help setup run up demo test check page unit soak bench docs format clean

help:
	@echo "make run     set up, start the suite, play the demo; Ctrl-C stops it"
	@echo "make up      the suite without the demo"
	@echo "make test    all checks and all tests"
	@echo "make check   ruff, mypy, import rules, generated pages, docker-compose.yml"
	@echo "make soak    10,000 messages while processes, Redis and database are killed; SOAK='--help'"
	@echo "make bench   messages per second and latencies on this machine"
	@echo "make docs    write the generated parts of docs/ again"
	@echo "make clean   remove .venv, caches and var/"

setup:
	@PYTHON="$(PYTHON)" sh scripts/setup.sh

run: setup
	@exec $(BIN)/wherry up

up: setup
	@exec $(BIN)/wherry up --no-demo

demo: setup
	@exec $(BIN)/wherry demo

test: check page unit

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/settings_page.py --check
	$(BIN)/python scripts/quote_code.py --check
	$(BIN)/python scripts/model_pages.py --check
	$(BIN)/python scripts/compose_config.py

page: setup
	@sh scripts/page.sh test

unit: setup
	@sh scripts/browser.sh
	$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal

# What follows SOAK= goes to the soak: make soak SOAK='--messages 2000 --database sqlite --seed 7'
SOAK ?=

soak: setup
	@$(BIN)/python -m tests.faults.soak $(SOAK)

bench: setup
	@$(BIN)/python scripts/bench_translate.py
	@$(BIN)/python scripts/bench_reading.py
	@$(BIN)/python scripts/bench.py
	@$(BIN)/python scripts/bench_devices.py
	@$(BIN)/python scripts/bench_alert.py
	@$(BIN)/python scripts/bench_risk.py
	@$(BIN)/python scripts/bench_cds.py
	@$(BIN)/python scripts/bench_chart.py
	@$(BIN)/python scripts/bench_page.py
	@$(BIN)/python scripts/bench_app.py
	@$(BIN)/python scripts/bench_fhir.py

docs: setup
	$(BIN)/python scripts/settings_page.py
	$(BIN)/python scripts/quote_code.py
	$(BIN)/python scripts/model_pages.py

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv var build dist smart-app/dist smart-app/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find shared services tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
