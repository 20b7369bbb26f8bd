# Every command that a person or CI runs. Needs Rust (rustup) and Node; what else is missing is installed by `make tools`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CACHE ?= $(HOME)/.cache/signet
TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
DATA_DIR ?= $(CURDIR)/signet-data
export PATH := $(CACHE)/tools/bin:$(PATH)
NEXTEST_VERSION := 0.9
DENY_VERSION := 0.20

.PHONY: help run test lint fmt deny unit acceptance prove faults fuzz bench bench-record bench-directory faults-free tools clean-data

help: ## lists the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: tools ## builds Signet, starts it on embedded storage and walks the main job; again: starts from the same data
	cargo build --locked --release --bin signet
	$(TARGET)/release/signet quickstart --data-dir $(DATA_DIR)

test: lint unit faults-free acceptance ## installs what it needs, then lint, unit, integration and acceptance tests

lint: tools deny ## format, clippy with warnings denied on every target, dependencies
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings

fmt: ## formats the sources
	cargo fmt --all

# Advisories are looked up in a git repository that not every machine reaches: `cargo deny check advisories`, by hand.
deny: tools ## bans, licences and sources of the dependencies (deny.toml)
	cargo fetch --locked --quiet
	cargo deny --log-level error --offline --locked check --hide-inclusion-graph bans licenses sources

unit: tools ## unit, operation, property and layering tests
	cargo nextest run --locked --workspace

acceptance: tools ## unmodified outside clients, kills and system-call traces against the built binary
	# With a test beside it, so that the dependencies are those that `unit` built and none is built twice.
	cargo build --locked --workspace --bin signet --test layering
	SIGNET_BIN=$(TARGET)/debug/signet acceptance/run.sh

# These open a database for each case, which costs a thousand times what a case in memory does.
DATABASE_PER_CASE := test(every_living_token_verifies_whatever) + test(both_backends_answer_and_end_alike) \
	+ test(the_feed_reaches_every_node_whole)

prove: tools ## the long sizes: 50 kills, 1,000 disables, many cases per property, every public query by columns, an upgrade from the schema before
	SIGNET_EVERY_QUERY=1 PROPTEST_CASES=20000 cargo nextest run --locked --workspace --profile prove -E 'not ($(DATABASE_PER_CASE))'
	PROPTEST_CASES=500 cargo nextest run --locked --workspace --profile prove -E '$(DATABASE_PER_CASE)'
	cargo build --locked --release --bin signet
	SIGNET_PREVIOUS_BIN=$$(acceptance/previous.sh $(CACHE)/previous) LONG=1 \
		SIGNET_BIN=$(TARGET)/release/signet acceptance/run.sh

faults: tools ## as root: two hundred faults over three nodes under Patroni and etcd (FAULTS, SEED)
	cargo build --locked --release --bin signet
	SIGNET_BIN=$(TARGET)/release/signet PYTHONDONTWRITEBYTECODE=1 \
		python3 acceptance/many_nodes_faults.py --faults $${FAULTS:-200} $${SEED:+--seed $$SEED}

# The one toolchain is a stable one; libFuzzer's instrumentation asks for RUSTC_BOOTSTRAP.
fuzz: ## ten minutes of fuzzing for each parser that reads bytes from strangers (SECONDS_EACH)
	command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked --root $(CACHE)/tools
	cd fuzz && for target in jwt form odata kql tlog; do \
		mkdir -p corpus/$$target && RUSTC_BOOTSTRAP=1 cargo fuzz run $$target corpus/$$target seeds/$$target -- \
			-max_total_time=$${SECONDS_EACH:-600} -max_len=8192 -timeout=5; \
	done

# One selection for all of it, so that no dependency is built twice.
BUILD_BENCH = cargo build --locked --release --bin signet --bin yardstick --bin sign-ins

bench: tools ## CPU per token beside the yardstick's and over PostgreSQL, latency, memory and cold start with 100,000 agents; the record
	$(BUILD_BENCH)
	SIGNET_BIN=$(TARGET)/release/signet YARDSTICK_BIN=$(TARGET)/release/yardstick \
		PYTHONDONTWRITEBYTECODE=1 python3 bench/run.py --agents 100000
	SIGNET_BIN=$(TARGET)/release/signet PYTHONDONTWRITEBYTECODE=1 python3 bench/nodes.py
	$(MAKE) bench-record

bench-record: tools ## ingest, bytes on disk, time to KQL and to alerts, tokens beside queries, ten million sign-ins beside DuckDB
	$(BUILD_BENCH)
	acceptance/install.sh
	SIGNET_BIN=$(TARGET)/release/signet PYTHONDONTWRITEBYTECODE=1 python3 bench/record.py
	PYTHONDONTWRITEBYTECODE=1 $(CACHE)/clients/venv/bin/python bench/log_queries.py --program $(TARGET)/release/sign-ins

bench-directory: tools ## CPU, latency and memory of the directory with 1,000, 100,000 and 1,000,000 agents
	cargo build --locked --release --bin signet
	SIGNET_BIN=$(TARGET)/release/signet PYTHONDONTWRITEBYTECODE=1 python3 bench/directory.py

faults-free: ## the shipped binary holds no fault points and no test kit
	@tree=$$(cargo tree --locked --package signet --edges normal,features --prefix none) && \
	if grep -E '^signet-testkit|feature "(faults|test-kit|testing)"' <<<"$$tree"; then \
		echo 'the binary is built with the parts above, which are for tests'; exit 1; \
	fi

# Debian's packages are installed only when one of their commands is missing, as root or by sudo.
tools: ## installs what is missing: Debian packages, cargo-nextest, cargo-deny
	@.ci/install $(CACHE)/tools $(NEXTEST_VERSION) $(DENY_VERSION)

clean-data: ## removes the data that `make run` made
	rm -rf $(DATA_DIR)
