# Every word here works on a machine with python3 (3.11 or newer) and make; `make help` lists them.

PYTHON := $(shell command -v python3 2>/dev/null)
BIN := .venv/bin
STAMP := .venv/.installed
MODELS := .venv/.installed-models
PACKAGES := $(sort $(dir $(wildcard mmecinstruct/*.py caslie/*.py)))
TEST_ENV := OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 MPLBACKEND=Agg
PYTEST = home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && $(TEST_ENV) HF_HOME="$$home"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-models demo pocket check test prove golden bench fix

help: ## list these words
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(STAMP) ## make .venv with the pinned versions

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

setup-models: $(MODELS) ## add torch, transformers, trl and the metrics to .venv

$(MODELS): $(STAMP)
	# torch first and alone, so that no other build of it is drawn in
	$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt -e ".[dev,models,eval,harness]"
	@touch $@

demo: export PATH := $(CURDIR)/$(BIN):$(PATH)
demo: export HF_HOME := $(CURDIR)/build/demo/huggingface
demo: export HF_DATASETS_DISABLE_PROGRESS_BARS := 1
demo: export HF_HUB_DISABLE_PROGRESS_BARS := 1
demo: export HF_HUB_OFFLINE := 0
demo: export NO_PROXY := 127.0.0.1,localhost
demo: IN = cd build/demo && . ./hub.env &&
demo: $(MODELS) ## the whole story on the sample: build, publish, caption, judge, tune, evaluate from the Hub, report
	@if test -d build/demo/hub; then caslie hub stop build/demo/hub; fi
	rm -rf build/demo && mkdir -p build/demo
	umask 077 && caslie hub start build/demo/hub --port 0 >build/demo/hub.env
	# The dataset, onto the Hub
	$(IN) mmecinstruct sample sources
	$(IN) mmecinstruct build sample --sources sources --out mmecinstruct
	$(IN) mmecinstruct validate mmecinstruct
	$(IN) caslie-push dataset mmecinstruct me/mmecinstruct --license apache-2.0 --public --yes
	# Captions, votes and a model that reads them; and, to compare, one without captions and one with all of them
	$(IN) caslie run pocket-s --dataset mmecinstruct
	$(IN) caslie run pocket-s --dataset mmecinstruct --variant text --run runs/pocket-s-text
	$(IN) caslie run pocket-s --dataset mmecinstruct --variant uia --run runs/pocket-s-uia
	# The captions as columns of the dataset, the base and both models, onto the Hub
	$(IN) caslie-push dataset runs/pocket-s/dataset me/mmecinstruct --license apache-2.0 --public --yes
	$(IN) hf upload me/caslie-pocket-base-s $(CURDIR)/caslie/pocket/models/bases/tied_llama --quiet
	$(IN) caslie-push model runs/pocket-s me/caslie-pocket-s --dataset me/mmecinstruct --public --yes
	$(IN) caslie-push model runs/pocket-s-text me/caslie-pocket-s-text --dataset me/mmecinstruct --public --yes
	# What anybody can do who knows their names
	$(IN) caslie evaluate me/caslie-pocket-s --data me/mmecinstruct --config sr_ood --against me/caslie-pocket-s-text
	$(IN) caslie failures runs/pocket-s
	$(IN) caslie report runs/pocket-s-text runs/pocket-s-uia runs/pocket-s
	@$(IN) printf '\n%s\n%s\n%s\n' "look at build/demo/report/report.html" \
	"look at $$HF_ENDPOINT/me (to end it: $(BIN)/caslie hub stop build/demo/hub)" \
	"try     . build/demo/hub.env; $(BIN)/python -c 'from datasets import load_dataset; print(load_dataset(\"me/mmecinstruct\", \"sr_ood\"))'"

pocket: export PATH := $(CURDIR)/$(BIN):$(PATH)
pocket: export HF_HUB_OFFLINE := 1
pocket: $(MODELS) ## caption and judge the sample with the models that come with the package, and show what they say
	test -d build/demo/mmecinstruct || { mmecinstruct sample build/demo/sources && \
	mmecinstruct build sample --sources build/demo/sources --out build/demo/mmecinstruct; }
	caslie estimate pocket --trial 64
	caslie caption pocket
	caslie judge pocket
	caslie judge pocket --every-vote --out runs/pocket/every
	caslie captions runs/pocket/every --truth build/demo/sources

check: $(STAMP) ## lint, format, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(PACKAGES)
	$(BIN)/lint-imports --no-logo

test: $(MODELS) check ## all that continuous integration runs: check, then the tests
	$(PYTEST) $(BIN)/pytest -n 2 --dist loadfile

prove: $(MODELS) ## the long harnesses: promises that take minutes to prove
	$(PYTEST) MMEC_PROVE=1 $(BIN)/pytest -m prove --timeout 3600

golden: $(STAMP) ## rewrite the golden files; read the diff before you commit it
	$(PYTEST) UPDATE_GOLDEN=1 $(BIN)/pytest -k golden

bench: $(STAMP) ## run every benchmark
	@set -e; for file in $(sort $(wildcard benchmarks/*.py)); do echo "$$file"; $(BIN)/python "$$file"; done

fix: $(STAMP) ## sort, format and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
