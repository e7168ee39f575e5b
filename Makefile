# The book's commands. `make help` lists them. Everything happens in .venv; nothing else is touched.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
SITE := _build/html
CHAPTERS := $(sort $(wildcard book/[0-9][0-9]_*.ipynb))
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --overrides requirements/overrides.txt --no-emit-package torch --no-header --no-annotate
TORCH := torch==2.13.0
TORCH_INDEX := https://download.pytorch.org/whl/cpu

# Two torch processes with two threads each on two cores slow each other far more than twice.
test unit nbval chapters: export OMP_NUM_THREADS = 1

.DEFAULT_GOAL := help
.PHONY: help book site test lint unit nbval chapters lab bench lock clean

help:  ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

book: site  ## build the book, serve it on this machine and print the address
	@$(BIN)/python book/_tools/serve.py $(SITE) --port $(PORT)

site: $(VENV)/.site  ## build the book into _build/html
	@PYTHONPATH=. $(BIN)/jupyter-book build . --all --builder html -n -W --keep-going -q
	@echo "The book is in $(SITE)/index.html"

test: $(VENV)/.full lint site unit nbval  ## everything CI runs

lint: $(VENV)/.full
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/codespell

unit: $(VENV)/.full
	@$(BIN)/python -m pytest -n 2 --dist worksteal --durations 10 tests

nbval: $(VENV)/.full
	@$(BIN)/python tests/offline.py $(BIN)/python -m pytest --nbval --nbval-current-env \
	  --nbval-sanitize-with tests/book/sanitize.cfg --nbval-cell-timeout 180 \
	  -n 2 --dist loadscope -p no:cacheprovider $(CHAPTERS)

chapters: $(VENV)/.full  ## run every chapter again and normalise what is committed
	@$(BIN)/python book/_tools/chapters.py $(CHAPTERS)

lab: $(VENV)/.full  ## open the chapters in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir book $(if $(filter 0,$(shell id -u)),--allow-root)

bench: $(VENV)/.full  ## time our pieces beside their peers
	@for bench in benchmarks/*_bench.py; do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

lock: $(VENV)/.made  ## resolve requirements/*.in into pinned files for Python 3.10 to 3.13
	@$(BIN)/python -m pip install --quiet uv
	@for set in full site; do $(COMPILE) requirements/$$set.in -o requirements/$$set.txt; done
	@{ echo "-r torch.txt"; $(COMPILE) binder/requirements.in; } > binder/requirements.txt

clean:  ## remove what was built (not .venv)
	@rm -rf _build

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing. Install it: sudo apt-get install python3 python3-venv (or python.org)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || { echo "Python 3.10 to 3.13 is needed; $(PYTHON) is $$($(PYTHON) -V). Choose another: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make virtual environments. Install: sudo apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.site: $(VENV)/.made requirements/site.txt
	@echo "Installing what the site needs (a minute, once) ..."
	@test -e $(VENV)/.full || $(BIN)/python -m pip install --quiet -r requirements/site.txt
	@touch $@

$(VENV)/.full: $(VENV)/.made requirements/full.txt pyproject.toml
	@echo "Installing what chapters and tests need (some minutes, once) ..."
	@# torch first, and its CPU build, so that nothing below brings the CUDA build along
	@$(BIN)/python -m pip install --quiet $(TORCH)+cpu 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet $(TORCH) --extra-index-url $(TORCH_INDEX)
	@$(BIN)/python -m pip install --quiet -r requirements/full.txt
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@ $(VENV)/.site
