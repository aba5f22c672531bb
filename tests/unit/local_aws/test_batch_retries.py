from typing import Any

import pytest

from local_aws.batch_retries import End, is_retried

EXITED = "Essential container in task exited"
# The strategy of batch-template.yaml.
VERDICTS = [
    {"onExitCode": "65", "action": "EXIT"},
    {"onExitCode": "78", "action": "EXIT"},
    {"onExitCode": "1", "action": "EXIT"},
]
SPOT = [
    {"onStatusReason": "Host EC2*", "action": "RETRY"},
    {"onReason": "*", "action": "EXIT"},
]
BOTH = [{"onExitCode": "1*", "onReason": "OutOfMemory*", "action": "exit"}]


@pytest.mark.parametrize(
    ("name", "entries", "end", "retried"),
    [
        ("a verdict", VERDICTS, End(exit_code=65, status_reason=EXITED), False),
        ("a bug", VERDICTS, End(exit_code=1, status_reason=EXITED), False),
        ("no match means retry", VERDICTS, End(exit_code=75, status_reason=EXITED), True),
        ("a kill", VERDICTS, End(exit_code=137, status_reason=EXITED), True),
        ("no process at all", VERDICTS, End(exit_code=None, status_reason="Task failed to start"), True),
        ("an exact pattern is no prefix", VERDICTS, End(exit_code=651, status_reason=EXITED), True),
        ("no strategy but attempts", [], End(exit_code=1), True),
        ("first match wins", SPOT, End(exit_code=1, status_reason="Host EC2 (i-0) terminated."), True),
        ("a star alone matches what is not there", SPOT, End(exit_code=1, status_reason=EXITED), False),
        ("all conditions of an entry match", BOTH, End(exit_code=137, reason="OutOfMemoryError: x"), False),
        ("one of two conditions is no match", BOTH, End(exit_code=137, reason="CannotPull"), True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_conditions(name: str, entries: list[dict[str, str]], end: End, retried: bool) -> None:
    assert is_retried({"attempts": 5, "evaluateOnExit": entries}, attempts_made=1, end=end) is retried, name


@pytest.mark.parametrize(
    ("strategy", "made", "retried"),
    [
        ({"attempts": 3}, 2, True),
        ({"attempts": 3}, 3, False),
        ({"attempts": 50}, 10, False),
        ({}, 1, False),
        ({"attempts": 1, "evaluateOnExit": [{"onExitCode": "*", "action": "RETRY"}]}, 1, False),
    ],
    ids=[
        "attempts left",
        "attempts used up",
        "never more than ten",
        "one where none are given",
        "action cannot add",
    ],
)
def test_attempts_bound_all(strategy: dict[str, Any], made: int, retried: bool) -> None:
    assert is_retried(strategy, attempts_made=made, end=End(exit_code=75)) is retried
