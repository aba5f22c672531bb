import json
from typing import Any

import pytest

from local_aws.request_resources import resources_of

HERE = {"region": "eu-central-1", "account": "123456789012"}


@pytest.mark.parametrize(
    ("service", "path", "request_", "arns"),
    [
        ("batch", "/v1/submitjob", {"jobQueue": "arn:q", "jobDefinition": "arn:d"}, ["arn:q", "arn:d"]),
        ("batch", "/v1/SubmitJob", {"jobQueue": "arn:q", "jobDefinition": "arn:d"}, ["arn:q", "arn:d"]),
        ("batch", "/v1/terminatejob", {"jobId": "j"}, ["arn:aws:batch:eu-central-1:123456789012:job/j"]),
        ("batch", "/v1/updatejobqueue", {"jobQueue": "arn:q"}, ["arn:q"]),
        ("batch", "/v1/deregisterjobdefinition", {"jobDefinition": "arn:d:1"}, ["arn:d:1"]),
        ("batch", "/v1/listjobs", {"jobQueue": "arn:q"}, []),
        ("ecr", "/", {"repositoryName": "a/b"}, ["arn:aws:ecr:eu-central-1:123456789012:repository/a/b"]),
        ("ecr", "/", {"resourceArn": "arn:r"}, ["arn:r"]),
        ("ecr", "/", {}, []),
        ("events", "/", {"Name": "r"}, ["arn:aws:events:eu-central-1:123456789012:rule/r"]),
        ("events", "/", {"Entries": []}, []),
        ("s3", "/bucket", {"Name": "r"}, []),
    ],
)
def test_a_request_is_checked_on_what_it_names(
    service: str, path: str, request_: dict[str, Any], arns: list[str]
) -> None:
    assert resources_of(service, path, json.dumps(request_).encode(), **HERE) == arns


@pytest.mark.parametrize("body", [b"", b"no json", b"[]"])
def test_what_cannot_be_read_names_nothing(body: bytes) -> None:
    assert resources_of("ecr", "/", body, **HERE) == []
