# The one door to Holdfast. Every verb first installs what it lacks (Debian, Ubuntu) or names it (elsewhere).

DESTDIR ?=
# Where `make install` puts the command: into bin/ below it.
PREFIX ?= /usr/local
# The parts of `make torture`; all of them when empty.
PART ?=
# The rows of `make matrix`; all of them when empty.
ROW ?=
# What `make fuzz` fuzzes, and for how long.
TARGET ?= all
SECONDS ?= 60
# Arguments of `make bench`, each optional.
BENCH = $(if $(QUICK),--quick) $(if $(SMOKE),--smoke) $(ONLY:%=--only=%) $(PEERS:%=--peers=%) $(ROUNDS:%=--rounds=%) $(SESSIONS:%=--sessions=%) $(OUT:%=--out=%)

# ~/.cargo/bin goes first: Debian's own cargo, where it is installed, is too old for this workspace.
export PATH := $(HOME)/.cargo/bin:$(PATH):/usr/local/sbin:/usr/sbin:/sbin
export DESTDIR
# PHP and PHP_CONFIG choose another PHP. They stay unset else: ext-php-rs takes PHP for a path, never for a name in PATH.
ifdef PHP
export PHP := $(shell command -v $(PHP) || echo $(PHP))
endif
ifdef PHP_CONFIG
export PHP_CONFIG := $(shell command -v $(PHP_CONFIG) || echo $(PHP_CONFIG))
endif

EXTENSION := $(or $(CARGO_TARGET_DIR),target)/release/libholdfast.so
COMMAND := $(dir $(EXTENSION))holdfast

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build demo test test-uncached differential threads check matrix bench bench-core fuzz sanitize miri valgrind torture install package package-test dist clean \
        instructions-baseline rust-format rust-lint php-lint licences rust-test rust-fuzz php-test instructions

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the extension, target/release/libholdfast.so, for the PHP that php-config names, and the command holdfast
	@scripts/install-dependencies build
	cargo build --release

demo: ## Build, and serve the demo shop with 8 PHP workers; prints its address
	@scripts/install-dependencies demo
	@$(MAKE) --no-print-directory build
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) php/demo/serve

test: ## Run every check and every test, Rust and PHP
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory check build rust-test rust-fuzz php-test instructions

test-uncached: ## Run every PHP test once more, with the worker cache switched off
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory build
	@HOLDFAST_WORKER_CACHE=0 HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) scripts/step 'PHP tests without the worker cache' \
		phpunit --configuration tests/php/phpunit.xml

differential: ## Compare sessions with and without the worker cache, and PHP's files, over 100,000 cycles of each (minutes)
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory build
	@HOLDFAST_CYCLES=100000 HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) scripts/step 'Differential test of the worker cache' \
		phpunit --configuration tests/php/phpunit.xml --filter '\\WorkerCache\\'

threads: ## Requests in several threads of one process: PHP= and PHP_CONFIG= of a PHP with --enable-zts --enable-embed
	@scripts/install-dependencies build
	@$(MAKE) --no-print-directory build
	@scripts/step 'Threads' scripts/threads $(or $(THREADS),8) $(or $(REQUESTS),2000)

matrix: ## The PHP tests on each PHP and mode, writes docs/php-versions.md: trixie zts jit debug asan debian (ROW=trixie; hours)
	@scripts/install-dependencies matrix
	@scripts/matrix $(ROW)

check: ## Formatting, lints, PHP syntax, licences: all that needs no running
	@scripts/install-dependencies check
	@$(MAKE) --no-print-directory rust-format rust-lint php-lint licences

bench: ## Measure against everything else, write docs/benchmarks.md: 15 minutes (QUICK=1: 2; ONLY=session,calls)
# ONLY: session,class,calls,crowd,browsing,pages,million,engine,parallel,trips,profile. Also PEERS=files,apcu or none, ROUNDS=11, SESSIONS=1000000, OUT=directory.
	@scripts/install-dependencies bench
	@$(MAKE) --no-print-directory build
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) $(or $(PHP),php) bench/run.php $(BENCH)

