import io
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.reading.spec_object import MAX_SPEC_BYTES, SpecObject, find_spec, spec_keys


class Bucket:
    """Objects by key; an exception in place of one is raised."""

    def __init__(self, objects: dict[str, Any]) -> None:
        self.objects = objects
        self.asked: list[str] = []

    def get_object(self, **request: str) -> dict[str, Any]:
        self.asked.append(request["Key"])
        found = self.objects.get(request["Key"], error("NoSuchKey"))
        if isinstance(found, Exception):
            raise found
        return {"Body": io.BytesIO(found), "VersionId": "v1"}


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "why"}}, "GetObject")


@pytest.mark.parametrize(
    ("key", "places"),
    [
        ("a.csv", ["_import.yaml"]),
        ("in/2026/a.csv", ["in/2026/_import.yaml", "in/_import.yaml", "_import.yaml"]),
        ("in//a.csv", ["in//_import.yaml", "in/_import.yaml", "_import.yaml"]),
        ("/a.csv", ["/_import.yaml", "_import.yaml"]),
    ],
)
def test_where_a_spec_may_stand(key: str, places: list[str]) -> None:
    assert list(spec_keys(key)) == places


def test_the_nearest_one_is_taken_and_no_other_is_asked_for() -> None:
    bucket = Bucket({"_import.yaml": b"far", "in/_import.yaml": "nah é".encode()})
    assert find_spec(bucket, "input", "in/2026/a.csv") == SpecObject("in/_import.yaml", "v1", "nah é")
    assert bucket.asked == ["in/2026/_import.yaml", "in/_import.yaml"]


def test_there_may_be_none() -> None:
    assert find_spec(Bucket({}), "input", "in/a.csv") is None


def test_a_byte_order_mark_is_no_part_of_it() -> None:
    found = find_spec(Bucket({"_import.yaml": b"\xef\xbb\xbfmode: put"}), "input", "a.csv")
    assert found is not None
    assert found.text == "mode: put"


@pytest.mark.parametrize("letter", ["#", "ü", "€"])
def test_one_that_is_too_large_is_refused_and_not_cut(letter: str) -> None:
    fits = "#" + letter * (MAX_SPEC_BYTES // len(letter.encode()) - 1)
    found = find_spec(Bucket({"_import.yaml": fits.encode()}), "input", "a.csv")
    assert found is not None
    assert found.text == fits
    with pytest.raises(BadConfiguration, match="more than 65536 bytes") as stopped:
        find_spec(Bucket({"_import.yaml": (fits + 4 * letter).encode()}), "input", "a.csv")
    assert stopped.value.code == "invalid_spec"


@pytest.mark.parametrize(
    ("answer", "stop", "code"),
    [
        (error("AccessDenied"), BadConfiguration, "spec_forbidden"),
        (error("SlowDown"), ServiceAway, "s3_unavailable"),
        (EndpointConnectionError(endpoint_url="x"), ServiceAway, "s3_unavailable"),
        (b"mode: p\xfft", BadConfiguration, "invalid_spec"),
    ],
)
def test_one_that_cannot_be_read_is_not_passed_over(answer: Any, stop: type[Any], code: str) -> None:
    with pytest.raises(stop) as stopped:
        find_spec(Bucket({"in/_import.yaml": answer}), "input", "in/a.csv")
    assert stopped.value.code == code


def test_a_place_whose_key_would_be_too_long_is_passed_over() -> None:
    deep = "d" * 500 + "/" + "é" * 260
    assert list(spec_keys(f"{deep}/f")) == ["d" * 500 + "/_import.yaml", "_import.yaml"]
    fits = "d" * (1024 - len("/_import.yaml"))
    assert list(spec_keys(f"{fits}/f")) == [f"{fits}/_import.yaml", "_import.yaml"]
    assert list(spec_keys(f"{fits}d/f")) == ["_import.yaml"]
