# The commands of the house. `make demo` on a fresh machine does everything.
SHELL := /bin/bash
PY := .venv/bin/python
PORT ?=
BENCH ?=
PACKAGES := portal spid_auth payments exceptional_transport

.PHONY: help setup demo demo-reset doctor test journeys-test conformance-test lint format bench journey conformance-spid migrations-check

help:
	@echo "make demo [PORT=8000]   accende la dimostrazione"
	@echo "make demo-reset         cancella i dati della dimostrazione"
	@echo "make doctor             controlla che ci sia tutto"
	@echo "make test | lint        prove e controlli del codice"
	@echo "make bench [BENCH=nome] misure di velocità"
	@echo "make journey            il percorso del cittadino, in Chromium"
	@echo "make conformance-spid   i controlli ufficiali di SPID, CIE ed eIDAS su un portale acceso"

setup:
	@scripts/setup.sh

demo: setup
	@exec $(PY) manage.py demo $(if $(PORT),--port $(PORT))

demo-reset: setup
	@$(PY) manage.py demo_reset

doctor: setup
	@$(PY) manage.py doctor

# Journeys and official checks each start a portal of their own and wait much: they go together.
test: setup
	$(PY) -m pytest -n 2 --dist worksteal -m "not journey"
	@$(MAKE) --no-print-directory -j 2 --output-sync=target journeys-test conformance-test

journeys-test:
	$(PY) -m pytest -m journey tests/journeys -p no:randomly -q

conformance-test:
	$(PY) -m scripts.conformance

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy $(PACKAGES) scripts/conformance
	.venv/bin/djlint templates --lint --quiet
	$(MAKE) --no-print-directory migrations-check

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

migrations-check: setup
	@$(PY) manage.py makemigrations --check --dry-run

bench: setup
	@$(PY) manage.py bench $(BENCH)

journey: setup
	@$(PY) -m pytest -m journey tests/journeys -p no:randomly -q -s

conformance-spid: setup
	@$(PY) -m scripts.conformance