bench-core: ## Measure the core without PHP: codec, merge, engines (FILTER=load)
	@scripts/install-dependencies build
	cargo bench --package holdfast-core $(if $(FILTER),-- $(FILTER))

fuzz: ## Fuzz what reads bytes, guided by coverage (TARGET=all SECONDS=60; docs/fuzzing.md)
	@scripts/install-dependencies fuzz
	@scripts/step 'Fuzzing' scripts/fuzz $(TARGET) $(SECONDS)

sanitize: ## Run the core's tests under AddressSanitizer and ThreadSanitizer (a nightly toolchain, many minutes)
	@scripts/install-dependencies fuzz
	@scripts/step 'AddressSanitizer' scripts/sanitize address
	@scripts/step 'ThreadSanitizer' scripts/sanitize thread

miri: ## Run the core's tests in Miri, as far as it reaches (a nightly toolchain with miri, many minutes)
	@scripts/step 'Miri' scripts/miri

valgrind: ## Run every command line script of the tests under valgrind (minutes)
# Not the group "cycles": PHP itself loses cycles that are alive at its end when its own allocator is switched off.
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory build
	@HOLDFAST_VALGRIND=1 HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) scripts/step 'PHP tests under valgrind' \
		phpunit --configuration tests/php/phpunit.xml --exclude-group cycles --filter '\\(Variables|Values|Life|Examples|Csrf|Hooks)\\'

torture: ## Kill, freeze, fill, cut off, reboot: what must not harm a store, at length (PART="kills files"; an hour)
# `make test` has the short form of every part.
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory build
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) scripts/torture $(PART)

instructions-baseline: ## Count the instructions of the main paths anew, after a change that must cost some
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory build
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) $(or $(PHP),php) bench/Instructions/check.php baseline

install: ## Install into the PHP that php-config names, and the command with man page and completions (honours DESTDIR, PREFIX and PHP_CONFIG)
# An existing build is taken as it is: `sudo make install` need not have root's own cargo.
	@test -f $(EXTENSION) -a -f $(COMMAND) || $(MAKE) --no-print-directory build
	@scripts/install-extension $(EXTENSION)
	@install -D -m 755 $(COMMAND) $(DESTDIR)$(PREFIX)/bin/holdfast && echo $(DESTDIR)$(PREFIX)/bin/holdfast
	@scripts/install-papers $(COMMAND) $(DESTDIR)$(PREFIX)/share

package: build ## Debian packages of the build, into dist/ (for the PHP that php-config names)
	@scripts/install-dependencies package
	@scripts/step 'Debian packages' scripts/package-deb dist

package-test: package ## Install the packages in a clean Debian 12, open a page, remove them (as root)
	@scripts/step 'Packages in a clean Debian' scripts/test-package dist

dist: ## A release of the last commit into dist/: sources, the extension for PIE, Debian packages, SHA256SUMS; reproducible
	@scripts/install-dependencies build
	@scripts/install-dependencies package
	@scripts/step 'Release' scripts/dist dist

clean: ## Remove everything that was built
	cargo clean
	rm -rf tests/php/.phpunit.cache

rust-format:
	@scripts/step 'Rust formatting' cargo fmt --all --check

rust-lint:
	@scripts/step 'Rust lints' cargo clippy --workspace --all-targets --quiet -- -D warnings

php-lint:
	@scripts/step 'PHP syntax' scripts/lint-php

licences:
	@scripts/step 'Licences and vulnerabilities of dependencies' scripts/check-dependencies

rust-test:
	@scripts/step 'Rust tests' cargo test --workspace

rust-fuzz:
	@scripts/step 'Fuzzing for a minute' scripts/fuzz all 60

php-test:
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) scripts/step 'PHP tests' phpunit --configuration tests/php/phpunit.xml

instructions:
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) scripts/step 'Instructions of the main paths' $(or $(PHP),php) bench/Instructions/check.php
