# Every target sets up by itself what it needs: a virtual environment in $(VENV), which is brought up to date
# when pyproject.toml or constraints.txt change. `make run` installs what lambdaform needs, the others also
# what its developers need.
VENV ?= .venv
BIN := $(VENV)/bin
EXAMPLE := examples/checkout
TESTS ?= tests
WORKERS ?= auto

# The first Python on the PATH that will do; where none will, python3, and check-python says why not.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; \
	done || echo python3)

# Old Pythons must be able to read this far, to say that they are old.
define CHECK_PYTHON
import sys
here = "%s is Python %d.%d" % (sys.executable, sys.version_info[0], sys.version_info[1])
if sys.version_info < (3, 11):
    sys.exit("lambdaform needs Python 3.11 or newer, and %s. Name another: make PYTHON=/path/to/python3.13" % here)
try:
    import ensurepip, venv
except ImportError:
    sys.exit("%s, but lacks the module venv. On Debian and Ubuntu: apt install python3-venv" % here)
endef
export CHECK_PYTHON

# Shows a command as it would be typed in the example's folder, and runs it there.
define in_example
	@printf '\n$$ %s\n' '$(1)'
	@cd $(EXAMPLE) && PATH="$(abspath $(BIN)):$$PATH" $(1)
endef

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run test lint types docs bench clean check-python

help: ## Show this
	@echo 'make TARGET; each sets up by itself what it needs.'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run ## Synthesise, check and run examples/checkout
	$(call in_example,lambdaform synth)
	$(call in_example,lambdaform check)
	$(call in_example,lambdaform invoke Checkout --event events/quote.json)

test: $(VENV)/.dev ## Run the tests; some of them: make test TESTS=tests/check
	$(BIN)/python -m pytest -q -n $(WORKERS) $(TESTS)

lint: $(VENV)/.dev ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## Check the types
	$(BIN)/mypy

docs: $(VENV)/.dev ## Write the reference from the docstrings; renew what the pages show of files and commands
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.generate --played

schemas: $(VENV)/.run ## Write the JSON Schemas anew, from the classes
	$(BIN)/python -m lambdaform.json_schema.export

bench: $(VENV)/.dev ## Measure commands, invocations and synthesis against floors and peers
	$(BIN)/python -m benchmarks.commands
	$(BIN)/python -m benchmarks.invoke
	$(BIN)/python -m benchmarks.control
	$(BIN)/python -m benchmarks.environments
	$(BIN)/python -m benchmarks.synthesis
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.endurance
	$(BIN)/python -m benchmarks.reload

clean: ## Remove the virtual environment and everything that tools have cached
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find lambdaform tests examples benchmarks docs -name __pycache__ -prune -exec rm -rf {} +

check-python:
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON). lambdaform needs Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) -c "$$CHECK_PYTHON"

$(VENV)/.run: pyproject.toml constraints.txt | check-python
	@echo 'Setting up $(VENV) (once; this takes a minute)'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo 'Adding what the developers need to $(VENV) (once; this takes a minute)'
	@$(PIP) --editable '.[lint,dev]'
	@touch $@
