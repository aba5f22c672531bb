from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ResponseStreamingError

from csv_import.errors import BadConfiguration, Interrupted, JobStop, ServiceAway
from csv_import.reading.object_stream import ObjectStream, ObjectVersion
from csv_import.waiting import Backoff, StopSign

VERSION = ObjectVersion(bucket="input", key="in/a.csv", version_id="v1", etag="abc")
CONTENT = bytes(range(256)) * 4


class Body:
    def __init__(self, content: bytes, breaks_after: int | None) -> None:
        self._content = content
        self._breaks_after = breaks_after
        self.closed = False

    def read(self, size: int) -> bytes:
        if self._breaks_after is not None:
            size = min(size, self._breaks_after)
            if size == 0:
                raise ResponseStreamingError(error="connection broken")
            self._breaks_after -= size
        chunk, self._content = self._content[:size], self._content[size:]
        return chunk

    def close(self) -> None:
        self.closed = True


class S3:
    """S3 with one object; each answer is taken from `script`: an exception, or how many bytes come through."""

    def __init__(self, *script: Exception | int | None) -> None:
        self.script = list(script)
        self.requests: list[dict[str, Any]] = []
        self.bodies: list[Body] = []
        self.knows_ranges = True

    def head_object(self, **arguments: Any) -> dict[str, Any]:
        self.requests.append(arguments)
        return {"ContentLength": len(CONTENT), "LastModified": datetime(2026, 11, 23, tzinfo=UTC)}

    def get_object(self, **arguments: Any) -> dict[str, Any]:
        self.requests.append(arguments)
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        start, _, last = arguments["Range"].removeprefix("bytes=").partition("-")
        content = CONTENT[int(start) : int(last) + 1 if last else None]
        self.bodies.append(Body(content, step))
        if not self.knows_ranges:
            return {"Body": Body(CONTENT, None)}
        return {"Body": self.bodies[-1], "ContentRange": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}


class Watch:
    """A clock that a pause moves on by a second."""

    def __init__(self, stop: StopSign | None = None) -> None:
        self.seconds = 0.0
        self.stop = stop

    def pause(self, _: float) -> None:
        self.seconds += 1
        if self.stop is not None:
            self.stop.pause(0)

    def backoff(self, budget_s: float = 5) -> Callable[[], Backoff]:
        return lambda: Backoff(0.1, 1, budget_s, clock=lambda: self.seconds, pause=self.pause)


def refusal(code: str, status: int = 503) -> ClientError:
    error: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error, "GetObject")


def stream_of(s3: S3, watch: Watch | None = None, version: ObjectVersion = VERSION) -> ObjectStream:
    return ObjectStream(s3, version, chunk_bytes=100, backoff=(watch or Watch()).backoff())


def test_the_bytes_come_in_order_and_in_chunks() -> None:
    chunks = list(stream_of(S3()).chunks())
    assert b"".join(chunks) == CONTENT
    assert {len(chunk) for chunk in chunks[:-1]} == {100}


def test_every_request_is_pinned_to_version_and_etag() -> None:
    s3 = S3(150)
    list(stream_of(s3).chunks())
    assert len(s3.requests) == 3
    for request in s3.requests:
        assert {name: request[name] for name in ("Bucket", "Key", "VersionId", "IfMatch")} == {
            "Bucket": "input",
            "Key": "in/a.csv",
            "VersionId": "v1",
            "IfMatch": '"abc"',
        }


def test_a_bucket_without_versions_is_pinned_by_the_etag_alone() -> None:
    s3 = S3()
    list(stream_of(s3, version=ObjectVersion("input", "in/a.csv", None, "abc")).chunks())
    assert all("VersionId" not in request and request["IfMatch"] == '"abc"' for request in s3.requests)


@pytest.mark.parametrize("breaks", [[0], [1], [100], [150, 0, 33], [99, 99, 99]])
def test_a_broken_connection_goes_on_where_it_broke(breaks: list[int]) -> None:
    s3 = S3(*breaks)
    assert b"".join(stream_of(s3).chunks()) == CONTENT
    assert all(body.closed for body in s3.bodies)


