# Where to begin: `make run` shows the program, `make test` proves it. Both install what is missing.
.DEFAULT_GOAL := help
.PHONY: help run build test bench bench-detection soak lint clean web test-clients install-build \
  install-test install-lint FORCE

PORT ?= 8000
SANDBOX_PORT ?= 8001
DATA ?= data
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
SEED ?= $(shell date +%s)
PROGRAM := build/release/quittance

help:
	@echo "make run     build, then start the demo: server, bank sandbox, seeded data"
	@echo "             (PORT=$(PORT) SANDBOX_PORT=$(SANDBOX_PORT) DATA=$(DATA))"
	@echo "make build   build the program: $(PROGRAM)"
	@echo "make test    everything that proves that it works"
	@echo "make bench   measure, beside the machine's own ceilings"
	@echo "make bench-detection   compare ways to ask, in virtual time"
	@echo "make soak    an hour of simulated troubles, seeds that nobody ran before (SEED=$(SEED))"
	@echo "make lint    layout, names and the house rules"
	@echo "make clean   remove what was built, not what was downloaded nor $(DATA)/"

run: build
	exec $(PROGRAM) demo --port $(PORT) --sandbox-port $(SANDBOX_PORT) --data $(DATA)

build: install-build
	@$(MAKE) --no-print-directory web
	cmake --preset release
	cmake --build build/release --target quittance --parallel $(JOBS)

test: install-test
	python3 tools/run_tests.py

bench: install-test
	@$(MAKE) --no-print-directory web
	cmake --preset release
	cmake --build build/release --target quittance_bench --parallel $(JOBS)
	python3 tools/private_postgres.py run fsync=on full_page_writes=on \
		build/release/quittance_bench $(PARTS)

bench-detection: install-build
	@$(MAKE) --no-print-directory web
	cmake --preset release
	cmake --build build/release --target quittance_detection_bench --parallel $(JOBS)
	build/release/quittance_detection_bench

soak: install-build
	@$(MAKE) --no-print-directory web
	cmake --preset release
	cmake --build build/release --target quittance_simulate --parallel $(JOBS)
	build/release/tests/simulation/quittance_simulate --seed $(SEED) --events 20000 --for 3600

# clang-tidy reads the sources as CMake compiles them, with the headers that CMake makes.
lint: install-build install-lint
	@$(MAKE) --no-print-directory web
	cmake --preset release
	python3 tools/check.py
	find src tests -name '*.hpp' -o -name '*.cpp' | sort | \
	  xargs clang-format-19 --dry-run -Werror
	run-clang-tidy-19 -quiet -p build/release -j $(JOBS) '^$(CURDIR)/(src|tests)/.*\.cpp$$'

clean:
	rm -rf build web/dist tests/output

install-build:
	@tools/install.sh build

install-test:
	@tools/install.sh build test

install-lint:
	@tools/install.sh build lint

# The pages: built again only when something in web/ has changed. Folders are among the
# prerequisites so that a removed file counts as a change.
WEB_SOURCES := $(shell find web -mindepth 1 \( -name node_modules -o -name dist \) -prune \
  -o -print 2>/dev/null)

ifneq ($(wildcard web/package.json),)
web: build/web.stamp
else
web:
	@echo "web: there is no web/package.json, so there are no pages to build"
endif

build/web.stamp: $(WEB_SOURCES) web/node_modules/.installed $(if $(wildcard web/dist/*),,FORCE)
	cd web && npm run build
	@mkdir -p build && touch $@

# What the API and end-to-end tests need from npm.
test-clients: tests/node_modules/.installed

%/node_modules/.installed: %/package.json %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@mkdir -p $(@D) && touch $@

FORCE:
