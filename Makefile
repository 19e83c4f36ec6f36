.DEFAULT_GOAL := help
.PHONY: help run test reliability check fmt

help: ## Show this
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: ## Build and serve on http://127.0.0.1:3000
	cargo run --release

test: node_modules ## Run every test
	cargo test --workspace

# Thousands of connections need as many file descriptors.
reliability: ## Measure what it withstands (minutes)
	ulimit -n 16384 && cargo test --release --test reliability

check: ## Check format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

fmt: ## Format the code
	cargo fmt --all

# The audit of GraphQL over HTTP and the TypeScript client come from npm; without it their tests skip, and say so.
# npm leaves the stamp: nothing is done while it is newer than what it was made from.
NPM_FOLDERS := tests/graphql-http tests/clients/typescript
.PHONY: node_modules
ifneq ($(shell command -v npm 2>/dev/null),)
node_modules: $(NPM_FOLDERS:%=%/node_modules/.package-lock.json)
else
node_modules:
	@echo 'npm is missing: the GraphQL over HTTP audits and the TypeScript client will be skipped'
endif

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --silent && touch node_modules/.package-lock.json
