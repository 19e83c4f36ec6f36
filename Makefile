.DEFAULT_GOAL := help
.PHONY: help run libraries pages dist test bench reliability security fuzz screenshots check fmt

help: ## Show this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# npm waits for the network and uses one core, so what filmgate stands on is built beside it: the database's driver has
# most of it below it, with cryptography and SQLite, which are C.
run: ## Build and serve on http://127.0.0.1:3000
	@$(MAKE) --no-print-directory --keep-going --jobs pages libraries || echo 'not all could be built, see above; going on with what is there'
	cargo run --profile trial

libraries:
	cargo build --profile trial -p sqlx

# No other target calls npm, nor does cargo.
pages: ## Build the pages, where Node is there and they have changed
	@if ! command -v npm >/dev/null; then echo 'npm is missing: /playground will be $(what_is_left)'; \
	elif ! node playground/node-fits.cjs; then echo '/playground will be $(what_is_left)'; \
	else $(MAKE) -s playground/dist/index.html; fi

# What one downloads instead of building: the pages are in the binary.
version = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
archive = filmgate-$(version)-$(shell rustc -vV | sed -n 's/^host: //p')
CARGO_TARGET_DIR ?= target
dist: pages ## Build an archive for others, with its checksum
	cargo build --profile dist --locked --bin filmgate
	cd $(CARGO_TARGET_DIR) && rm -rf $(archive) && mkdir $(archive)
	cp -R $(CARGO_TARGET_DIR)/dist/filmgate README.md CHANGELOG.md SECURITY.md LICENSE-* docs $(CARGO_TARGET_DIR)/$(archive)
	cd $(CARGO_TARGET_DIR) && tar -czf $(archive).tar.gz $(archive) && sha256sum $(archive).tar.gz | tee $(archive).tar.gz.sha256

# Most tests wait for a moment to come, for a disk or for a program, and not for a core.
RUST_TEST_THREADS ?= $(shell expr 4 '*' $$(getconf _NPROCESSORS_ONLN))
test quick: export RUST_TEST_THREADS := $(RUST_TEST_THREADS)

test: pages npm python ## Run every test
	cargo test --workspace

# What waits for time to pass, starts PostgreSQL, Redis or a browser, runs the program again and again, or asks graphql-js of thousands of documents.
waiting = Store__Postgres admin::listener admin::metrics::t admin::prometheus admin::reload clients:: cluster:: commands:: films::changes films::idempotency films::races films::search::a_text_finds films::shuffle films::unseen::an_unseen films::votes graphql::oracle limits::redis limits::restart::a_restart \
	limits::stores live:: logs::canary logs::fields logs::traces \
	pages:: project::tours rest::random server:: sign_in_abuse storage:: transfer::
.PHONY: quick
quick: check ## Check format and lints, and run the tests that do not wait
	cargo test --workspace --lib
	cargo test --workspace --test it -- $(waiting:%=--skip %)

# `make bench before=BINARY` lets another filmgate take part, as one of before a change.
bench: bench-instructions bench-accept bench-cycles bench-files bench-million ## Measure how fast it is, on a quiet machine (minutes)
	cargo bench --profile measured --package benches
	$(measured) load $(before)

measured = cargo build --profile measured --bins --package filmgate --package benches && \
	$${CARGO_TARGET_DIR:-target}/measured/benches
.PHONY: bench-instructions bench-accept bench-cycles bench-files bench-million

bench-instructions: # Hold the instructions of a request against benches/instructions.json.
	$(measured) instructions

bench-accept: # Put today's instructions into benches/instructions.json and docs/performance.md.
	$(measured) instructions accept

bench-cycles: # Put where the instructions are spent into docs/performance.md.
	$(measured) cycles

bench-files: # Count the files that a like passes.
	$(measured) files

bench-million: # Measure a catalogue of a million films.
	$(measured) million

# `make cluster binary=PATH` takes a filmgate that is there already.
.PHONY: cluster
cluster: $(if $(binary),,pages) ## Run three of it over PostgreSQL, Redis and HAProxy on this machine
	$(if $(binary),,cargo build --profile dist --locked --bin filmgate)
	@tests/cluster/run.sh $(or $(binary),$(CARGO_TARGET_DIR)/dist/filmgate)

# Thousands of connections need as many file descriptors.
reliability: ## Measure what it withstands (minutes)
	ulimit -n 16384 && cargo test --profile dist --test reliability

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
	echo 'The same promises are held over generated cases by: cargo test --test it promises'; exit 1; fi

# Documents that nobody has thought of, judged and answered by the server and by graphql-js; `make fuzz-graphql SEED=7 N=100000`.
SEED = $(shell date +%s)
N = 50000
.PHONY: fuzz-graphql
fuzz-graphql: npm ## Compare so many documents with graphql-js
	GRAPHQL_FUZZ_SEED=$(SEED) GRAPHQL_FUZZ_DOCUMENTS=$(N) cargo test --test it -- --nocapture \
	graphql::oracle::documents_that_nobody_thought_of

screenshots: pages npm ## Take the pictures in docs/screenshots anew
	cargo test --test it -- --ignored --exact pages::browser::the_screenshots_are_taken

# Drawn by Mermaid in the machine's own Chromium, so that it shows where Mermaid is not understood.
mermaid = @mermaid-js/mermaid-cli@11.17.0
.PHONY: picture
picture: ## Draw docs/architecture.svg anew from docs/architecture.md
	PUPPETEER_SKIP_DOWNLOAD=1 PUPPETEER_EXECUTABLE_PATH=$$(command -v chromium) npx --yes $(mermaid) --quiet \
	--puppeteerConfigFile docs/mermaid.json --configFile docs/mermaid.json --backgroundColor white \
	--input docs/architecture.md --output docs/architecture.svg
	mv docs/architecture-1.svg docs/architecture.svg

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

%/.venv/installed: %/requirements.txt
	@echo 'Installing what $< names'
	rm -rf $*/.venv && python3 -m venv $*/.venv
	$*/.venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# Clients in Python and the collector of traces, each in an environment of its own.
python_folders := $(patsubst %/requirements.txt,%,tests/collector/requirements.txt $(wildcard tests/clients/*/requirements.txt))
.PHONY: python
python:
	@if python3 -c 'import ensurepip' 2>/dev/null; then $(MAKE) -s $(python_folders:%=%/.venv/installed); \
	else echo 'python3 or its venv is missing: the tests that need it will be skipped'; fi
