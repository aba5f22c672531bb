#!/usr/bin/env bash
# Builds the job's image, and with REPOSITORY_URI pushes it: `make image`.
#   REPOSITORY_URI  the repository without a tag; empty: the image stays on this machine as csv-import:<tag>
#   TAG             default: the commit that is checked out
#   PLATFORM        linux/amd64 or linux/arm64; default: this machine's
#   BASE            another base image, for example that of the Dockerfile by digest
# A tag that the repository has already is not built again: it says what it said before.
# Leaves out/image-uri (what the parameter ImageUri takes; by digest once it is pushed) and out/csv-import.cdx.json.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p out

REPOSITORY_URI=${REPOSITORY_URI:-}
tag=${TAG:-$(git rev-parse HEAD 2>/dev/null || echo local)}
if [[ -z ${TAG:-} && -n $(git status --porcelain -- batch_job 2>/dev/null) ]]; then
  if [[ -n $REPOSITORY_URI ]]; then
    echo "batch_job has changes that are in no commit, and the tag would be the commit's: commit them, or name a TAG" >&2
    exit 2
  fi
  tag+=-changed
fi
image=${REPOSITORY_URI:-csv-import}:$tag
registry=${REPOSITORY_URI%%/*}

if [[ $registry == *.dkr.ecr.*.amazonaws.com* ]]; then
  region=${registry#*.dkr.ecr.}
  aws ecr get-login-password --region "${region%%.*}" | docker login --username AWS --password-stdin "$registry" >/dev/null
fi

if [[ -n $REPOSITORY_URI ]] && docker pull --quiet "$image" >/dev/null 2>&1; then
  echo "$image is there already" >&2
else
  docker build ${PLATFORM:+--platform "$PLATFORM"} ${BASE:+--build-arg "BASE=$BASE"} --tag "$image" batch_job >&2
  if [[ -n $REPOSITORY_URI ]]; then docker push --quiet "$image" >&2; fi
fi

docker run --rm ${PLATFORM:+--platform "$PLATFORM"} --network none --entrypoint cat "$image" /opt/bill-of-materials.cdx.json >out/csv-import.cdx.json
if [[ -n $REPOSITORY_URI ]]; then
  docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" | grep --max-count 1 "^$REPOSITORY_URI@sha256:" >out/image-uri
else
  echo "$image" >out/image-uri
fi
cat out/image-uri
