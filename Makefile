# Two commands do everything: `make run` and `make test`. Both set up what is missing first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR

.PHONY: help setup setup-test run test bench module fmt lint deny unit npm browser sdk api packaging fuzz

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what building and running need (only what is missing)
	@.ci/setup build

setup-test: setup
	@.ci/setup test

run: setup ## The main job: real orders through the module into a practice Xero
	cargo run --locked --package tillbook -- demo $(ARGS)

test: setup-test fmt lint unit npm browser sdk api deny packaging fuzz ## Every test
	@echo "All tests passed."

fmt:
	cargo fmt --all --check

lint:
	cargo clippy --locked --workspace --all-targets --features tillbook-core/schema -- -D warnings

unit:
	cargo test --locked --workspace --features tillbook-core/schema

module: setup ## Build the module and its npm package; print size and SHA-256
	cargo run --locked --package tillbook-module

npm: module
	cd wasm-pkg/npm && npm test

browser: module
	cd wasm-pkg/npm && npm run test:browser

sdk: ## Xero's own SDKs for Node and Python against the practice Xero
	.ci/sdk

api: ## The server's API against its own document
	.ci/api

deny: ## Licences, sources, duplicates; advisories where their database can be fetched
	.ci/deny

packaging: ## Lint the service file and the container file
	.ci/packaging

fuzz: ## Fuzz the door for a bounded time (FUZZ_SECONDS, 60)
	.ci/fuzz

bench: setup ## Ratios: wasmtime against native, cold against cached; 10,000 seeds of bad days
	cargo bench --locked --package tillbook-core --package tillbook
	cargo bench --locked --package tillbook-tests
