"""Brings what an import left in AWS into a folder: report, rejects, and every item of the table."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import ClientError

import artifacts
from cli.json_lines import json_line_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Results:
    """The folder of one import: `report.json`, `rejects.csv`, `rejects.jsonl`, `items.jsonl`."""

    folder: Path

    @property
    def report(self) -> Path:
        """Give the report's path."""
        return self.folder / "report.json"

    @property
    def rejects(self) -> Path:
        """Give the path of the rejected records, under the file's own header."""
        return self.folder / "rejects.csv"

    @property
    def items(self) -> Path:
        """Give the path of the table's items, one DynamoDB JSON document a line."""
        return self.folder / "items.jsonl"

    @property
    def logs(self) -> Path:
        """Give the folder of the logs of emulator, functions and jobs."""
        return self.folder / "logs"

    def load_report(self) -> dict[str, Any]:
        """Read the report."""
        report: dict[str, Any] = json.loads(self.report.read_bytes())
        return report


def collect(
    folder: Path,
    *,
    import_id: str,
    run: int,
    outputs: Mapping[str, str],
    s3: "S3Client",
    dynamodb: "DynamoDBClient",
) -> Results:
    """Bring the results of a closed import into `folder`; where nothing was rejected, only the header is there."""
    folder.mkdir(parents=True, exist_ok=True)
    results = Results(folder)
    bucket, root = outputs["ArtifactsBucketName"], artifacts.root(import_id, run)
    s3.download_file(bucket, f"{root}report.json", str(results.report))
    if not _download(s3, bucket, f"{root}rejects.csv", results.rejects) and not _download(
        s3, bucket, f"{root}header.csv", results.rejects
    ):
        results.rejects.write_bytes(b"")
    if not _download(s3, bucket, f"{root}rejects.jsonl", folder / "rejects.jsonl"):
        (folder / "rejects.jsonl").write_bytes(b"")
    with results.items.open("wb") as lines:
        lines.writelines(item_lines(dynamodb, outputs["ItemsTableName"]))
    return results


def item_lines(dynamodb: "DynamoDBClient", table: str) -> Iterator[bytes]:
    """Give every item of a table as a line of DynamoDB JSON, attributes in the order of their names."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            yield json_line_of(orjson.dumps(item, default=_base64, option=orjson.OPT_SORT_KEYS))


def _base64(value: object) -> str:
    """Write binary values as DynamoDB does on the wire."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"DynamoDB has no value of {type(value)}")


def _download(s3: "S3Client", bucket: str, key: str, path: Path) -> bool:
    """Bring an object; False if there is none."""
    try:
        s3.download_file(bucket, key, str(path))
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return False
        raise
    return True
