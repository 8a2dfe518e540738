.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Every tool is run by a Node that is new enough, whichever Node npm itself runs on.
NODE := cmd/idgen/node.sh
BIOME := $(NODE) node_modules/@biomejs/biome/bin/biome
BUF := $(NODE) node_modules/@bufbuild/buf/bin/buf
JEST := $(NODE) --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js
TSC := $(NODE) node_modules/typescript/bin/tsc

INSTALLED := node_modules/.package-lock.json
BUILT := dist/.built
PACKED := dist/.packed
CLIENT := dist/client
SOURCES := $(shell find cmd internal pkg -name '*.ts' ! -name '*.test.ts')

# For `make test`: more arguments for jest, such as a path.
JEST_FLAGS :=

# Of Go, Java and Python, those that the machine has the tools for.
LANGUAGES = $(shell \
	command -v go >/dev/null && echo go; \
	command -v javac >/dev/null && command -v mvn >/dev/null && echo java; \
	python3 -c 'import ensurepip' 2>/dev/null && echo python; \
	true)
LEFT_OUT = Left out for want of tools: $(or $(filter-out $(LANGUAGES),go java python),none).

.PHONY: help run demo build client test test-engines test-polyglot simulate faults soak bench check docs stubs format clean

help: ## Tell what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Install, build and serve, on the embedded store unless GOLOVES_STORE_URL says otherwise
	@bin/idgen

demo: build ## Time 10 callers who take 500 ids each of order-service, which is created if it is missing
	@bin/idgen demo

build: $(BUILT) ## Build bin/idgen

client: $(PACKED) ## Pack the TypeScript client, for other projects to install
	@ls dist/goloves-client-*.tgz

test: build $(PACKED) ## Run every test, against a real MariaDB too
	@$(NODE) test/support/with-mariadb.ts -- $(JEST) $(JEST_FLAGS)

test-engines: build ## Break Galera, Group Replication and others under load: all, or ONLY=galera
	@$(NODE) test/engines/test-engines.ts $(ONLY)

test-polyglot: stubs ## Test with clients in Go, Java and Python, as far as the machine has them
	@GOLOVES_TEST_LANGUAGES='$(strip $(LANGUAGES))' $(NODE) test/support/with-mariadb.ts -- \
		$(JEST) test/polyglot --verbose --testPathIgnorePatterns=/node_modules/
	@echo 'Tested: $(LANGUAGES). $(LEFT_OUT)'

simulate: $(INSTALLED) ## Look for ids that leave twice: in SEEDS=500 worlds, or again in the one of SEED=123
	@$(NODE) test/simulation/simulate.ts $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),100))

faults: build ## Break real services at random: for SECONDS=300, again as under SEED=123
	@GOLOVES_TEST_FAULTS_SECONDS=$(or $(SECONDS),300) GOLOVES_TEST_FAULTS_SEED=$(SEED) \
		$(NODE) test/support/with-mariadb.ts -- $(JEST) test/integration/faults.test.ts

soak: $(INSTALLED) ## Watch memory and event loop under load and faults: for MINUTES=10, as under SEED=123
	@$(NODE) test/support/with-mariadb.ts -- $(NODE) test/soak/soak.ts \
		--minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

bench: build ## Measure what ids cost, beside other ways to get them; ONLY=unary-grpc for one
	@$(NODE) test/benchmark/bench.ts $(ONLY)

check: $(INSTALLED) ## Check format, lint, types, layers, the contract and what is generated
	@$(BIOME) check
	@$(TSC) -p tsconfig.json
	@$(JEST) test/architecture test/documents
	@$(BUF) lint
	@$(BUF) format --diff --exit-code
	@test/architecture/proto-breaking.sh

docs: $(INSTALLED) ## Generate configs/default.yaml, docs/settings.md and docs/api.md
	@$(NODE) test/documents/write-documents.ts

stubs: $(INSTALLED) ## Generate stubs in Go, Java and Python, as far as the machine has them
	@test -n '$(LANGUAGES)' || { echo 'This machine has the tools of none of them.' >&2; exit 1; }
	@for language in $(LANGUAGES); do \
		echo "Generating the stubs of examples/$$language..." && examples/$$language/stubs.sh || exit; \
	done
	@echo 'Generated: $(LANGUAGES). $(LEFT_OUT)'

format: $(INSTALLED) ## Format what can be formatted
	@$(BIOME) check --write
	@$(BUF) format --write

clean: ## Remove what was built and installed; data/ stays
	@rm -rf bin dist coverage node_modules
	@rm -rf examples/*/goloves examples/java/target examples/python/.venv test/polyglot/go/bin

$(INSTALLED): package.json package-lock.json
	@echo 'Installing what package-lock.json lists...'
	@npm ci --loglevel=error
	@touch $@

$(BUILT): $(INSTALLED) tsconfig.json tsconfig.build.json $(SOURCES)
	@echo 'Building bin/idgen...'
	@rm -rf dist
	@$(TSC) -p tsconfig.build.json
	@mkdir -p bin
	@ln -sf ../cmd/idgen/idgen.sh bin/idgen
	@touch $@

# What the client needs of the sources, and nothing of the server, is what the compiler finds to follow.
$(PACKED): $(BUILT) tsconfig.client.json pkg/client/package.json api/proto/goloves/v1/id_service.proto
	@rm -rf $(CLIENT) dist/goloves-client-*.tgz
	@$(TSC) -p tsconfig.client.json
	@mkdir -p $(CLIENT)/api/proto/goloves/v1
	@cp api/proto/goloves/v1/id_service.proto $(CLIENT)/api/proto/goloves/v1
	@cp pkg/client/package.json LICENSE $(CLIENT)
	@npm pack ./$(CLIENT) --pack-destination dist --silent >/dev/null
	@touch $@
