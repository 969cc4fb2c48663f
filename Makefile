# Vitrine. Targets with a `##` text are for people and listed by `make help`; the others are their steps.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

LISTEN  ?= $(or $(VITRINE_LISTEN),127.0.0.1:8080)
DATA    ?= ./data
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

LINT_VERSION := v2.15.0
LINT         := .cache/bin/golangci-lint-$(LINT_VERSION)

WEB_BUILT   := web/dist/.vite/manifest.json
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -name '*.go' -not -name '*.test.ts')
GO_SOURCES  := $(shell find cmd internal web -path web/node_modules -prune -o -type f \
                 \( -name '*.go' -o -name '*.sql' -o -name '*.c' -o -name '*.h' \) -not -name '*_test.go' -print) go.mod go.sum

.PHONY: help run test dev lint gen check bench build web deps deps-test deps-bench demo-media clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: deps build demo-media ## install what is missing, build, start with demo data on 127.0.0.1:8080
	@exec ./bin/vitrine serve --data $(DATA) --listen $(LISTEN) --demo

test: deps-test build e2e/node_modules/.stamp ## run every suite: Go, PostgreSQL, S3, web, browser
	@exec node scripts/test.mjs

dev: deps build demo-media ## server on :8080 and the web UI with hot reload beside it
	@exec scripts/dev.sh $(DATA) $(LISTEN)

lint: web $(LINT) ## golangci-lint with the short list of .golangci.yml
	$(LINT) run ./...

gen: build web/node_modules/.stamp ## rewrite the files that are made from the code
	@exec scripts/gen.sh

check: lint test ## what must be green before a commit is shown to others

bench: deps-bench build ## measure against nginx, vipsthumbnail and ffmpeg, in turn, and print ratios
	@exec scripts/bench.sh

build: bin/vitrine

bin/vitrine: $(WEB_BUILT) $(GO_SOURCES)
	CGO_ENABLED=1 go build -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/vitrine

web: $(WEB_BUILT)

$(WEB_BUILT): web/node_modules/.stamp $(WEB_SOURCES)
	@find web/dist -mindepth 1 -not -name .gitkeep -delete
	npm --prefix web run --silent build -- --logLevel error
	@touch $@

# npm ci only when the lock changed: the stamp is as old as the last install.
%/node_modules/.stamp: %/package-lock.json
	npm ci --prefix $* --no-fund --no-audit --loglevel=error
	@touch $@

$(LINT):
	@mkdir -p .cache/bin
	GOBIN=$(CURDIR)/.cache/bin nice go install -p 2 github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv .cache/bin/golangci-lint $@

deps:
	@scripts/deps.sh run

deps-test:
	@scripts/deps.sh run office test

deps-bench:
	@scripts/deps.sh run bench

demo-media:
	@scripts/demo-media.sh

clean: # what was built; data and demo media stay
	rm -rf bin .cache web/node_modules e2e/node_modules e2e/screenshots
	find web/dist -mindepth 1 -not -name .gitkeep -delete
