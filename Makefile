# The two commands of a newcomer are `make demo` and `make test`; both install what they need.
JOBS ?= 2
DEMO ?= demo
# WERROR=ON makes warnings errors (.ci/run does) in a folder that is not configured yet.
WERROR ?= OFF
CONFIGURE = -DTRIALMILL_WERROR=$(WERROR) \
  $(shell command -v ccache >/dev/null && echo -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

# A second checkout finds what the first one compiled.
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1

.PHONY: help deps build demo test asan bench lint clean

help:
	@echo "make demo   write the example study and run the whole pipeline on it"
	@echo "make test   build and run all tests"
	@echo "make build  leave the program at build/trialmill"
	@echo "make asan   unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make bench  whole-process measurements (python3)    make lint   include rule, error codes, format"

deps:
	@scripts/install-deps

build: deps
	@test -f build/build.ninja || cmake --preset release $(CONFIGURE) > /dev/null
	@cmake --build build --target trialmill -j $(JOBS)

# Exit code 1 means "done, with findings", which the example study has on purpose.
demo: build
	build/trialmill demo $(DEMO) --overwrite
	build/trialmill run $(DEMO) || test $$? -eq 1
	build/trialmill query --study $(DEMO) "SELECT ARM, SEX, count(*) AS subjects FROM DM GROUP BY ALL ORDER BY ALL"

test: build
	@cmake --build build -j $(JOBS)
	ctest --test-dir build --output-on-failure

asan: deps
	@test -f build-asan/build.ninja || cmake --preset asan $(CONFIGURE) > /dev/null
	@cmake --build build-asan -j $(JOBS)
	ctest --test-dir build-asan --output-on-failure

bench: build
	bench/whole-run

lint:
	@scripts/install-deps --lint
	@scripts/lint

clean:
	rm -rf build build-asan build-dev build-fuzz build-bench build-tsan
