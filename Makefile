# `make run` and `make test` need no preparation. `make` alone lists the targets.
#
# Variables of .env.example can be given on the line: make run PORT=9000. PYTHON=python3.12 chooses the interpreter
# that .venv is made with. Recipes end in `exec`, so that Ctrl-C and SIGTERM reach the service itself.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PEOPLE ?= 200
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test demo seed bench bench-coverage bench-growth bench-matching bench-moderation bench-pages bench-routes bench-start bench-sweep bench-takeover fuzz faults overload scale simulation plans pictures client format lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: ## Install what is missing, then run the service (nothing to configure)
	@scripts/install.sh run && exec $(BIN)/skillswap run $(ARGS)

test: ## Install what is missing, then run every check that CI runs
	@scripts/install.sh dev && exec scripts/check.sh $(ARGS)

demo: ## Play two stories in Telegram and on the web on a scratch database: make demo ARGS="--story door"
	@scripts/install.sh run && exec $(BIN)/skillswap demo $(ARGS)

seed: ## Fill the database with a made-up community: make seed PEOPLE=500
	@scripts/install.sh run && exec $(BIN)/skillswap seed --people $(PEOPLE) $(ARGS)

bench-matching: ## Measure the deck and circles among a million made-up people
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.matching $(ARGS)

fuzz: ## Send generated requests to every route, signed in and not
	@scripts/install.sh dev && exec $(BIN)/python -m tests.fuzz $(ARGS)

bench-moderation: ## Measure the lists of moderators among 1,000 members and 200 reports
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.moderation $(ARGS)

bench-pages: ## Measure the processor time of pages beside their JSON routes
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.pages $(ARGS)

bench: ## Measure latency, throughput and start-up; print medians
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench $(ARGS)

bench-growth: ## Measure a message's cost with more open sockets and with more processes
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.growth $(ARGS)

bench-sweep: ## Measure one sweep of what is due among a million swaps
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.sweep $(ARGS)

bench-routes: ## Measure what a request costs with 10,000 and with a million people
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.routes $(ARGS)

bench-start: ## Measure what a start takes, and the processor time of its parts
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.start $(ARGS)

bench-takeover: ## Measure the first start on a database of 100,000 people that Mongoose models wrote
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.takeover $(ARGS)

bench-coverage: ## Measure how many of a community can swap, and how many at once, against the optimum
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.coverage $(ARGS)

faults: ## Kill, stop and starve the service under load; print a row for each promise
	@scripts/install.sh dev && exec $(BIN)/python -m tests.faults $(ARGS)

overload: ## Offer the chat of a running service up to four times what it can do
	@scripts/install.sh dev && exec $(BIN)/python -m tests.faults.overload $(ARGS)

scale: ## Play what comes beyond one machine (decision 23): make scale ARGS="--rates 30000"
	@scripts/install.sh dev && exec $(BIN)/python -m tests.bench.scale $(ARGS)

simulation: ## Let 200 made-up people live sixty days: print the funnel, and check what was promised
	@scripts/install.sh dev && exec $(BIN)/python -m tests.simulation $(ARGS)

plans: ## Check that every query among 100,000 people is answered from an index
	@scripts/install.sh dev && exec $(BIN)/python -m pytest tests/storage/mongodb/test_indexes.py tests/storage/mongodb/test_plans_of_sessions.py tests/storage/mongodb/test_plans_of_cases.py -m "faults or not faults" $(ARGS)

pictures: ## Play the story in a real browser and renew the pictures in docs/
	@scripts/install.sh dev && exec $(BIN)/pytest tests/browser --pictures docs $(ARGS)

client: ## Generate the types of clients/typescript from the present OpenAPI document, and build it
	@scripts/install.sh dev && exec scripts/client.sh

format: ## Format the code, and fix what a tool can fix
	@scripts/install.sh dev && $(BIN)/ruff check --fix-only --quiet . && exec $(BIN)/ruff format .

lock: ## Pin all packages with hashes; make lock ARGS=--upgrade takes newer ones
	@scripts/lock.sh $(ARGS)

clean: ## Remove .venv and caches; the data folder stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
