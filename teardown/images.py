"""Empties an image repository that a stack of somebody's made, or deletes one that nobody's did."""

from typing import Any

_MOST_AT_ONCE = 100
"""BatchDeleteImage takes no more."""


def delete_repository(ecr: Any, repository: str) -> None:
    """Delete a repository with its images; raises botocore's errors."""
    ecr.delete_repository(repositoryName=repository, force=True)


def empty_repository(ecr: Any, repository: str) -> int:
    """Delete a repository's images, give how many those were; raises botocore's errors.

    A list of several architectures goes before its images do, for ECR keeps an image that a list names.
    """
    pages = ecr.get_paginator("list_images").paginate(repositoryName=repository)
    digests = list(dict.fromkeys(one["imageDigest"] for page in pages for one in page["imageIds"]))
    deleted = 0
    while digests:
        refused: set[str] = set()
        for begin in range(0, len(digests), _MOST_AT_ONCE):
            ids = [{"imageDigest": digest} for digest in digests[begin : begin + _MOST_AT_ONCE]]
            answer = ecr.batch_delete_image(repositoryName=repository, imageIds=ids)
            refused |= {
                failure["imageId"]["imageDigest"]
                for failure in answer.get("failures", [])
                if failure["failureCode"] == "ImageReferencedByManifestList"
            }
        deleted += len(digests) - len(refused)
        if len(refused) == len(digests):
            break
        digests = sorted(refused)
    return deleted
