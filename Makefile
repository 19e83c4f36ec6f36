.DEFAULT_GOAL := help
.PHONY: help run pages test bench reliability security fuzz screenshots check fmt

help: ## Show this
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: ## Build and serve on http://127.0.0.1:3000
	@$(MAKE) --no-print-directory pages || echo 'the pages could not be built, see above; going on with what is there'
	cargo run --release

# The rest of the house never calls npm.
pages: ## Build the pages, where Node is there and they have changed
	@if ! command -v npm >/dev/null; then echo 'npm is missing: /playground will be $(what_is_left)'; \
	elif ! node playground/node-fits.cjs; then echo '/playground will be $(what_is_left)'; \
	else $(MAKE) -s playground/dist/index.html; fi

test: pages npm ## Run every test
	cargo test --workspace

# `make bench before=BINARY` lets another filmgate take part, as one of before a change.
bench: bench-instructions bench-accept bench-cycles bench-files ## Measure how fast it is, on a quiet machine (minutes)
	cargo bench --profile measured --package benches
	$(measured) load $(before)

measured = cargo build --profile measured --bins --package filmgate --package benches && \
	$${CARGO_TARGET_DIR:-target}/measured/benches
.PHONY: bench-instructions bench-accept bench-cycles bench-files

bench-instructions: # Hold the instructions of a request against benches/instructions.json.
	$(measured) instructions

bench-accept: # Put today's instructions into benches/instructions.json and docs/performance.md.
	$(measured) instructions accept

bench-cycles: # Put where the instructions are spent into docs/performance.md.
	$(measured) cycles

bench-files: # Count the files that a like passes.
	$(measured) files

# Thousands of connections need as many file descriptors.
reliability: ## Measure what it withstands (minutes)
	ulimit -n 16384 && cargo test --release --test reliability

# Not together: each asks for both cores.
testers := schemathesis sqlmap slowhttptest tls headers
.PHONY: $(testers:%=security-%)
.NOTPARALLEL: security

security: $(testers:%=security-%) ## Let the tools of others attack it (minutes)

$(testers:%=security-%): security-%: pages
	@tests/security/$*.sh

# A minute for each target; `make fuzz seconds=3600` for longer. What it finds is kept in fuzz/artifacts.
seconds = 60
fuzz: ## Look for what breaks a promise (minutes)
	@if cargo fuzz --version >/dev/null 2>&1 && cargo +nightly --version >/dev/null 2>&1; then \
	for target in $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs))); do \
	cargo +nightly fuzz run $$target -- -max_total_time=$(seconds) || exit 1; done; \
	else echo 'Fuzzing needs cargo-fuzz (cargo install cargo-fuzz) and a nightly compiler (rustup toolchain install nightly).'; \
	echo 'The same promises are held over generated cases by: cargo test --lib fuzzing'; exit 1; fi

screenshots: pages npm ## Take the pictures in docs/screenshots anew
	cargo test --test it -- --ignored --exact pages::the_screenshots_are_taken

check: pages ## Check format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --test reliability -- -D warnings
	@if [ -d playground/node_modules ]; then cd playground && npm run --silent check; fi

fmt: ## Format the code
	cargo fmt --all

what_is_left = $(if $(wildcard playground/dist/index.html),as it was built before,a small page without GraphiQL)

# A folder among them is newer than the pages when a file was removed from it.
page_sources := $(wildcard playground/*.html playground/*.ts playground/package.json) $(shell find playground/src)

playground/dist/index.html: playground/node_modules/.package-lock.json $(page_sources)
	@echo 'Building the pages'
	cd playground && npm run --silent build -- --logLevel error
	touch $@

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@echo 'Installing what $*/package-lock.json names'
	cd $* && npm ci --silent --no-audit --no-fund
	touch $@

# What tests need of npm: the audit of GraphQL over HTTP, the TypeScript client and the driver of a browser.
npm_folders := $(patsubst %/package.json,%,$(wildcard tests/*/package.json tests/*/*/package.json))
.PHONY: npm
npm:
	@if command -v npm >/dev/null; then $(MAKE) -s $(npm_folders:%=%/node_modules/.package-lock.json); \
	else echo 'npm is missing: the tests that need it will be skipped'; fi
