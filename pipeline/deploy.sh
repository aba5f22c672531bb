#!/usr/bin/env bash
# Builds the functions and deploys both templates with an image: `make deploy`.
#   IMAGE_URI   default: what `make image` left in out/image-uri
#   CONFIG_ENV  the section of samconfig.toml, default: default. STACK another stack's name than the section's
#   PARAMETERS  others of the template's, as Name=value with blanks or lines between; they go before the section's
#               parameter_overrides. What neither names keeps the value that it has
#   PACKAGES_BUCKET    where the functions' code goes; default: a bucket that SAM makes and keeps
#   DEPLOYER_ROLE_ARN  the role that CloudFormation takes, instead of the caller's own rights
#   SAM, PYTHON SAM's command line, default: sam; a Python of 3.11 or newer, default: python3
# On a terminal it asks as the section says (confirm_changeset), elsewhere never.
set -euo pipefail
cd "$(dirname "$0")/.."

image=${IMAGE_URI:-$(cat out/image-uri 2>/dev/null || true)}
if [[ -z $image ]]; then
  echo "Which image? Build and push one first: make image REPOSITORY_URI=<account>.dkr.ecr.<region>.amazonaws.com/csv-to-dynamodb" >&2
  exit 2
fi
if [[ $image != */* ]]; then
  echo "The image $image is on this machine only. Push it: make image REPOSITORY_URI=<account>.dkr.ecr.<region>.amazonaws.com/csv-to-dynamodb" >&2
  exit 2
fi

export SAM_CLI_TELEMETRY=0
sam=${SAM:-sam}
python=${PYTHON:-python3}
config=${CONFIG_ENV:-default}
stack=$("$python" pipeline/settings.py stack)
# SAM takes the last of a name: the section's, then ours.
overrides=()
lines=$("$python" pipeline/settings.py overrides && echo "ImageUri=$image" && "$python" pipeline/settings.py parameters)
while IFS= read -r word; do
  if [[ -n $word ]]; then overrides+=("$word"); fi
done <<<"$lines"

# The functions' libraries come for the Python that they run on: this machine's, or that of SAM's build container.
container=()
if ! python3.13 -c '' 2>/dev/null; then container=(--use-container); fi
unasked=()
if [[ ! -t 0 ]]; then unasked=(--no-confirm-changeset); fi
"$sam" build --config-env "$config" ${container[@]+"${container[@]}"}
"$sam" deploy --config-env "$config" ${unasked[@]+"${unasked[@]}"} --stack-name "$stack" \
  ${PACKAGES_BUCKET:+--no-resolve-s3 --s3-bucket "$PACKAGES_BUCKET" --s3-prefix "$stack"} \
  ${DEPLOYER_ROLE_ARN:+--role-arn "$DEPLOYER_ROLE_ARN"} \
  --parameter-overrides "${overrides[@]}"
