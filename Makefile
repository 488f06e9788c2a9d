# The one door to Holdfast. Every verb first installs what it lacks (Debian, Ubuntu) or names it (elsewhere).

DESTDIR ?=
# The parts of `make torture`; all of them when empty.
PART ?=
# How often `make compare` plays its scenario with each kind of session.
ROUNDS ?= 10

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

TARGET    := $(or $(CARGO_TARGET_DIR),target)
EXTENSION := $(TARGET)/release/libholdfast.so

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build demo test check compare valgrind torture install clean \
        rust-format rust-lint php-lint licences rust-test php-test

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the extension: target/release/libholdfast.so, for the PHP that php-config names
	@scripts/install-dependencies build
	cargo build --release

demo: ## Build, and serve the demo shop with 8 PHP workers; prints its address
	@scripts/install-dependencies demo
	@$(MAKE) --no-print-directory build
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) php/demo/serve

test: ## Run every check and every test, Rust and PHP
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory check build rust-test php-test

check: ## Formatting, lints, PHP syntax, licences: all that needs no running
	@scripts/install-dependencies check
	@$(MAKE) --no-print-directory rust-format rust-lint php-lint licences

compare: ## Compare what parallel requests keep with PHP files, phpredis and Holdfast; writes README.md's table (ROUNDS=10)
	@scripts/install-dependencies compare
	@$(MAKE) --no-print-directory build
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) $(or $(PHP),php) bench/parallel/compare.php $(ROUNDS)

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

install: ## Install into the PHP that php-config names (honours DESTDIR and PHP_CONFIG)
# An existing build is taken as it is: `sudo make install` need not have root's own cargo.
	@test -f $(EXTENSION) || $(MAKE) --no-print-directory build
	@scripts/install-extension $(EXTENSION)

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

php-test:
	@HOLDFAST_EXTENSION=$(abspath $(EXTENSION)) scripts/step 'PHP tests' phpunit --configuration tests/php/phpunit.xml
