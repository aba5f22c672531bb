"""Each type: what a cell becomes, what is refused, what is told."""

from __future__ import annotations

from typing import Any

import pytest

from csv_import.rejects import RejectCode
from csv_import.shaping.spec import Column, Type
from csv_import.shaping.spec_checks import check_spec
from csv_import.shaping.spec_reader import read_spec
from csv_import.shaping.values.conversion import conversion
from csv_import.shaping.values.value import Notice, Refused

MANY = "9" * 38


def converted(said: str, cell: str) -> tuple[Any, list[Notice]]:
    read = read_spec(f"columns: {{X: {said}}}")
    check_spec(read)
    column: Column = read.spec.columns["X"]
    told: list[Notice] = []
    return conversion(column, column.type or Type.S, told.append)(cell), told


@pytest.mark.parametrize(
    ("said", "cell", "value"),
    [
        ("S", " x ", {"S": " x "}),
        ("N", "7", {"N": "7"}),
        ("N", "-12.5", {"N": "-12.5"}),
        ("N", "1e3", {"N": "1000"}),
        ("N", MANY, {"N": MANY}),
        ("{type: N, decimal: ','}", "-12,5", {"N": "-12.5"}),
        ("{type: N, decimal: ','}", ",5", {"N": "0.5"}),
        ("{type: N, decimal: ',', thousands: '.'}", "1.234.567,25", {"N": "1234567.25"}),
        ("{type: N, decimal: ',', thousands: '.'}", "1234567,25", {"N": "1234567.25"}),
        ("{type: N, thousands: ','}", "1,234.5", {"N": "1234.5"}),
        ('{type: N, thousands: "\'"}', "1'234", {"N": "1234"}),
        ("BOOL", "true", {"BOOL": True}),
        ("BOOL", "FALSE", {"BOOL": False}),
        ("{type: BOOL, true: [yes, 1], false: [no, 0]}", "YES", {"BOOL": True}),
        ("{type: BOOL, true: [yes, 1], false: [no, 0]}", "0", {"BOOL": False}),
        ("{type: BOOL, true: ja, false: nein}", "Nein", {"BOOL": False}),
        ("B", "QQ==", {"B": "QQ=="}),
        ("{type: B, encoding: hex}", "00fF", {"B": "AP8="}),
        ("{type: SS, separator: '|'}", "a|b|", {"SS": ["a", "b", ""]}),
        ("{type: SS, separator: ', '}", "a, b", {"SS": ["a", "b"]}),
        ("{type: SS, separator: '|', trim: true}", "a | b", {"SS": ["a", "b"]}),
        ("{type: NS, separator: ';', decimal: ','}", "1,5;2", {"NS": ["1.5", "2"]}),
        ("{type: BS, separator: ' ', encoding: hex}", "00 ff", {"BS": ["AA==", "/w=="]}),
        ("{type: L, separator: '|'}", "a||a", {"L": [{"S": "a"}, {"S": ""}, {"S": "a"}]}),
        ("{type: L, separator: '|', of: N}", "1|2.50", {"L": [{"N": "1"}, {"N": "2.5"}]}),
        (
            "{type: L, separator: '|', of: BOOL, true: j, false: n}",
            "j|n",
            {"L": [{"BOOL": True}, {"BOOL": False}]},
        ),
        ("JSON", '"x"', {"S": "x"}),
        ("JSON", "12345678901234567890.5", {"N": "12345678901234567890.5"}),
        (
            "JSON",
            ' {"a": [1, 2.50, null, true, ""], "b": {}, "c": []} ',
            {
                "M": {
                    "a": {"L": [{"N": "1"}, {"N": "2.5"}, {"NULL": True}, {"BOOL": True}, {"S": ""}]},
                    "b": {"M": {}},
                    "c": {"L": []},
                }
            },
        ),
        ("DATE", "2026-11-23", {"S": "2026-11-23"}),
        ("{type: DATE, formats: '%d.%m.%Y'}", "3.1.2026", {"S": "2026-01-03"}),
        ("{type: DATE, formats: ['%m/%d/%y', iso]}", "12/31/68", {"S": "2068-12-31"}),
        ("{type: DATE, formats: ['%m/%d/%y', iso]}", "12/31/69", {"S": "1969-12-31"}),
        ("{type: DATE, formats: ['%m/%d/%y', iso]}", "2026-02-28", {"S": "2026-02-28"}),
        ("{type: DATE, formats: '%d%m%y'}", "011124", {"S": "2024-11-01"}),
        ("{type: DATE, formats: '%Y%m%d'}", "20240111", {"S": "2024-01-11"}),
        ("{type: DATE, formats: '%d%b%Y'}", "1nov2024", {"S": "2024-11-01"}),
        ("{type: TIMESTAMP, formats: '%d.%m.%Y %H%M'}", "1.2.2024 0930", {"S": "2024-02-01T09:30:00Z"}),
        ("{type: DATE, formats: '%d %b %Y'}", "23 NOV 2026", {"S": "2026-11-23"}),
        ("{type: DATE, formats: '%B %d, %Y'}", "May 1, 2026", {"S": "2026-05-01"}),
        ("TIMESTAMP", "2026-11-23", {"S": "2026-11-23T00:00:00Z"}),
        ("TIMESTAMP", "2026-11-23 10:00", {"S": "2026-11-23T10:00:00Z"}),
        ("TIMESTAMP", "2026-11-23T10:00:00.000+0130", {"S": "2026-11-23T08:30:00Z"}),
        ("{type: TIMESTAMP, time_zone: Europe/Berlin}", "2026-07-01T10:00:00", {"S": "2026-07-01T08:00:00Z"}),
        (
            "{type: TIMESTAMP, time_zone: Europe/Berlin}",
            "2026-07-01T10:00:00Z",
            {"S": "2026-07-01T10:00:00Z"},
        ),
        ("{type: TIMESTAMP, as: iso_us}", "2026-11-23T10:00:00.5Z", {"S": "2026-11-23T10:00:00.500000Z"}),
        ("{type: TIMESTAMP, as: iso_ms}", "2026-11-23T10:00:00Z", {"S": "2026-11-23T10:00:00.000Z"}),
        ("{type: TIMESTAMP, as: epoch_s}", "1970-01-02", {"N": "86400"}),
        ("{type: TIMESTAMP, as: epoch_s}", "1969-12-31T23:59:59", {"N": "-1"}),
        ("{type: TIMESTAMP, as: epoch_ms}", "1970-01-01T00:00:00.250", {"N": "250"}),
        ("{type: TIMESTAMP, formats: epoch_ms}", "1764000000000", {"S": "2025-11-24T16:00:00Z"}),
        ("{type: TIMESTAMP, formats: epoch_s, as: iso_us}", "0.000001", {"S": "1970-01-01T00:00:00.000001Z"}),
        (
            "{type: TIMESTAMP, formats: '%d.%m.%Y %I:%M %p'}",
            "23.11.2026 12:30 am",
            {"S": "2026-11-23T00:30:00Z"},
        ),
        (
            "{type: TIMESTAMP, formats: '%Y%m%dT%H%M%S%z'}",
            "20261123T100000+0100",
            {"S": "2026-11-23T09:00:00Z"},
        ),
        ("{type: TIMESTAMP, formats: '%d.%m.%Y 100%%'}", "23.11.2026 100%", {"S": "2026-11-23T00:00:00Z"}),
        ("TTL", "2026-11-23T10:00:00.9Z", {"N": "1795428000"}),
        ("{type: TTL, formats: epoch_ms}", "1795428000999", {"N": "1795428000"}),
    ],
)
def test_a_cell_becomes(said: str, cell: str, value: dict[str, Any]) -> None:
    assert converted(said, cell)[0] == value


