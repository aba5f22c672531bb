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

stop() {
  echo "$*" >&2
  exit 2
}

python=${PYTHON:-python3}
pushing="make image REPOSITORY_URI=<account>.dkr.ecr.<region>.amazonaws.com/csv-to-dynamodb"
image=${IMAGE_URI:-$(cat out/image-uri 2>/dev/null || true)}
if [[ -z $image ]]; then stop "Which image? Build and push one first: $pushing"; fi
if [[ $image != */* ]]; then stop "The image $image is on this machine only. Push it: $pushing"; fi
# What image.sh left beside out/image-uri: a digest of what the image was built of, and its platform.
contents="" platform=""
if [[ $image == "$(cat out/image-uri 2>/dev/null)" ]]; then read -r contents platform 2>/dev/null <out/image-contents || true; fi
if [[ -z ${IMAGE_URI:-} && $contents != "$("$python" pipeline/contents.py)" ]]; then
  stop "out/image-uri names an image of another batch_job than is here. Build this one: $pushing; or say that it is meant: IMAGE_URI=$image"
fi

export SAM_CLI_TELEMETRY=0
sam=${SAM:-sam}
config=${CONFIG_ENV:-default}
stack=$("$python" pipeline/settings.py stack)
# SAM takes the last of a name: the section's, then ours.
overrides=()
lines=$("$python" pipeline/settings.py overrides && echo "ImageUri=$image" && "$python" pipeline/settings.py parameters)
while IFS= read -r word; do
  if [[ -n $word ]]; then overrides+=("$word"); fi
done <<<"$lines"

# The processor of the stack: what is set, else what the stack has, else the template's default; nothing if AWS does not say.
architecture_of_the_stack() {
  local said
  said=$("$python" pipeline/settings.py architecture)
  if [[ -z $said ]]; then
    said=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
      --query "Stacks[0].Parameters[?ParameterKey=='Architecture'].ParameterValue" 2>&1) || true
  fi
  case $said in
    *arm64*) echo arm64 ;;
    *x86_64* | *"does not exist"*) echo x86_64 ;;
  esac
}

if [[ -n $platform ]]; then
  architecture=$(architecture_of_the_stack)
  case $architecture:$platform in
    x86_64:linux/arm64* | arm64:linux/amd64*)
      stop "The image is for $platform, and Architecture is $architecture. Set the parameter (PARAMETERS), or build with another PLATFORM"
      ;;
  esac
fi

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
