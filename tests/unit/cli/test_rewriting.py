import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.rewriting import csv_bytes

cells = st.text(st.sampled_from('a",;\r\n \té') | st.characters(codec="utf-8"), max_size=5)


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=5))
def test_any_rows_are_read_back_as_they_were(rows: list[list[str]]) -> None:
    written = csv_bytes(rows).decode()
    assert list(csv.reader(io.StringIO(written, newline=""), strict=True)) == rows


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (["a", " b ", ""], b"a, b ,\r\n"),
        (["a,b", 'c"d'], b'"a,b","c""d"\r\n'),
        (["a\rb", "c\nd", "e\r\nf"], b'"a\rb","c\nd","e\r\nf"\r\n'),
        ([""], b'""\r\n'),
        (["\udcff", "é"], "\ufffd,é\r\n".encode()),
    ],
    ids=["untouched", "quotes where needed", "line ends", "one empty cell", "undecodable"],
)
def test_a_row_as_it_is_written(row: list[str], line: bytes) -> None:
    assert csv_bytes([row]) == line
