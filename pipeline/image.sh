#!/usr/bin/env bash
# Builds the job's image, and with REPOSITORY_URI pushes it: `make image`.
#   REPOSITORY_URI  the repository without a tag; empty: the image stays on this machine as csv-import:<tag>
#   TAG             default: the commit that is checked out
#   PLATFORM        linux/amd64 or linux/arm64; default: what Architecture is in PARAMETERS or samconfig.toml's section
#                   (CONFIG_ENV), linux/amd64 where it is in neither
#   BASE            another base image, for example that of the Dockerfile by digest
#   PYTHON          a Python of 3.11 or newer, default: python3
# A tag that the repository has already is not built again: it says what it said before. Where that is not what would be
# built now (a label of the image tells), it stops.
# Leaves out/image-uri (what the parameter ImageUri takes; by digest once it is pushed), out/image-contents (what it was
# built of, and for which processor) and out/csv-import.cdx.json; nothing where it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p out
rm -f out/image-uri out/image-contents out/csv-import.cdx.json

stop() {
  echo "$*" >&2
  exit 2
}

LABEL=csv-to-dynamodb.contents
REPOSITORY_URI=${REPOSITORY_URI:-}
python=${PYTHON:-python3}
tag=${TAG:-$(git rev-parse --verify --quiet HEAD 2>/dev/null || true)}
if [[ -z ${TAG:-} && -n $tag && -n $(git status --porcelain -- batch_job) ]]; then
  if [[ -n $REPOSITORY_URI ]]; then
    stop "batch_job has changes that are in no commit, and the tag would be the commit's: commit them, or name a TAG"
  fi
  tag+=-changed
fi
if [[ -z $tag && -n $REPOSITORY_URI ]]; then
  stop "There is no commit to tag the image with: name a TAG, another one for each change of batch_job"
fi
image=${REPOSITORY_URI:-csv-import}:${tag:-local}
registry=${REPOSITORY_URI%%/*}

platform=${PLATFORM:-}
if [[ -z $platform ]]; then
  architecture=$("$python" pipeline/settings.py architecture)
  case $architecture in
    arm64) platform=linux/arm64 ;;
    *) platform=linux/amd64 ;;
  esac
fi
contents=$("$python" pipeline/contents.py ${BASE:+"$BASE"})

if [[ $registry == *.dkr.ecr.*.amazonaws.com* ]]; then
  region=${registry#*.dkr.ecr.}
  region=${region%%.*}
  password=$(aws ecr get-login-password --region "$region") ||
    stop "No password for $registry. Have the AWS CLI and credentials (aws configure, aws sso login, or AWS_PROFILE) that may ecr:GetAuthorizationToken"
  docker login --username AWS --password-stdin "$registry" <<<"$password" >/dev/null
fi

# Is there such an image in the repository? Anything but a clear no or yes stops.
is_there() {
  local said
  if said=$(docker pull --quiet --platform "$platform" "$image" 2>&1); then return 0; fi
  case $said in
    *"no match"*"platform"* | *"no matching manifest"* | *"does not match the specified platform"*) refuse_platform "another processor" ;;
    *"name unknown"* | *"NAME_UNKNOWN"*) stop "There is no repository $REPOSITORY_URI: $said" ;;
    *"manifest unknown"* | *": not found") return 1 ;;
  esac
  stop "Whether $image is there already cannot be told; try again when docker pull can: $said"
}

refuse_platform() {
  stop "$image is there already, for $1 and not for $platform. Name another tag for this one: TAG=${tag}-${platform##*/}"
}

# The base with its newest security updates, for this processor. One without a registry's name that is here is nobody else's.
refresh_base() {
  local base here=true
  base=${BASE:-$(sed -n 's/^ARG BASE=//p' batch_job/Dockerfile)}
  docker image inspect "$base" >/dev/null 2>&1 || here=false
  if $here && [[ $base != *[.:]*/* ]]; then return; fi
  if docker pull --quiet --platform "$platform" "$base" >&2; then return; fi
  if ! $here; then stop "The base $base is not on this machine and cannot be pulled"; fi
  echo "The base $base cannot be pulled: this machine's is taken, which may be an old one" >&2
}

if [[ -n $REPOSITORY_URI ]] && is_there; then
  inspected=$(docker image inspect --format "{{.Os}}/{{.Architecture}} {{index .Config.Labels \"$LABEL\"}}" "$image")
  if [[ $platform/ != "${inspected%% *}"/* ]]; then refuse_platform "${inspected%% *}"; fi
  if [[ ${inspected#* } != "$contents" ]]; then
    stop "$image is there already, of another batch_job or BASE than is to be built now. Name a TAG that is not taken, or check out what it was built of"
  fi
  echo "$image is there already" >&2
else
  refresh_base
  docker build --platform "$platform" ${BASE:+--build-arg "BASE=$BASE"} --label "$LABEL=$contents" --tag "$image" batch_job >&2
  built=$(docker image inspect --format '{{.Os}}/{{.Architecture}}' "$image")
  if [[ $platform/ != "$built"/* ]]; then stop "The base gave an image for $built instead of $platform: pull or name one for $platform (BASE)"; fi
  if [[ -n $REPOSITORY_URI ]]; then docker push --quiet "$image" >&2; fi
fi

docker run --rm --platform "$platform" --network none --entrypoint cat "$image" /opt/bill-of-materials.cdx.json >out/csv-import.cdx.json
uri=$image
if [[ -n $REPOSITORY_URI ]]; then
  uri=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" | grep --max-count 1 "^$REPOSITORY_URI@sha256:") ||
    stop "The repository gave no digest of $image"
fi
echo "$("$python" pipeline/contents.py) $platform" >out/image-contents
echo "$uri" >out/image-uri
cat out/image-uri
