"""Specs on the deployed application, its roles enforced: modes, other tables, what is not allowed."""

from collections.abc import Iterator
from typing import Any

import pytest

from local_aws.embedded import running
from tests.end_to_end.application import Application
from tests.oracle import Item, Key, naive_modes

OTHERS = "arn:aws:dynamodb:us-east-1:000000000000:table/others"
FILES = {
    "put": b"ProductId,Name,Stock\na,one,1\nb,two,\na,three,3\n,x,x\nc,four,4\n",
    "insert": b"ProductId,Name,Stock\na,new,9\nd,five,5\nd,six,6\na,newer,9\n",
    "update": b"ProductId,Name,Stock\nb,,22\ne,seven,\nb,renamed,\n",
    "delete": b"ProductId,Name,Stock\nc,,\nnone,,\nc,,\n",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    parameters = {"AllowedModes": "put,insert,update,delete", "AllowedTables": OTHERS}
    with running(tmp_path_factory.mktemp("aws"), parameters=parameters) as aws:
        yield Application(aws)


def say(application: Application, folder: str, spec: str) -> str:
    answer = application.aws.client("s3").put_object(
        Bucket=application.bucket, Key=f"{folder}/_import.yaml", Body=spec.encode()
    )
    version: str = answer["VersionId"]
    return version


def scan(application: Application, table: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = application.aws.client("dynamodb").scan(TableName=table)["Items"]
    return items


def test_the_modes_one_after_the_other_leave_what_the_patient_loop_leaves(application: Application) -> None:
    table: dict[Key, Item] = {}
    for mode, content in FILES.items():
        version = say(application, mode, f"mode: {mode}\n")
        key = f"{mode}/products.csv"
        dropped = application.drop(key, content)

        assert application.closed(dropped.import_id).state == "DONE"

        head = application.aws.client("s3").head_object(Bucket=application.bucket, Key=key)
        expected = naive_modes(content, table, mode=mode, bucket_key=key, last_modified=head["LastModified"])
        table = expected.items
        found = scan(application, application.aws.outputs["ItemsTableName"])
        assert {(item["ProductId"]["S"],): item for item in found} == table
        report = application.report(dropped.import_id)
        assert report["equation_holds"]
        assert (report["mode"], report["spec"]) == (
            mode,
            {"key": f"{mode}/_import.yaml", "version_id": version},
        )
        for name in ("rows_read", "rows_written", "rows_superseded", "rows_skipped", "rows_rejected"):
            assert report[name] == getattr(expected, name), (mode, name)


def test_another_table_that_the_deployment_allows(application: Application) -> None:
    application.aws.client("dynamodb").create_table(
        TableName="others",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for mode in ("put", "insert", "update"):
        say(
            application,
            f"others-{mode}",
            f"table: others\nmode: {mode}\nprovenance: off\nattributes: {{PK: 'P#{{ProductId}}'}}\n",
        )
        dropped = application.drop(
            f"others-{mode}/products.csv", b"ProductId,Name\n" + mode.encode() + b",x\n"
        )
        assert application.closed(dropped.import_id).state == "DONE"
        assert application.report(dropped.import_id)["table_name"] == "others"
    assert sorted(item["PK"]["S"] for item in scan(application, "others")) == [
        "P#insert",
        "P#put",
        "P#update",
    ]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("table: elsewhere\n", "table_not_allowed"),
        ("columns: {Nam: N}\n", "missing_column"),
        ("mode: upsert\n", "invalid_spec"),
        ("max_rejects: 0\n", "too_many_rejects"),
    ],
)
def test_an_import_that_its_spec_stops_says_why(application: Application, spec: str, code: str) -> None:
    say(application, code, spec)
    dropped = application.drop(f"{code}/products.csv", b"ProductId,Name\nx,1\n,2\n")
    assert application.closed(dropped.import_id).state == "FAILED"
    report = application.report(dropped.import_id)
    assert report["error"]["code"] == code
    assert report["equation_holds"]
