from typing import Any

import pytest

from teardown.removal import _deregister_others


class Batch:
    """Job definitions, a page for each revision."""

    def __init__(self, revisions: list[int]) -> None:
        self.revisions = revisions
        self.deregistered: list[str] = []

    def get_paginator(self, operation: str) -> "Batch":
        assert operation == "describe_job_definitions"
        return self

    def paginate(self, **asked: str) -> list[dict[str, Any]]:
        assert asked == {"jobDefinitionName": "load", "status": "ACTIVE"}
        return [
            {
                "jobDefinitions": [
                    {
                        "status": "ACTIVE",
                        "revision": number,
                        "jobDefinitionArn": f"arn:a:b:job-definition/load:{number}",
                    }
                ]
            }
            for number in self.revisions
        ]

    def deregister_job_definition(self, *, jobDefinition: str) -> None:  # noqa: N803
        self.deregistered.append(jobDefinition.rpartition(":")[2])


@pytest.mark.parametrize("current", ["arn:a:b:job-definition/load:10", "load"])
def test_older_revisions_go_and_the_newest_stays_for_the_stack(current: str) -> None:
    batch = Batch([10, 9, 2])
    assert _deregister_others(batch, current) == 2
    assert batch.deregistered == ["2", "9"]


def test_a_definition_that_is_gone_has_none() -> None:
    assert _deregister_others(Batch([]), "load") == 0
