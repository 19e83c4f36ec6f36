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

# The audit of GraphQL over HTTP is an npm package; without npm its test skips, and says so.
.PHONY: node_modules
node_modules:
	@if command -v npm >/dev/null; then cd tests/graphql-http && npm ci --silent; \
	else echo 'npm is missing: the GraphQL over HTTP audits will be skipped'; fi
