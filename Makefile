# Each target does all of its own set-up: a virtual environment in .venv, made once from pyproject.toml.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EXAMPLE := examples/checkout

.PHONY: run test lint types bench clean

run: $(READY) ## synthesise, check and run the example
	cd $(EXAMPLE) && ../../$(BIN)/lambdaform synth
	cd $(EXAMPLE) && ../../$(BIN)/lambdaform check
	cd $(EXAMPLE) && ../../$(BIN)/lambdaform invoke Checkout --event events/quote.json

test: $(READY) ## the whole test suite
	$(BIN)/python -m pytest -q $(TESTS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/invoke.py

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("lambdaform needs Python 3.11 or newer; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[lint,dev]'
	touch $@

clean:
	rm -rf $(VENV)
