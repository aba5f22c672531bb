"""Compute environments change as AWS has them change, which the deployments in the emulator rest on."""

from typing import Any

import pytest

from local_aws.batch_updates import Change, RefusedError, change_of, check_order


def environment(type_: str = "FARGATE", *, replace: str | None = None, **resources: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Type": "MANAGED",
        "ComputeResources": {"Type": type_, "MaxvCpus": "6", "Subnets": ["a"], **resources},
    }
    return made if replace is None else made | {"ReplaceComputeEnvironment": replace}


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        pytest.param(environment(), environment(MaxvCpus="8"), Change.IN_PLACE, id="more of fargate"),
        pytest.param(environment(), environment(Subnets=["b"]), Change.REPLACEMENT, id="other subnets"),
        pytest.param(
            environment(replace="false"),
            environment(replace="false", Subnets=["b"]),
            Change.IN_PLACE,
            id="other subnets in place",
        ),
        pytest.param(environment(), environment("FARGATE_SPOT"), Change.REPLACEMENT, id="another fargate"),
        pytest.param(environment(), environment("EC2"), Change.REPLACEMENT, id="hosts instead"),
        pytest.param(
            environment("EC2", replace="false"),
            environment("SPOT", replace="false", AllocationStrategy="SPOT_PRICE_CAPACITY_OPTIMIZED"),
            Change.IN_PLACE,
            id="hosts of another kind in place",
        ),
        pytest.param(environment(), environment() | {"Tags": {"a": "b"}}, Change.REPLACEMENT, id="tags"),
    ],
)
def test_what_becomes_of_a_changed_environment(
    old: dict[str, Any], new: dict[str, Any], change: Change
) -> None:
    assert change_of(old, new) is change


@pytest.mark.parametrize(
    ("old", "new"),
    [("FARGATE", "FARGATE_SPOT"), ("FARGATE_SPOT", "FARGATE"), ("FARGATE", "EC2"), ("SPOT", "FARGATE")],
)
def test_the_type_of_fargate_is_not_changed_in_place(old: str, new: str) -> None:
    with pytest.raises(RefusedError, match=r"can't be updated for .*[tT]ype"):
        change_of(environment(old, replace="false"), environment(new, replace="false"))


@pytest.mark.parametrize("types", [[], [None], ["FARGATE", None], ["FARGATE", "EC2"]])
def test_a_queue_with_no_environment_or_a_mixture_is_refused(types: list[str | None]) -> None:
    with pytest.raises(RefusedError):
        check_order(types)


@pytest.mark.parametrize("types", [["FARGATE"], ["FARGATE", "FARGATE_SPOT"], ["EC2", "SPOT"]])
def test_a_queue_has_environments_of_one_kind(types: list[str]) -> None:
    check_order(types)
