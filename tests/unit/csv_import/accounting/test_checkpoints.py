"""What is settled is kept, in order, once; and nothing is told of that is not kept."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from csv_import.accounting.books import Books, Keys
from csv_import.accounting.checkpoints import Checkpoints
from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger import PartKey
from csv_import.accounting.saved_books import SavedBooks
from csv_import.accounting.segments import Checkpoint
from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.rejects import Location, RejectCode
from csv_import.shaping.values.value import Notice

START = Checkpoint(0, Location(1, 1, 0))


class Bucket:
    """S3 as far as books need it; `failure` is raised instead of the next answer."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.failure: Exception | None = None

    def put_object(self, **request: Any) -> Any:
        self._fail()
        self.objects[request["Key"]] = request["Body"], request.get("Metadata", {})
        return {}

    def head_object(self, **request: Any) -> Any:
        self._fail()
        return {"Metadata": self.objects[request["Key"]][1]}

    def get_object(self, **request: Any) -> Any:
        self._fail()
        return {"Body": io.BytesIO(self.objects[request["Key"]][0])}

    def _fail(self) -> None:
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure


def saved(bucket: Bucket, owner: str = "job:0#1") -> SavedBooks:
    return SavedBooks(bucket, "artifacts", PartKey("a-1", 1, 0), owner)


def end(segment: int) -> Location:
    return Location(10 * segment + 11, 10 * segment + 11, 100 * segment + 100)


def books(segment: int) -> Books:
    digest = bytes([segment]) * 16
    totals = Counters(rows_read=10 * (segment + 1), bytes_read=100)
    totals.ignored = {"blank_line": (1, 2)}
    totals.rejects_by_code = Counter({RejectCode.EMPTY_KEY: 3})
    totals.mended = Counter({"padded": 1})
    totals.notices = {("Prix \u20ac", Notice.LEADING_ZEROS_LOST): 4}
    keys = Keys(
        items=bytearray(digest * 2),
        rows=bytearray(digest),
        told=bytearray(digest + b"\1"),
        refused_items=bytearray(digest),
        refused_rows=bytearray(digest),
    )
    return Books(segment, end(segment), totals, keys)


def test_nothing_settled_nothing_kept() -> None:
    bucket = Bucket()
    assert Checkpoints(saved(bucket), START).save() == START
    assert bucket.objects == {}


def test_what_is_settled_is_kept_together_and_comes_back_in_order() -> None:
    bucket = Bucket()
    checkpoints = Checkpoints(saved(bucket), START)
    for segment in range(3):
        checkpoints.settled(books(segment))
        if segment == 1:
            assert checkpoints.save().segment == 2
    reached = checkpoints.save()
    assert (reached.segment, reached.at) == (3, end(2))
    assert len(bucket.objects) == 2
    assert checkpoints.save() == reached
    assert len(bucket.objects) == 2

    assert reached.state is not None
    (early, first), (late, last) = saved(bucket, "another").history(reached.state)
    assert (early, late) == (books(1).totals, books(2).totals)
    first_two = books(0).keys
    first_two.extend(books(1).keys)
    assert (first, last) == (first_two, books(2).keys)


def test_a_successor_goes_on_from_what_is_told_and_not_from_what_a_dead_attempt_left() -> None:
    bucket = Bucket()
    first = Checkpoints(saved(bucket, "job:0#1"), START)
    first.settled(books(0))
    told = first.save()
    second = Checkpoints(saved(bucket, "job:0#2"), told)
    second.settled(books(1))
    reached = second.save()
    first.settled(books(1))
    first.settled(books(2))
    first.save()

    assert reached.state is not None
    assert [totals.rows_read for totals, _ in saved(bucket).history(reached.state)] == [10, 20]


def test_what_could_not_be_kept_waits_for_the_next_time() -> None:
    bucket = Bucket()
    checkpoints = Checkpoints(saved(bucket), START)
    checkpoints.settled(books(0))
    size = books(0).keys.size
    bucket.failure = EndpointConnectionError(endpoint_url="http://s3")
    with pytest.raises(ServiceAway) as caught:
        checkpoints.save()
    assert caught.value.code == "s3_unavailable"
    assert (checkpoints.reached, checkpoints.unsaved_bytes) == (START, size)
    checkpoints.settled(books(1))
    assert checkpoints.unsaved_bytes == 2 * size
    assert checkpoints.save().segment == 2
    assert checkpoints.unsaved_bytes == 0


def test_a_bucket_that_refuses_is_no_passing_trouble() -> None:
    bucket = Bucket()
    checkpoints = Checkpoints(saved(bucket), START)
    checkpoints.settled(books(0))
    bucket.failure = ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
    with pytest.raises(BadConfiguration) as caught:
        checkpoints.save()
    assert caught.value.code == "artifacts_forbidden"


def test_the_end_is_known_whether_or_not_it_is_kept() -> None:
    woken: list[int] = []
    checkpoints = Checkpoints(saved(Bucket()), START, lambda: woken.append(1))
    assert checkpoints.end == START
    checkpoints.settled(books(0))
    assert checkpoints.end == Checkpoint(1, end(0))
    assert (checkpoints.reached, woken) == (START, [1])


def test_who_settles_faster_than_it_is_kept_waits() -> None:
    checkpoints = Checkpoints(saved(Bucket()), START)
    waits: list[int] = []

    def wait() -> None:
        waits.append(checkpoints.unsaved_bytes)
        if len(waits) == 3:
            checkpoints.save()

    size = books(0).keys.size
    checkpoints.settled(books(0))
    checkpoints.make_room(size, wait)
    assert waits == []
    checkpoints.settled(books(1))
    checkpoints.make_room(size, wait)
    assert waits == [2 * size] * 3


@pytest.mark.parametrize(
    "lengths", [[32, 16, 17, 16, 16], {"blake2b": [32, 16, 17, 16, 16]}], ids=["unnamed", "other"]
)
def test_keys_that_were_digested_otherwise_are_not_counted_with_ours(lengths: object) -> None:
    bucket = Bucket()
    checkpoints = Checkpoints(saved(bucket), START)
    checkpoints.settled(books(0))
    state = checkpoints.save().state
    assert state is not None
    body, metadata = bucket.objects[state]
    head, _, digests = body.partition(b"\n")
    told = orjson.dumps(orjson.loads(head) | {"lengths": lengths})
    bucket.objects[state] = told + b"\n" + digests, metadata
    with pytest.raises(BadConfiguration) as caught:
        list(saved(bucket).history(state))
    assert caught.value.code == "checkpoint_foreign"
