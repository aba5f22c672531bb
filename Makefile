# make run                 import samples/sample.csv on the embedded default (AWS emulated on this machine)
# make run FILE=my.csv     import any file; KEY=Name[:S|N|B] names its key column (default: ProductId), SORT=Name its
#                          sort key, SPEC=_import.yaml says how rows become items
# make preview             show how a file is read, and its first items; FILE, KEY, SORT and SPEC as above
# make check-file          read a file to its end, and say what its import would come to
# make test                every check and test, under ten minutes
# make test-all            and those that take longer
# make test-containers     those that need a Docker engine: image, functions in Lambda's container, the whole in containers
# make check               linters, types, templates; make format  mends layout
# make invoke              build the functions with SAM and invoke one in its container, on AWS emulated on this machine;
#                          EVENT=events/put-one.json
# make start-lambda        the same, served on a port until Ctrl-C (sam local start-lambda): PORT=3001
# make image               build the job's image (Docker); REPOSITORY_URI=... pushes it, tagged by commit
# make deploy              deploy functions and image to your AWS account; PARAMETERS="Name=value ..."; CONFIG_ENV=prod
#                          takes that section of samconfig.toml, its stack and its parameters
# make destroy             remove a deployment (CONFIG_ENV as above, or STACK=...) from your AWS account; asks first
# make destroy ROWS=delete and its table of rows; YES=1 does not ask
# make bench               CPU per row beside what people use today, into benchmarks/results.json (a quarter of an hour)
# make bench-memory        peak memory of loads of 1 and of 10 million rows; make bench-http  compares HTTP engines
# make bench-large         a file of 2 GB through plan and array, as many children at once as there are cores
# make bench-model         how long imports take and what they cost on AWS, by a model
# make bench-steps         where the CPU of a row goes between CSV and a signed request
# make bench-image         what the image's dependencies and its package take, uncompressed
# make bench-plan          what it takes to cut a large file and to find keys that parts share: MB/s, CPU, memory
# make bench-pacing        how the job keeps to a table's capacity, and to a write budget
# make lock                resolve the locked dependencies anew
# make clean               remove environments, caches and out/
#
# Each target sets up what it needs in the project's own folder: .venv, .venv-emulator, .venv-sam, .venv-checkov, .cache.

PYTHON ?= python3
FILE ?= samples/sample.csv
KEY ?=
SORT ?=
SPEC ?=
YES ?=
ROWS ?=
EVENT ?= events/put-one.json
PORT ?= 3001
# By way of the environment, so that no quote or blank in a name meets the shell.
override FILE := $(value FILE)
override KEY := $(value KEY)
override SORT := $(value SORT)
override SPEC := $(value SPEC)
override EVENT := $(value EVENT)
export FILE KEY SORT SPEC EVENT
# Only where it is given: else the section of samconfig.toml names the stack.
ifdef STACK
override STACK := $(value STACK)
export STACK
endif

.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help run preview check-file test test-all test-containers check format invoke start-lambda image deploy destroy lock bench \
  bench-dialects bench-http bench-image bench-large bench-memory bench-model bench-pacing bench-plan bench-reading bench-steps \
  clean python

TEMPLATES := template.yaml batch-template.yaml pipeline-template.yaml
SOURCES := batch_job functions local_aws cli teardown pipeline samples benchmarks tests

help:
	@sed -n '/^# make/s/^# //p' Makefile

run: .venv/installed-run .venv-emulator/installed
	@.venv/bin/python -m cli run $${KEY:+--partition-key "$$KEY"} $${SORT:+--sort-key "$$SORT"} \
	  $${SPEC:+--spec "$$SPEC"} -- "$$FILE"

preview: .venv/installed-run
	@.venv/bin/python -m cli preview $${KEY:+--partition-key "$$KEY"} $${SORT:+--sort-key "$$SORT"} \
	  $${SPEC:+--spec "$$SPEC"} -- "$$FILE"

check-file: .venv/installed-run
	@.venv/bin/python -m cli check $${KEY:+--partition-key "$$KEY"} $${SORT:+--sort-key "$$SORT"} \
	  $${SPEC:+--spec "$$SPEC"} -- "$$FILE"

test: .venv/installed-dev .venv-emulator/installed .venv-sam/installed check
	.venv/bin/python -m pytest -n 2 --dist loadfile -m "not slow and not docker"

test-all: .venv/installed-dev .venv-emulator/installed .venv-sam/installed check
	.venv/bin/python -m pytest -n 2 --dist loadfile -m "not docker"

test-containers: .venv/installed-dev .venv-emulator/installed .venv-sam/installed .venv-checkov/installed
	.venv/bin/python -m pytest -m docker