@pytest.mark.parametrize(
    ("said", "cell", "code", "message"),
    [
        ("N", "1,5", RejectCode.INVALID_NUMBER, "the cell is no number that DynamoDB keeps: up to 38 digits"),
        (
            "N",
            "9" * 39,
            RejectCode.INVALID_NUMBER,
            "the cell is no number that DynamoDB keeps: up to 38 digits",
        ),
        ("N", "٣", RejectCode.INVALID_NUMBER, "the cell is no number that DynamoDB keeps"),
        (
            "{type: N, decimal: ',', thousands: '.'}",
            "1.5",
            RejectCode.INVALID_NUMBER,
            "the cell is no number with ',' as decimal mark and '.' between thousands that DynamoDB keeps",
        ),
        (
            "{type: N, decimal: ','}",
            "1.5",
            RejectCode.INVALID_NUMBER,
            "the cell is no number with ',' as decimal mark",
        ),
        (
            "{type: N, decimal: ',', thousands: '.'}",
            "12.34,5",
            RejectCode.INVALID_NUMBER,
            "the cell is no number",
        ),
        (
            "{type: N, decimal: ',', thousands: '.'}",
            "1234.567",
            RejectCode.INVALID_NUMBER,
            "the cell is no number",
        ),
        (
            "{type: N, decimal: ',', thousands: '.'}",
            ".567",
            RejectCode.INVALID_NUMBER,
            "the cell is no number",
        ),
        (
            "BOOL",
            "yes",
            RejectCode.INVALID_BOOLEAN,
            "the cell is none of the words for true and false: true, false",
        ),
        ("BOOL", "", RejectCode.INVALID_BOOLEAN, "the cell is none of the words"),
        ("B", "Q", RejectCode.INVALID_BASE64, "the cell is not in Base64"),
        ("B", "QR==", RejectCode.INVALID_BASE64, "the cell is not in Base64: bits are left over at its end"),
        ("{type: BS, separator: '|'}", "QUI=|QUJ=", RejectCode.INVALID_BASE64, "the cell is not in Base64"),
        ("{type: B, encoding: hex}", "0", RejectCode.INVALID_HEX, "the cell is not in hexadecimal"),
        ("{type: B, encoding: hex}", "00 ff", RejectCode.INVALID_HEX, "the cell is not in hexadecimal"),
        ("{type: SS, separator: '|'}", "a|b|a", RejectCode.INVALID_SET, "the set holds an element twice"),
        ("{type: NS, separator: '|'}", "1|1.0", RejectCode.INVALID_SET, "the set holds an element twice"),
        ("{type: NS, separator: '|'}", "1|", RejectCode.INVALID_NUMBER, "the cell is no number"),
        ("{type: BS, separator: '|'}", "QQ==|QQ==", RejectCode.INVALID_SET, "the set holds an element twice"),
        (
            "{type: L, separator: '|', of: BOOL}",
            "true|x",
            RejectCode.INVALID_BOOLEAN,
            "the cell is none of the words",
        ),
        ("JSON", "{a: 1}", RejectCode.INVALID_JSON, "the cell is no JSON: Expecting property name"),
        (
            "JSON",
            "[1",
            RejectCode.INVALID_JSON,
            "the cell is no JSON: Expecting ',' delimiter at character 3",
        ),
        ("JSON", "NaN", RejectCode.INVALID_JSON, "the cell is no JSON: NaN and Infinity are no numbers"),
        (
            "JSON",
            '{"a":1,"a":2}',
            RejectCode.INVALID_JSON,
            "an object of the cell's JSON names a member twice",
        ),
        ("JSON", '{"":1}', RejectCode.INVALID_JSON, "a member of the cell's JSON has an empty name"),
        ("JSON", r'["\ud800"]', RejectCode.INVALID_JSON, "the cell's JSON holds half of a surrogate pair"),
        ("JSON", r'{"\ud800": 1}', RejectCode.INVALID_JSON, "the cell's JSON holds half of a surrogate pair"),
        ("JSON", "1" * 39, RejectCode.INVALID_NUMBER, "the cell is no number"),
        ("JSON", "[" * 32 + "]" * 32, RejectCode.NESTED_TOO_DEEPLY, "the cell's JSON is nested too deeply"),
        ("JSON", "[" * 100_000, RejectCode.NESTED_TOO_DEEPLY, "the cell's JSON is nested too deeply"),
        ("DATE", "23.11.2026", RejectCode.INVALID_TIME, "the cell is no date or time in the form iso"),
        ("DATE", "2026-11-23T00:00", RejectCode.INVALID_TIME, "the cell is no date or time in the form iso"),
        ("DATE", "2026-02-30", RejectCode.INVALID_TIME, "the cell is no date or time"),
        (
            "{type: DATE, formats: '%d.%m.%Y'}",
            "31.2.2026",
            RejectCode.INVALID_TIME,
            "the cell is no date or time",
        ),
        (
            "{type: DATE, formats: '%d.%m.%Y'}",
            "1.1.26",
            RejectCode.INVALID_TIME,
            "the cell is no date or time",
        ),
        (
            "TIMESTAMP",
            "2026-11-23T10:00:00.5Z",
            RejectCode.INVALID_TIME,
            "the cell's time is finer than iso keeps",
        ),
        ("TIMESTAMP", "2026-11-23T25:00:00Z", RejectCode.INVALID_TIME, "the cell is no date or time"),
        (
            "TIMESTAMP",
            "0001-01-01T00:00:00+01:00",
            RejectCode.INVALID_TIME,
            "the cell's time lies outside of the years",
        ),
        (
            "{type: TIMESTAMP, as: iso_us}",
            "2026-11-23T10:00:00.1234567",
            RejectCode.INVALID_TIME,
            "the cell is no date",
        ),
        (
            "{type: TIMESTAMP, formats: epoch_s}",
            "1e9",
            RejectCode.INVALID_TIME,
            "the cell is no date or time",
        ),
        (
            "{type: TIMESTAMP, formats: epoch_s}",
            "9" * 17,
            RejectCode.INVALID_TIME,
            "the cell is no date or time",
        ),
        (
            "{type: TIMESTAMP, time_zone: Europe/Berlin}",
            "2026-03-29T02:30:00",
            RejectCode.INVALID_TIME,
            "the clocks of Europe/Berlin never showed the cell's time",
        ),
        ("{type: DATE, formats: '%d%m%Y'}", "1112024", RejectCode.INVALID_TIME, "the cell is no date"),
        ("{type: DATE, formats: '%d%m%y'}", "11124", RejectCode.INVALID_TIME, "the cell is no date"),
        ("{type: DATE, formats: '%Y%m%d'}", "2024111", RejectCode.INVALID_TIME, "the cell is no date"),
        ("{type: DATE, formats: '%d.%m2%Y'}", "1.122024", RejectCode.INVALID_TIME, "the cell is no date"),
        (
            "{type: TIMESTAMP, formats: '%d.%m.%Y %H%M'}",
            "1.2.2024 930",
            RejectCode.INVALID_TIME,
            "the cell is no date",
        ),
        (
            "{type: TIMESTAMP, as: iso_us, formats: '%Y-%m-%d %H:%M:%S%f'}",
            "2024-01-01 10:00:0012",
            RejectCode.INVALID_TIME,
            "the cell is no date",
        ),
        (
            "JSON",
            '{"a": {"' + "x" * 65_536 + '": 1}}',
            RejectCode.INVALID_JSON,
            "a member of the cell's JSON has a name of more than 65535 bytes",
        ),
        ('{type: DATE, formats: "%d %b %Y"}', "01 Jan 0000", RejectCode.INVALID_TIME, "the cell is no date"),
        ("{type: TIMESTAMP}", "2026-11-23T10:000", RejectCode.INVALID_TIME, "the cell is no date"),
        ("{type: TIMESTAMP}", "2026-11-23T10:30:000Z", RejectCode.INVALID_TIME, "the cell is no date"),
        ("{type: TIMESTAMP}", "2026-11-23T10:30:00+01:75", RejectCode.INVALID_TIME, "the cell is no date"),
        (
            "{type: N, decimal: ',', thousands: '.'}",
            "0.123",
            RejectCode.INVALID_NUMBER,
            "the cell is no number",
        ),
    ],
)
def test_a_cell_is_refused(said: str, cell: str, code: RejectCode, message: str) -> None:
    with pytest.raises(Refused) as refused:
        converted(said, cell)
    assert refused.value.code is code
    assert refused.value.message.startswith(message)
    assert len(cell) < 4 or cell not in refused.value.message


