from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from csv_import.reading.dialect import Detection, Dialect, Escape, Finding, Given
from csv_import.reading.opening import open_file
from csv_import.reading.pinned import detection_from, reading_map
from csv_import.settings import Mode, ReadLimits


class Bytes:
    """A source of a few bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def chunks(self) -> Any:
        return iter([self.data])

    def tail(self, n_bytes: int) -> bytes:
        return self.data[-n_bytes:]


CONTENT = "\ufeffId;Größe\n1;2,5\n2;3,5\n\nstand: heute\n".encode()


def through_the_ledger(value: Any) -> Any:
    return TypeDeserializer().deserialize(TypeSerializer().serialize(value))


def test_what_was_pinned_is_found_again() -> None:
    opened = open_file(Bytes(CONTENT), given=Given(), limits=ReadLimits())
    pinned = through_the_ledger(reading_map(opened, Mode.LENIENT))
    assert (pinned["mode"], pinned["compression"]) == ("lenient", None)
    again = detection_from(pinned)
    assert again.dialect == opened.detection.dialect
    assert again.footer_bytes == opened.detection.footer_bytes
    assert reading_map(
        open_file(Bytes(CONTENT), given=Given(), limits=ReadLimits(), pinned=again), Mode.LENIENT
    ) == (reading_map(opened, Mode.LENIENT))


def test_a_later_attempt_finds_nothing_out_anew() -> None:
    pinned = Detection(
        Dialect(delimiter="|", quote=None, escape=Escape.BACKSLASH, columns=1, header_records=0),
        {"delimiter": Finding("|", 1.0, "given")},
        footer_bytes=5,
    )
    opened = open_file(Bytes(b"a;b\nc;d\nlast\n"), given=Given(), limits=ReadLimits(), pinned=pinned)
    assert [row for block in opened.blocks for row in block.rows] == [["a;b"], ["c;d"]]


def test_the_head_of_a_files_rejects_has_its_mark_and_its_header() -> None:
    opened = open_file(Bytes(CONTENT), given=Given(), limits=ReadLimits())
    assert opened.head() == "\ufeffId;Größe\n".encode()
