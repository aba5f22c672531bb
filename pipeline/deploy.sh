#!/usr/bin/env bash
# Builds the functions and deploys both templates with an image: `make deploy`.
#   IMAGE_URI   default: what `make image` left in out/image-uri
#   STACK       the stack's name, default csv-to-dynamodb; CONFIG_ENV another section of samconfig.toml
#   PARAMETERS  others of the template's, as Name=value with blanks between; what is not named keeps the value that it has
#   PACKAGES_BUCKET    where the functions' code goes; default: a bucket that SAM makes and keeps
#   DEPLOYER_ROLE_ARN  the role that CloudFormation takes, instead of the caller's own rights
#   SAM         the command line of SAM, default: sam
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
config=${CONFIG_ENV:-default}
# The functions' libraries come for the Python that they run on: this machine's, or that of SAM's build container.
container=()
if ! python3.13 -c '' 2>/dev/null; then container=(--use-container); fi
"$sam" build --config-env "$config" ${container[@]+"${container[@]}"}
read -r -a parameters <<<"${PARAMETERS:-}"
"$sam" deploy --config-env "$config" --no-confirm-changeset \
  ${STACK:+--stack-name "$STACK"} ${PACKAGES_BUCKET:+--no-resolve-s3 --s3-bucket "$PACKAGES_BUCKET" --s3-prefix "${STACK:-csv-to-dynamodb}"} \
  ${DEPLOYER_ROLE_ARN:+--role-arn "$DEPLOYER_ROLE_ARN"} \
  --parameter-overrides "ImageUri=$image" ${parameters[@]+"${parameters[@]}"}
