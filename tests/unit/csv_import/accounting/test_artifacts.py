import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.ledger import PartKey
from csv_import.errors import JobStop
from csv_import.rejects import Location, Reason, Reject, RejectCode

ROOT = "imports/a-1/run-0002"


class S3:
    def __init__(self, failure: Exception | None = None) -> None:
        self.objects: dict[str, bytes] = {}
        self.failure = failure

    def put_object(self, **request: Any) -> None:
        if self.failure is not None:
            raise self.failure
        body = request["Body"]
        self.objects[f"{request['Bucket']}/{request['Key']}"] = (
            body if isinstance(body, bytes) else body.read()
        )


def artifacts(s3: S3, line_ends: Sequence[bytes] = (b"\n", b"\r")) -> Artifacts:
    return Artifacts(s3, "artifacts", PartKey("a-1", 2, 3), line_ends=line_ends)


def reject(raw: bytes, column: str | None = "Id") -> Reject:
    reason = Reason(RejectCode.EMPTY_KEY, "empty", column)
    return Reject(Location(line=7, record=5, offset=90), reason, raw, len(raw))


def test_the_header_is_kept_as_it_stands() -> None:
    s3 = S3()
    artifacts(s3).keep_header(b"a,b\r\n")
    assert s3.objects == {f"artifacts/{ROOT}/header.csv": b"a,b\r\n"}


def test_a_segments_rejects_are_their_bytes_and_a_line_each() -> None:
    s3 = S3()
    rejects = artifacts(s3).segment_rejects(12)
    rejects.add(reject(b'"a\nb",\xff\r\n'))
    rejects.add(reject(b"last", column=None))
    rejects.keep()
    stem = f"artifacts/{ROOT}/rejects/part-00003/segment-0000012"
    assert s3.objects[f"{stem}.csv"] == b'"a\nb",\xff\r\nlast\n'
    lines = [json.loads(line) for line in s3.objects[f"{stem}.jsonl"].splitlines()]
    first = {
        "line": 7,
        "record": 5,
        "offset": 90,
        "length": 9,
        "column": "Id",
        "code": "empty_key",
        "message": "empty",
    }
    assert lines == [first, {**first, "length": 4, "column": None}]


def test_a_last_record_ends_as_the_files_lines_do() -> None:
    s3 = S3()
    rejects = artifacts(s3, ["\n".encode("utf-16-le"), "\r".encode("utf-16-le")]).segment_rejects(0)
    for text in ("a\n", "Ċ", "b\r"):
        rejects.add(reject(text.encode("utf-16-le")))
    rejects.keep()
    (records,) = (content for key, content in s3.objects.items() if key.endswith(".csv"))
    assert records.decode("utf-16-le") == "a\nĊ\nb\r"


def test_of_a_record_that_was_not_kept_only_the_place_is_told() -> None:
    s3 = S3()
    rejects = artifacts(s3).segment_rejects(0)
    rejects.add(replace(reject(b""), length=5_000_000))
    rejects.keep()
    (records,) = (content for key, content in s3.objects.items() if key.endswith(".csv"))
    (line,) = (content for key, content in s3.objects.items() if key.endswith(".jsonl"))
    assert (records, json.loads(line)["length"]) == (b"", 5_000_000)


def test_many_rejects_do_not_stay_in_memory() -> None:
    s3 = S3()
    rejects = artifacts(s3).segment_rejects(0)
    for _ in range(50):
        rejects.add(reject(b"x" * 100_000 + b"\n"))
    records: Any = rejects._records
    assert records._rolled
    rejects.keep()
    (stored,) = (content for key, content in s3.objects.items() if key.endswith(".csv"))
    assert len(stored) == 50 * 100_001
    assert records.closed


@pytest.mark.parametrize(
    ("failure", "code", "exit_code"),
    [
        ("AccessDenied", "artifacts_forbidden", 78),
        ("NoSuchBucket", "artifacts_forbidden", 78),
        ("SlowDown", "s3_unavailable", 75),
        (None, "s3_unavailable", 75),
    ],
)
def test_a_bucket_that_takes_nothing(failure: str | None, code: str, exit_code: int) -> None:
    error: Exception = EndpointConnectionError(endpoint_url="x")
    if failure is not None:
        error = ClientError({"Error": {"Code": failure, "Message": ""}}, "PutObject")
    with pytest.raises(JobStop) as caught:
        artifacts(S3(error)).keep_header(b"a\n")
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
