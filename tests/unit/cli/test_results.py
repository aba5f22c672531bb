import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.results import collect, item_lines

OUTPUTS = {"ArtifactsBucketName": "artifacts", "ItemsTableName": "items"}
ROOT = "imports/a-1/run-0001/"


class FakeS3:
    def __init__(self, objects: dict[str, bytes], missing: str = "404") -> None:
        self.objects = objects
        self.missing = missing

    def download_file(self, bucket: str, key: str, path: str) -> None:
        if key not in self.objects:
            raise ClientError({"Error": {"Code": self.missing}}, "HeadObject")
        Path(path).write_bytes(self.objects[key])


class FakeDynamoDB:
    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages = pages

    def get_paginator(self, name: str) -> "FakeDynamoDB":
        assert name == "scan"
        return self

    def paginate(self, *, TableName: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's name
        assert TableName == "items"
        return iter([{"Items": page} for page in self.pages])


def collected(folder: Path, s3: Any, dynamodb: Any) -> dict[str, bytes]:
    collect(folder, import_id="a-1", run=1, outputs=OUTPUTS, s3=s3, dynamodb=dynamodb)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_brings_everything(tmp_path: Path) -> None:
    s3 = FakeS3(
        {
            f"{ROOT}report.json": b"{}",
            f"{ROOT}header.csv": b"a\n",
            f"{ROOT}rejects.csv": b"a\n1,2\n",
            f"{ROOT}rejects.jsonl": b"{}\n",
        }
    )
    assert collected(tmp_path / "new", s3, FakeDynamoDB([{"a": {"S": "é"}}], [{"a": {"N": "1"}}])) == {
        "report.json": b"{}",
        "rejects.csv": b"a\n1,2\n",
        "rejects.jsonl": b"{}\n",
        "items.jsonl": '{"a":{"S":"é"}}\n{"a":{"N":"1"}}\n'.encode(),
    }


def test_without_rejects_there_is_the_header(tmp_path: Path) -> None:
    s3 = FakeS3({f"{ROOT}report.json": b"{}", f"{ROOT}header.csv": b"a,b\r\n"})
    found = collected(tmp_path, s3, FakeDynamoDB())
    assert (found["rejects.csv"], found["rejects.jsonl"], found["items.jsonl"]) == (b"a,b\r\n", b"", b"")


def test_without_a_header_the_rejects_are_empty(tmp_path: Path) -> None:
    assert collected(tmp_path, FakeS3({f"{ROOT}report.json": b"{}"}), FakeDynamoDB())["rejects.csv"] == b""


def test_what_is_forbidden_is_not_taken_for_missing(tmp_path: Path) -> None:
    with pytest.raises(ClientError):
        collected(tmp_path, FakeS3({f"{ROOT}report.json": b"{}"}, missing="403"), FakeDynamoDB())


def test_binary_values_and_a_fixed_order_of_attributes() -> None:
    dynamodb: Any = FakeDynamoDB([{"b": {"B": b"\x00\xff"}, "a": {"L": [{"B": b"x"}]}}])
    (line,) = item_lines(dynamodb, "items")
    assert line == b'{"a":{"L":[{"B":"eA=="}]},"b":{"B":"AP8="}}\n'
    assert json.loads(line)["b"] == {"B": "AP8="}


def test_a_line_is_a_line_to_every_reader() -> None:
    odd = "a\x0b\x1c\x85\u2028\u2029\r\nz"
    dynamodb: Any = FakeDynamoDB([{"a": {"S": odd}}])
    (line,) = b"".join(item_lines(dynamodb, "items")).decode().splitlines()
    assert json.loads(line) == {"a": {"S": odd}}