@pytest.mark.parametrize("n_bytes", [0, 1, 150, len(CONTENT), len(CONTENT) + 1])
def test_the_tail_is_asked_for_by_itself_and_pinned_too(n_bytes: int) -> None:
    s3 = S3()
    assert stream_of(s3).tail(n_bytes) == (CONTENT[-n_bytes:] if n_bytes else b"")
    for request in s3.requests:
        assert (request["VersionId"], request["IfMatch"]) == ("v1", '"abc"')
    assert sum(len(body.read(2000)) for body in s3.bodies) == 0, "nothing is asked for and left"


def test_the_tail_survives_a_broken_connection_and_leaves_the_chunks_alone() -> None:
    stream = stream_of(S3(10, None, 99))
    assert stream.tail(100) == CONTENT[-100:]
    assert b"".join(stream.chunks()) == CONTENT


def test_a_connection_that_keeps_breaking_without_a_byte_gives_up() -> None:
    with pytest.raises(ServiceAway) as caught:
        list(stream_of(S3(*[0] * 100)).chunks())
    assert caught.value.code == "s3_unavailable"


def test_what_s3_refuses_for_good_is_not_repeated() -> None:
    s3 = S3(refusal("KMS.DisabledException", 400))
    with pytest.raises(BadConfiguration) as caught:
        list(stream_of(s3).chunks())
    assert caught.value.code == "object_refused"
    assert "KMS.DisabledException" in caught.value.message


@pytest.mark.parametrize("code", ["RequestTimeout", "ExpiredToken", "RequestTimeTooSkewed"])
def test_a_client_error_that_passes_is_repeated(code: str) -> None:
    assert b"".join(stream_of(S3(refusal(code, 400))).chunks()) == CONTENT


def test_progress_starts_the_budget_anew() -> None:
    assert b"".join(stream_of(S3(*[1] * 100)).chunks()) == CONTENT


def test_an_outage_that_ends_in_time_is_nothing() -> None:
    outage = [refusal("SlowDown"), refusal("InternalError"), EndpointConnectionError(endpoint_url="x")]
    assert b"".join(stream_of(S3(*outage)).chunks()) == CONTENT


@pytest.mark.parametrize(
    ("answer", "code", "exit_code"),
    [
        ("NoSuchKey", "object_gone", 65),
        ("NoSuchVersion", "object_gone", 65),
        ("404", "object_gone", 65),
        ("PreconditionFailed", "object_changed", 65),
        ("412", "object_changed", 65),
        ("AccessDenied", "object_forbidden", 78),
        ("403", "object_forbidden", 78),
    ],
)
def test_what_no_repetition_can_mend_stops_at_once(answer: str, code: str, exit_code: int) -> None:
    s3, watch = S3(120, refusal(answer)), Watch()
    chunks: list[bytes] = []
    with pytest.raises(JobStop) as caught:
        for chunk in stream_of(s3, watch).chunks():
            chunks.append(chunk)
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
    assert b"".join(chunks) == CONTENT[:120]
    assert "s3://input/in/a.csv (version v1)" in caught.value.message


@pytest.mark.parametrize("broken", [refusal("SlowDown"), 0], ids=["refused", "breaking off"])
def test_sigterm_ends_the_waiting_for_s3(broken: Exception | int) -> None:
    """Without pauses, repetitions would hammer S3 until the budget is spent."""
    stop = StopSign()
    s3 = S3(*[broken] * 100)
    stream = stream_of(s3, Watch(stop))
    stop.set()
    with pytest.raises(Interrupted):
        list(stream.chunks())
    assert len(s3.requests) == 2


def test_a_range_is_what_was_asked_for() -> None:
    assert stream_of(S3(), Watch()).read(100, 50) == CONTENT[100:150]
    assert stream_of(S3(), Watch()).read(1000, 500) == CONTENT[1000:]
    assert stream_of(S3(30), Watch()).read(100, 50) == CONTENT[100:150], "a connection may break in it"


def test_an_endpoint_that_ignores_ranges_is_refused() -> None:
    """The bytes that it gives would be taken for those further on."""
    s3 = S3()
    s3.knows_ranges = False
    assert b"".join(stream_of(s3, Watch()).chunks()) == CONTENT
    with pytest.raises(BadConfiguration) as caught:
        stream_of(s3, Watch()).read(100, 50)
    assert caught.value.code == "range_ignored"
