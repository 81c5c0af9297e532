# The everyday commands. `make ci` is what a change must pass.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI    = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: screenshot vendor build release test race lint lint-more bench demo ci fmt logs samples guide soak clean

build: ## the program, bin/auditlake
	CGO_ENABLED=0 go build -trimpath -o bin/auditlake ./cmd/auditlake

release: ## the archives of a release, bin/release: make release VERSION=v1.2.3
	go run ./cmd/release -version "$(VERSION)" -out bin/release

test: ## all tests
	go test ./...

race: ## the tests of storage, engine and server under the race detector
	go test -race -short ./storage/... ./engine/... ./server/...

lint: ## formatting, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

lint-more: ## the linters of .golangci.yml; the first run builds them
	go run $(GOLANGCI) run

bench: ## all Go benchmarks
	go test -run '^$$' -bench . -benchmem ./...

demo: ## the first minute
	go run ./cmd/auditlake demo

ci: ## everything a change must pass
	.ci/run

fmt:
	gofmt -w $$(git ls-files '*.go')

BROWSER ?= $(shell command -v chromium-headless-shell)
EVENTS ?= 1000000
DAYS   ?= 30
SEED   ?= 1
OUT    ?= bin/logs
logs: ## generated log files: make logs EVENTS=1000000 DAYS=30 SEED=1 OUT=DIR
	go run ./bench/gen/cmd/gen -events $(EVENTS) -days $(DAYS) -seed $(SEED) -out $(OUT)

samples: ## the log files of the demo and of the tests, made anew
	rm -rf cmd/auditlake/sample/logs testdata/logs
	go generate ./cmd/auditlake/sample
	go run ./bench/gen/cmd/gen -seed 11 -events 2000 -accounts 3 -per-file 40 -out testdata/logs

guide: ## the pages of docs/guide that the program writes, made anew
	AUDITLAKE_WRITE_GUIDE=1 go test -count=1 -run 'TestGuideIsCurrent|TestPageIsCurrent' ./cmd/auditlake ./examples

screenshot: ## docs/guide/console.png, made anew by the tests in a browser: make screenshot BROWSER=/usr/bin/chromium-headless-shell
	go build -o bin/auditlake ./cmd/auditlake && mkdir -p bin/screenshots
	AUDITLAKE_PROGRAM=$(CURDIR)/bin/auditlake AUDITLAKE_BROWSER=$(BROWSER) AUDITLAKE_SCREENSHOTS=$(CURDIR)/bin/screenshots go test -C server/console/webtest -count=1 -run TestFirstMinute .
	cp bin/screenshots/TestFirstMinute-result.png docs/guide/console.png

vendor: ## the library files of the console, made anew from what server/console/vendoring/package.json names; needs npm
	cd server/console/vendoring && npm ci --ignore-scripts --no-audit --no-fund && go run . && rm -rf node_modules

soak: ## the long tests; each part by a variable, 0: not: make soak CRASHES=10000 CRASH_SEED=1 DAMAGES=8000 KILL_ROUNDS=300 HOT_MB=1000 SLOW_OBJECTS=10000 SLOW_LONG_OBJECTS=3000 DAMAGED_FILES=2000 DIFF_SECONDS=720 FUZZTIME=10m
	.ci/soak

clean:
	rm -rf bin .ci/tools