check: .venv/installed-dev .venv-sam/installed .venv-checkov/installed
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check $(SOURCES)
	.venv/bin/mypy $(SOURCES)
	.venv/bin/cfn-lint $(TEMPLATES)
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-central-1} .venv-sam/bin/sam validate --lint
	.venv-checkov/bin/checkov --quiet --compact --skip-download --framework cloudformation -f $(TEMPLATES)
	.venv/bin/python -m pytest -q tests/unit/test_docs.py

format: .venv/installed-dev
	.venv/bin/ruff check --fix $(SOURCES)
	.venv/bin/ruff format $(SOURCES)

invoke: .venv/installed-run .venv-emulator/installed .venv-sam/installed
	@.venv/bin/python -m local_aws.invoke "$$EVENT"

start-lambda: .venv/installed-run .venv-emulator/installed .venv-sam/installed
	@.venv/bin/python -m local_aws.invoke --serve $(PORT)

image: | python
	@PYTHON="$(PYTHON)" bash pipeline/image.sh

deploy: .venv-sam/installed
	@SAM=.venv-sam/bin/sam PYTHON=.venv-sam/bin/python bash pipeline/deploy.sh

destroy: .venv/installed-run
	@stack=$$(.venv/bin/python pipeline/settings.py stack) && \
	  .venv/bin/python -m teardown $(if $(filter 1,$(YES)),--yes) $(if $(filter delete,$(ROWS)),--rows) -- "$$stack"

bench-dialects: .venv/installed-dev
	.venv/bin/python -m benchmarks.dialects

bench: .venv/installed-bench
	PYTHONPATH=batch_job .venv/bin/python -m benchmarks.compare
	PYTHONPATH=batch_job .venv/bin/python -m benchmarks.chart
	PYTHONPATH=batch_job .venv/bin/python -m benchmarks.plan_speed

bench-http: .venv/installed-bench
	PYTHONPATH=batch_job .venv/bin/python -m benchmarks.http_engines

bench-pacing: .venv/installed-dev
	.venv/bin/python -m benchmarks.pacing

bench-image: .venv/installed-dev
	.venv/bin/python -m benchmarks.image_size

bench-steps: .venv/installed-dev
	PYTHONPATH=batch_job .venv/bin/python -m benchmarks.steps

bench-memory: .venv/installed-dev
	.venv/bin/python -m benchmarks.load_memory

bench-large: .venv/installed-dev
	.venv/bin/python -m benchmarks.large_file

bench-model: .venv/installed-dev
	.venv/bin/python -m benchmarks.import_model

bench-plan: .venv/installed-dev
	PYTHONPATH=batch_job .venv/bin/python -m benchmarks.plan_speed

bench-reading: .venv/installed-dev
	PYTHONPATH=batch_job .venv/bin/python -m benchmarks.reading_speed

# One environment each: aws-sam-cli, the emulator, checkov and the project pin different versions of botocore.
.venv/installed-run: requirements/pip.txt requirements/run.txt | python
	@$(call install,.venv,requirements/run.txt)
.venv/installed-dev: requirements/pip.txt requirements/dev.txt | python
	@$(call install,.venv,requirements/dev.txt)
	@touch .venv/installed-run
.venv/installed-bench: requirements/bench.txt .venv/installed-dev
	@$(call install,.venv,requirements/bench.txt)
.venv-emulator/installed: requirements/pip.txt requirements/emulator.txt | python
	@$(call install,.venv-emulator,requirements/emulator.txt)
.venv-sam/installed: requirements/pip.txt requirements/sam.txt | python
	@$(call install,.venv-sam,requirements/sam.txt)
.venv-checkov/installed: requirements/pip.txt requirements/checkov.txt | python
	@$(call install,.venv-checkov,requirements/checkov.txt)

define install
echo "Setting up $(1) (once) ..." >&2 && \
{ test -x $(1)/bin/python || $(PYTHON) -m venv $(1); } && \
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/pip.txt && \
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(2) && \
touch $@
endef

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is not. Name another: make PYTHON=python3.13 ..." >&2; exit 1; }

lock: .venv/installed-dev
	.venv/bin/python -m pip install --quiet uv
	.venv/bin/uv pip compile $(LOCK) --python-version 3.13 batch_job/requirements.in -o batch_job/requirements.txt
	.venv/bin/uv pip compile $(LOCK) --python-version 3.13 functions/requirements.in -o functions/requirements.txt
	for name in pip run emulator sam checkov dev bench rivals; do \
	  .venv/bin/uv pip compile $(LOCK) --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

LOCK := --quiet --upgrade --universal --generate-hashes --no-strip-extras --no-header --no-annotate --no-emit-index-url

clean:
	rm -rf .venv .venv-emulator .venv-sam .venv-checkov .cache out .mypy_cache .ruff_cache .pytest_cache .hypothesis .aws-sam
