# The README's commands, each one line. `make run PORT=9000` serves elsewhere.
PORT ?= 8000
HOST ?= 127.0.0.1
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-long bench check translate pictures clean

run: .venv/ready
	$(BIN)/flask serve --host $(HOST) --port $(PORT)

# Python is started a hundred times: what was compiled once is kept, also where the environment says not to keep it.
test test-long: export PYTHONDONTWRITEBYTECODE =

test: .venv/ready
	$(BIN)/python -m pytest -q -n auto --maxprocesses 8 --dist worksteal

test-long: .venv/ready
	$(BIN)/python -m pytest -q -n auto --maxprocesses 8 --dist worksteal -m "" --hypothesis-profile=exploring

bench: .venv/ready
	$(BIN)/python -m bench

translate: .venv/ready
	$(BIN)/python translate.py

pictures: .venv/ready
	$(BIN)/python -m docs.pictures

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/mypy .

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("书信 needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 run" if sys.version_info < (3, 11) else 0)'
	@echo '书信: installing into .venv (about half a minute) …'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
