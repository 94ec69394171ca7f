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
demo: export HF_HUB_OFFLINE := 0
demo: export NO_PROXY := 127.0.0.1,localhost
demo: $(STAMP) ## build the dataset from sample corpora, look at it, publish it to a Hub on this machine, load it back
	@if test -d build/demo/hub; then caslie hub stop build/demo/hub; fi
	rm -rf build/demo
	mmecinstruct sample build/demo/sources
	mmecinstruct build sample --sources build/demo/sources --out build/demo/mmecinstruct
	mmecinstruct validate build/demo/mmecinstruct
	mmecinstruct show build/demo/mmecinstruct psi_ind -n 1
	mmecinstruct show build/demo/mmecinstruct sr_ood -n 3 --png build/demo/contact_sheet.png >build/demo/sr_ood.txt
	mmecinstruct stats build/demo/mmecinstruct --png build/demo/lengths.png >build/demo/stats.txt
	umask 077 && caslie hub start build/demo/hub --port 0 >build/demo/hub.env
	. build/demo/hub.env && \
	caslie-push dataset build/demo/mmecinstruct me/mmecinstruct --license apache-2.0 --public --yes && \
	python -c "from datasets import get_dataset_config_names, load_dataset; repo = 'me/mmecinstruct'; \
	[print(name, {split: len(rows) for split, rows in load_dataset(repo, name).items()}) for name in get_dataset_config_names(repo)]" && \
	echo "look at $$HF_ENDPOINT/datasets/me/mmecinstruct (to load from there: . build/demo/hub.env; to end it: $(BIN)/caslie hub stop build/demo/hub)"
	@echo "and at build/demo/contact_sheet.png, build/demo/lengths.png, build/demo/stats.txt and build/demo/sr_ood.txt"

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
