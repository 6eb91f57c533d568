# Two commands do everything: `make run` and `make test`. Both set up what is missing first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR

.PHONY: help setup setup-test setup-plugin run test bench module pages plugin fmt lint deny unit npm browser pages-test php shop sdk api packaging fuzz

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what building and running need (only what is missing)
	@.ci/setup build

setup-test: setup
	@.ci/setup test

setup-plugin: setup
	@.ci/setup plugin

run: setup ## The main job: real orders through the module into a practice Xero
	cargo run --locked --package tillbook -- demo $(ARGS)

test: setup-test pages fmt lint unit npm browser pages-test php shop sdk api deny packaging fuzz ## Every test
	@echo "All tests passed."

fmt:
	cargo fmt --all --check

lint:
	cargo clippy --locked --workspace --all-targets --features tillbook-core/schema -- -D warnings

unit:
	cargo test --locked --workspace --features tillbook-core/schema

module: setup ## Build the module and its npm package; print size and SHA-256
	cargo run --locked --package tillbook-module

pages: setup-plugin module ## Build the pages for wp-admin and the host
	cd woo-plugin-bridge/pages && npm run build

plugin: pages ## Build the plugin's installable zip, with the module and its translation to PHP
	.ci/php translate
	woo-plugin-bridge/build-zip

npm: module
	cd wasm-pkg/npm && npm test

browser: module
	cd wasm-pkg/npm && npm run test:browser

pages-test: pages ## The pages in Chromium: every page and state, axe, keyboard, screenshots
	cd woo-plugin-bridge/pages && npm test

php: module ## The core in PHP, as a library and translated: the same bytes as everywhere
	.ci/php

shop: plugin ## The plugin in a real WordPress; with WooCommerce itself where WC_SRC names one
	.ci/shop

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
