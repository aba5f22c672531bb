from local_aws.batch_arrays import children_of, summed_up
from local_aws.batch_jobs import FAILED, RUNNABLE, RUNNING, SUCCEEDED
from tests.unit.local_aws.kinds import Submit


def test_children_carry_their_index_and_the_parent_its_size(submitted: Submit) -> None:
    parent = submitted(arrayProperties={"size": 3})
    children = children_of(parent)
    assert [child.job_id for child in children] == ["j:0", "j:1", "j:2"]
    assert [child.describe()["arrayProperties"] for child in children] == [
        {"index": 0},
        {"index": 1},
        {"index": 2},
    ]
    assert {child.parent_id for child in children} == {"j"}
    assert parent.describe()["arrayProperties"]["size"] == 3
    assert parent.status == "PENDING"


def test_a_parent_ends_with_its_last_child_and_fails_with_any(submitted: Submit) -> None:
    parent = submitted(arrayProperties={"size": 2})
    for _ in range(2):
        parent = summed_up(parent, before=None, after=RUNNABLE, at=1)
    parent = summed_up(parent, before=RUNNABLE, after=FAILED, at=2)
    parent = summed_up(parent, before=RUNNABLE, after=RUNNING, at=3)
    assert parent.status == "PENDING"
    summary = parent.describe()["arrayProperties"]["statusSummary"]
    assert {name: count for name, count in summary.items() if count} == {"FAILED": 1, "RUNNING": 1}
    parent = summed_up(parent, before=RUNNING, after=SUCCEEDED, at=4)
    assert (parent.status, parent.stopped_at, parent.status_reason) == (FAILED, 4, "Array Child Job failed")
    assert parent.describe()["arrayProperties"]["statusSummaryLastUpdatedAt"] == 4


def test_a_parent_succeeds_with_all_children(submitted: Submit) -> None:
    parent = submitted(arrayProperties={"size": 2})
    begun: list[tuple[str | None, str]] = [(None, RUNNING), (None, RUNNING)]
    for before, after in [*begun, (RUNNING, SUCCEEDED), (RUNNING, SUCCEEDED)]:
        parent = summed_up(parent, before=before, after=after, at=1)
    assert parent.status == SUCCEEDED
