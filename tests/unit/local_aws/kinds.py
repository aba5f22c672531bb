"""Kinds of the fixtures beside."""

from collections.abc import Mapping
from typing import Any, Protocol

from local_aws.batch_jobs import Job


class Submit(Protocol):
    """Makes a job from a SubmitJob request and what its definition has that the usual one has not."""

    def __call__(self, *, definition: Mapping[str, Any] | None = None, **request: Any) -> Job: ...
