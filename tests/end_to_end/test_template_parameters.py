"""Deployments that are not the default one."""

from pathlib import Path

import pytest

from local_aws.deployment import DeploymentError
from local_aws.embedded import running
from local_aws.emulator import PROJECT
from tests.end_to_end.application import Application

SAMPLE = (PROJECT / "samples" / "sample.csv").read_bytes()


def test_with_the_samples_index_on_created_time(tmp_path: Path) -> None:
    with running(tmp_path, parameters={"CreatedTimeIndex": "true"}) as aws:
        application = Application(aws)
        dropped = application.drop("sample.csv", SAMPLE)
        assert application.closed(dropped.import_id).state == "DONE"
        item = application.items("sample.csv")["P00001"]
        found = aws.client("dynamodb").query(
            TableName=aws.outputs["ItemsTableName"],
            IndexName="CreatedTimeIndex",
            KeyConditionExpression="CreatedTime = :time",
            ExpressionAttributeValues={":time": item["CreatedTime"]},
        )
        assert found["Items"] == [item]


def test_a_combination_that_aws_refuses_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with (
        pytest.raises(DeploymentError, match="SortKeyName must differ from PartitionKeyName"),
        running(tmp_path, parameters={"SortKeyName": "ProductId"}),
    ):
        pass