@pytest.mark.parametrize(
    ("said", "cell", "told"),
    [
        ("N", "0", []),
        ("N", "0.5", []),
        ("N", "-7.25", []),
        ("N", "1e3", []),
        ("N", "007", [Notice.LEADING_ZEROS_LOST]),
        ("N", "-00.5", [Notice.LEADING_ZEROS_LOST]),
        ("N", "1.50", [Notice.TRAILING_ZEROS_LOST]),
        ("N", "01.0", [Notice.LEADING_ZEROS_LOST, Notice.TRAILING_ZEROS_LOST]),
        ("N", "100", []),
        ("{type: N, decimal: ','}", "1,50", [Notice.TRAILING_ZEROS_LOST]),
        ("JSON", "[1.0, 2]", [Notice.TRAILING_ZEROS_LOST]),
        ("{type: TIMESTAMP, time_zone: Europe/Berlin}", "2026-10-25T02:30:00", [Notice.AMBIGUOUS_TIME]),
        ("{type: TIMESTAMP, time_zone: Europe/Berlin}", "2026-10-25T03:30:00", []),
        ("{type: TIMESTAMP, time_zone: Europe/Berlin}", "2026-10-25T02:30:00+01:00", []),
    ],
)
def test_what_is_lost_is_told(said: str, cell: str, told: list[Notice]) -> None:
    assert converted(said, cell)[1] == told


def test_an_ambiguous_time_counts_as_the_first() -> None:
    value, _ = converted("{type: TIMESTAMP, time_zone: Europe/Berlin}", "2026-10-25T02:30:00")
    assert value == {"S": "2026-10-25T00:30:00Z"}
