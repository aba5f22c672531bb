"""Deployments that are not the default one."""

from dataclasses import replace
from pathlib import Path

import pytest

from local_aws.deployment import DeploymentError, delete, deploy
from local_aws.embedded import IMAGE, empty, running
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


def test_into_a_table_that_was_there_before(tmp_path: Path) -> None:
    with empty(tmp_path) as aws:
        key = {"AttributeName": "ProductId", "AttributeType": "S"}
        aws.client("dynamodb").create_table(
            TableName="mine",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[key],
            KeySchema=[{"AttributeName": "ProductId", "KeyType": "HASH"}],
        )
        outputs = deploy(
            aws.client("cloudformation"),
            stack="csv-to-dynamodb",
            template_url=aws.package(),
            parameters={"ImageUri": IMAGE, "ExistingTableName": "mine"},
        )
        application = Application(replace(aws, outputs=outputs))
        assert outputs["ItemsTableName"] == "mine"
        dropped = application.drop("sample.csv", SAMPLE)
        assert application.closed(dropped.import_id).state == "DONE"
        assert len(application.items("sample.csv")) == 6
        delete(aws.client("cloudformation"), stack="csv-to-dynamodb")
        assert len(application.items("sample.csv")) == 6, "it is not the stack's to delete"


@pytest.mark.parametrize("compute", ["EC2", "FARGATE_SPOT"])
def test_an_import_on_other_capacity(tmp_path: Path, compute: str) -> None:
    parameters = {"ComputeType": compute, "Network": "PRIVATE", "Architecture": "arm64"}
    with running(tmp_path, parameters=parameters) as aws:
        application = Application(aws)
        dropped = application.drop("sample.csv", SAMPLE)
        assert application.closed(dropped.import_id).state == "DONE"
        assert len(application.items("sample.csv")) == 6


def test_a_combination_that_aws_refuses_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with (
        pytest.raises(DeploymentError, match="SortKeyName must differ from PartitionKeyName"),
        running(tmp_path, parameters={"SortKeyName": "ProductId"}),
    ):
        pass
