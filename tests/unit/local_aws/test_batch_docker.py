"""What a job definition says of its container → flags of `docker run`."""

from typing import Any

import pytest

from local_aws.batch_docker import flags_of
from local_aws.docker_engine import Engine
from tests.template.stacks import BATCH_TEMPLATE, deployed, parse


@pytest.mark.parametrize(
    ("container", "flags"),
    [
        ({}, []),
        (
            {"resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}]},
            ["--cpus=0.25", "--memory=512m", "--memory-swap=512m"],
        ),
        ({"readonlyRootFilesystem": True}, ["--read-only"]),
        ({"readonlyRootFilesystem": False, "privileged": False}, []),
        ({"user": "4711"}, ["--user=4711"]),
        ({"privileged": True}, ["--privileged"]),
        (
            {"mountPoints": [{"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False}]},
            ["--mount=type=volume,target=/tmp"],
        ),
        (
            {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data", "readOnly": True}]},
            ["--mount=type=volume,target=/data,readonly"],
        ),
    ],
    ids=["nothing", "size", "read-only root", "neither", "user", "privileged", "scratch", "read-only volume"],
)
def test_each_property_has_its_flag(container: dict[str, Any], flags: list[str]) -> None:
    assert flags_of(container) == flags


def test_nothing_that_the_template_says_of_the_container_is_left_out() -> None:
    """A property that these flags do not know would be one that no test in containers sees."""
    by_flag = {"ResourceRequirements", "Privileged", "ReadonlyRootFilesystem", "MountPoints"}
    otherwise = {"Name", "Image", "Command", "Environment", "StopTimeout"}
    of_the_platform = {"Essential", "LogConfiguration"}
    definitions = [
        one for one in deployed(parse(BATCH_TEMPLATE)).values() if one["Type"] == "AWS::Batch::JobDefinition"
    ]
    assert definitions
    for definition in definitions:
        (task,) = definition["Properties"]["EcsProperties"]["TaskProperties"]
        for container in task["Containers"]:
            assert container.keys() <= by_flag | otherwise | of_the_platform


def test_the_values_of_variables_are_nobody_elses_to_read() -> None:
    words = Engine(run="r").run_command(
        ["--rm"], {"AWS_SECRET_ACCESS_KEY": "hush", "A": "1"}, ["image", "load"]
    )
    assert words[:4] == ["docker", "run", "--label", "csv-to-dynamodb.run=r"]
    assert words[4:] == ["--rm", "--env", "A", "--env", "AWS_SECRET_ACCESS_KEY", "image", "load"]


def test_a_container_takes_the_variables_and_docker_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    environment = Engine(run="r", host="unix:///d.sock").environment({"A": "1", "HOME": "/theirs"})
    assert (environment["A"], environment["DOCKER_HOST"], environment["HOME"]) == (
        "1",
        "unix:///d.sock",
        "/home/me",
    )
    assert "AWS_PROFILE" not in environment
