# Everything a newcomer needs: `make demo`, `make test`. Each sets up .venv first, with Python 3.11 or newer.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

export OMP_WAIT_POLICY = PASSIVE

.PHONY: demo test browser lint bench setup clean

demo: $(STAMP)
	$(BIN)/aisle demo --shop demo-shop

test: $(STAMP) browser
	$(BIN)/python -m pytest -n 2 --dist loadfile

# What the browser tests drive. Where it cannot be installed they skip and say so; under CI=true a skip is a failure.
browser:
	@command -v chromium > /dev/null \
	  || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk > /dev/null; } \
	  || echo "no chromium here: the browser tests will be skipped (Debian and Ubuntu: apt-get install chromium)"

lint: $(STAMP)
	$(BIN)/ruff check aisle tests benchmarks examples experiments
	$(BIN)/ruff format --check aisle tests benchmarks examples experiments
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m pip install -q -e '.[bench]'
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.demo_search
	$(BIN)/python -m benchmarks.next_basket
	$(BIN)/python -m benchmarks.next_product --set beauty --users 5000
	$(BIN)/python -m benchmarks.next_product --set tmall --users 3000
	$(BIN)/python -m benchmarks.crash --kills 200
	$(BIN)/python -m benchmarks.latency

setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q torch==2.13.0
	$(BIN)/python -m pip install -q -e '.[train,serve,demo,zh,pictures,dev]'
	touch $(STAMP)

clean:
	rm -rf $(VENV) demo-shop .mypy_cache .ruff_cache .pytest_cache .hypothesis
