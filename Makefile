# What can be done with a checkout; every target first sets up .venv where needed. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types layers check notebooks bench bench-peers lock wheel clean

RUN := .venv/bin
READY := .venv/.ready
SCENARIOS = $(wildcard scenarios/*.toml scenarios/experiments/*.toml)
BENCHMARKS = $(wildcard benchmarks/bench_*.py)
export PYTHON

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: $(READY)  ## make .venv from requirements.lock (the other targets do this by themselves)

$(READY): requirements.lock pyproject.toml .python-version
	@.ci/bootstrap
	@$(RUN)/majilis warm

demo: $(READY)  ## run the demonstration experiment and draw its figures
	$(RUN)/majilis batch demo
	$(RUN)/majilis figures results/demo

test: $(READY)  ## run the tests, one process a processor; PYTEST="-k law -x" passes options on
	$(RUN)/python -m pytest --numprocesses auto --dist loadfile $(PYTEST)

lint: $(READY)  ## style and formatting
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: $(READY)  ## type hints
	$(RUN)/mypy

layers: $(READY)  ## which module may import which
	$(RUN)/lint-imports

check: $(READY)  ## every scenario and experiment file
	$(RUN)/majilis check $(SCENARIOS)

notebooks: $(READY)  ## execute every notebook
	$(RUN)/python -m pytest -q -p no:cacheprovider --nbmake --nbmake-timeout=120 notebooks/*.ipynb

bench: $(READY)  ## measure speed (benchmarks/README.md)
	@for file in $(BENCHMARKS); do echo "== $$file"; $(RUN)/python $$file || exit 1; done

bench-peers: $(READY)  ## install what the voters are measured against, each in an environment under .tools/peers
	@uv=$$(.ci/bootstrap --uv); for file in benchmarks/peers/*.txt; do \
	  peer=$$(basename $$file .txt); home=.tools/peers/$$peer; \
	  "$$uv" venv --quiet --allow-existing --python $(RUN)/python $$home && \
	  "$$uv" pip install --quiet --python $$home/bin/python --compile-bytecode --requirement $$file && \
	  echo "$$peer: installed in $$home" || { echo "$$peer: could not be installed; it is skipped"; rm -rf $$home; }; \
	done

lock:  ## renew requirements.lock from pyproject.toml
	@uv=$$(.ci/bootstrap --uv) && "$$uv" pip compile --quiet --upgrade --universal --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links --python-version 3.12 --group dev --all-extras pyproject.toml -o requirements.lock

wheel: $(READY)  ## build dist/: the source archive, and the wheel from it
	rm -rf dist
	$(RUN)/python -m build --no-isolation

clean:  ## remove what the other targets made, except results/
	rm -rf .venv .tools dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
