"""The usual form of a column takes nothing that a cell by itself would not come to, and tells what is lost."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csv_import.shaping.cells import cell_reader
from csv_import.shaping.spec import Absent, Column, Form, Type
from csv_import.shaping.usual import usual
from csv_import.shaping.values.conversion import conversion
from csv_import.shaping.values.value import Notice

COLUMNS = {
    "S": Column(type=Type.S),
    "S, required": Column(type=Type.S, required=True),
    "S, empty ones too": Column(type=Type.S, empty=Absent.STRING),
    "N": Column(type=Type.N),
    "N, null where empty": Column(type=Type.N, empty=Absent.NULL),
    "N, by default": Column(type=Type.N, default="7"),
    "DATE": Column(type=Type.DATE),
    "TIMESTAMP": Column(type=Type.TIMESTAMP, time_zone="Europe/Berlin"),
    "TIMESTAMP, ms": Column(type=Type.TIMESTAMP, as_=Form.ISO_MS, formats=("iso", "epoch_s")),
    "TIMESTAMP, us": Column(type=Type.TIMESTAMP, as_=Form.ISO_US),
    "TIMESTAMP, s since 1970": Column(type=Type.TIMESTAMP, formats=("epoch_s",), as_=Form.EPOCH_S),
    "TIMESTAMP, ms since 1970": Column(type=Type.TIMESTAMP, formats=("epoch_ms",), as_=Form.EPOCH_MS),
    "TTL": Column(type=Type.TTL, formats=("epoch_s", "iso")),
}
DAYS = r"[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]"
CELLS = st.one_of(
    st.just(""),
    st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{0,4})?", fullmatch=True),
    st.from_regex(r"-?0?[0-9]{15,40}(\.[0-9]{15,25})?", fullmatch=True),
    st.from_regex(r"-?0\.?0*", fullmatch=True),
    st.from_regex(DAYS, fullmatch=True),
    st.from_regex(DAYS + r"T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{3}|\.[0-9]{6})?Z", fullmatch=True),
    st.text(alphabet='0129-.eETZ:+ \n\\"\x7f٣', max_size=12),
)


@pytest.mark.parametrize("name", COLUMNS)
@given(cells=st.lists(CELLS, min_size=1, max_size=3))
@example(cells=["2024-02-29"])
@example(cells=["2100-02-29"])
@example(cells=["0000-01-01T00:00:00Z"])
@example(cells=["99999999999", "0"])
@example(cells=["-0"])
@example(cells=["1.50", "2", "0.00"])
@settings(max_examples=250, deadline=None)
def test_a_usual_column_is_what_its_cells_are(name: str, cells: list[str]) -> None:
    said, told = COLUMNS[name], list[Notice]()
    assert said.type is not None
    way = usual(said, said.type)
    assert way is not None
    escaped = [orjson.dumps(cell)[1:-1] for cell in cells]
    texts = way.texts(escaped)
    if texts is None:
        return
    read = cell_reader(said, conversion(said, said.type, told.append))
    told.clear()  # of the default
    for cell, before, text in zip(cells, escaped, texts, strict=True):
        value = read(cell)
        assert (value is None) == (not text)
        if value is not None:
            assert orjson.dumps(value) == b'{"%b":"%b"}' % (way.kind.encode(), text)
        assert told == ([Notice.TRAILING_ZEROS_LOST] if text != before else [])
        told.clear()


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("N", ["1", "", "-25"]),
        ("N", ["1.50", "3", "-0.25"]),
        ("DATE", ["2026-11-23", ""]),
        ("TIMESTAMP", ["2026-11-23T10:00:00Z", "2026-12-31T23:59:59Z"]),
        ("TTL", ["1764000000"]),
    ],
)
def test_common_columns_are_usual(name: str, cells: list[str]) -> None:
    said = COLUMNS[name]
    assert said.type is not None
    way = usual(said, said.type)
    assert way is not None
    assert way.texts([cell.encode() for cell in cells]) is not None
