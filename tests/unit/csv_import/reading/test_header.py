import pytest

from csv_import.errors import BadData
from csv_import.reading.header import Header, open_table

MAX = 1000


def header_of(*chunks: bytes) -> Header:
    return open_table(chunks, max_record_bytes=MAX)[0]


@pytest.mark.parametrize(
    ("data", "names", "raw", "mark"),
    [
        pytest.param(b"a,b\n1,2\n", ["a", "b"], b"a,b\n", 0, id="plain"),
        pytest.param(b"\xef\xbb\xbfa,b\n", ["a", "b"], b"a,b\n", 3, id="byte order mark"),
        pytest.param(
            b'\xef\xbb\xbf"a,1",b\n', ["a,1", "b"], b'"a,1",b\n', 3, id="byte order mark before a quote"
        ),
        pytest.param(b"a,b", ["a", "b"], b"a,b\n", 0, id="no line end"),
        pytest.param(b"a,b\r\n", ["a", "b"], b"a,b\r\n", 0, id="CRLF"),
        pytest.param(b"a,b\r", ["a", "b"], b"a,b\r", 0, id="CR"),
        pytest.param(b'"a\nb",c\n', ["a\nb", "c"], b'"a\nb",c\n', 0, id="a line end in a name"),
        pytest.param(b"\n\r\na\n", ["a"], b"a\n", 0, id="behind blank lines"),
        pytest.param(b" \n", [" "], b" \n", 0, id="a name of a blank"),
        pytest.param("é😀\n".encode(), ["é😀"], "é😀\n".encode(), 0, id="not ASCII"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_headers(data: bytes, names: list[str], raw: bytes, mark: int, size: int) -> None:
    header = header_of(*(data[at : at + size] for at in range(0, len(data), size)))
    assert (header.names, header.raw, header.mark) == (names, raw, mark)
    assert data[-1:] not in b"\r\n" or header.size == len(raw)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "no_header", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "no_header", id="a byte order mark alone"),
        pytest.param(b"\n\r\n\n", "no_header", id="blank lines alone"),
        pytest.param("a,b\n".encode("utf-16"), "not_text", id="UTF-16, little-endian"),
        pytest.param(b"\xfe\xff" + "a,b\n".encode("utf-16-be"), "not_text", id="UTF-16, big-endian"),
        pytest.param("a,b\n".encode("utf-16-le"), "not_text", id="UTF-16 without a mark"),
        pytest.param(b"\xff\xfe", "not_text", id="a UTF-16 mark alone"),
        pytest.param("größe\n".encode("latin-1"), "not_text", id="Latin-1"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00\n", "not_text", id="a zip archive"),
        pytest.param(b"\x1f\x8b\x08\x00\n", "not_text", id="gzip"),
        pytest.param(b"a,,c\n", "empty_column_name", id="no name"),
        pytest.param(b"a,b,\n", "empty_column_name", id="a comma at the end"),
        pytest.param(b'""\n', "empty_column_name", id="one empty name"),
        pytest.param(b"a,b,a\n", "duplicate_column", id="twice the same name"),
        pytest.param(b'a,"b\n1,2\n', "unclosed_quote", id="an unclosed quote"),
        pytest.param(b"x" * (MAX + 1), "line_too_long", id="no line end in sight"),
        pytest.param(b'"' + b"x" * MAX + b"\n", "line_too_long", id="no line end in sight, quoted"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 5000])
def test_what_is_no_header(data: bytes, code: str, size: int) -> None:
    with pytest.raises(BadData) as caught:
        header_of(*(data[at : at + size] for at in range(0, len(data), size)))
    assert caught.value.code == code
    assert caught.value.exit_code == 65


def test_the_message_says_where() -> None:
    with pytest.raises(BadData, match="line 3: column 2 of the header has no name"):
        header_of(b"\n\na,\n")


def test_a_name_that_differs_in_case_is_another_name() -> None:
    assert header_of(b"a,A\n").names == ["a", "A"]
