"""Specs of all kinds and rows for them, good and bad."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.plan import Plan, plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.spec_reader import read_spec

WHEN = datetime(2026, 1, 1, 23, 59, 59, 990_000, tzinfo=UTC)
NAMES = ["Id", "A", "B", "C"]

NUMBERS = [
    "0",
    "7",
    "-1",
    "007",
    "1.50",
    "0.0",
    "-0",
    "-0.00",
    "1e3",
    "1.",
    ".5",
    "12345678901234567890123.5",
]
TIMES = [
    *("2026-11-23T10:00:00Z", "2026-11-23T10:00:00+01:00", "2024-02-29T00:00:00Z", "2026-02-29T00:00:00Z"),
    *(
        "2026-11-23T10:00:00.250Z",
        "2026-11-23T10:00:00.250001Z",
        "0000-01-01T00:00:00Z",
        "2026-11-23T24:00:00Z",
    ),
    *("2026-10-25T02:30:00", "2026-03-29T02:30:00", "1764000000", "99999999999", "253402300800"),
]
DATES = ["2026-11-23", "2026-11-31", "2024-02-29", "2023-02-29", "0000-01-01", "1.2.2026"]
ODD = [
    "",
    " ",
    " x ",
    "x",
    '"',
    '",',
    ",",
    "\\",
    '","A":{"S":""}',
    "\x7f",
    "\ufdd0",
    "\n",
    "é🔥",
    "NULL",
    "x" * 25,
]
CELLS = {
    "S": ["x", "yy", "é🔥", '"', ","],
    "N": NUMBERS,
    "TIMESTAMP": TIMES,
    "TTL": TIMES,
    "DATE": DATES,
    "BOOL": ["true", "FALSE", "j", "n"],
    "B": ["QQ==", "AAEC", "QR==", "00ff", "AA" * 16],
    "SS": ["a|b", "a|a", " a | b "],
    "NS": ["1|2", "1|1.0", "01|2.50"],
    "L": ["1|01", "a||b"],
    "JSON": ['{"A": "", "B": {"Id": ""}}', "[1.50, null]", "{", '"x"'],
}
SAID = {
    "S": [""],
    "N": ["", ", decimal: ','", ", decimal: ',', thousands: '.'"],
    "TIMESTAMP": [
        "",
        ", as: iso_ms",
        ", as: iso_us",
        ", time_zone: Europe/Berlin",
        ", formats: epoch_s, as: epoch_s",
    ],
    "TTL": ["", ", formats: epoch_s", ", formats: [epoch_ms, iso]"],
    "DATE": ["", ", formats: ['%d.%m.%Y', iso]"],
    "BOOL": ["", ", true: [j], false: [n]"],
    "B": ["", ", encoding: hex"],
    "SS": [", separator: '|'"],
    "NS": [", separator: '|'"],
    "L": [", separator: '|'", ", separator: '|', of: N"],
    "JSON": [""],
}
EXTRAS = [
    "",
    ", required: true",
    ", empty: null",
    ", nulls: [NULL, '0']",
    ", nulls: NULL, nulls_as: omit",
    ", empty: remove, nulls: '7', nulls_as: remove",
]
WITH_TRIM = ("S", "N", "TIMESTAMP", "DATE", "BOOL", "SS", "L")


@st.composite
def columns(draw: st.DrawFn, *, key: bool) -> tuple[str, list[str]]:
    """What is said of a column, and what may stand in its cells."""
    type_ = "S" if key else draw(st.sampled_from(list(CELLS)))
    said = f"type: {type_}" + draw(st.sampled_from(SAID[type_]))
    said += draw(st.sampled_from(EXTRAS[:2] if key else EXTRAS))
    if type_ in WITH_TRIM and draw(st.booleans()):
        said += ", trim: true"
    if type_ == "S" and not key and "empty" not in said and "required" not in said:
        said += draw(st.sampled_from(["", ", default: d", ", empty: string"]))
    return f"{{{said}}}", CELLS[type_]


ATTRIBUTES = [
    "",
    "attributes: {T: 'P#{Id}#{A}'}\n",
    "attributes: {T: {value: '{A}{Id}', required: true}, K: 'it''s', m.n: x}\n",
    "attributes: {T: {value: '0{A}', type: N}}\n",
    "attributes: {T: '{A}', n.t: '{Id}'}\n",
    """attributes: {T: {value: '[{{"x": 1, "A": "", "B": ""}}]', type: JSON}}\n""",
]
ITEMS = [
    "",
    "items: [{}, {attributes: {Id: 'x{A}'}, columns: [B], optional: true}]\n",
    "items: [{}, {attributes: {Id: '{A}', T: {value: '0{B}', type: N}}, columns: [C], optional: true}]\n",
    "items: [{attributes: {Id: 'P#{Id}'}, columns: [A, B]}, {attributes: {Id: 'C#{A}#{B}'}, columns: []}]\n",
]
SCHEMAS = [
    KeySchema((KeyAttribute("Id", "S", 20),)),
    KeySchema((KeyAttribute("Id", "S", 20), KeyAttribute("CreatedTime", "S", 1024))),
    KeySchema((KeyAttribute("Id", "S", 2048),), (KeyAttribute("Z", "S", 10),)),
]


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """A spec, which may be unsound, and rows."""
    said = [draw(columns(key=name == "Id")) for name in NAMES]
    named = ", ".join(f"{name}: {text}" for name, (text, _) in zip(NAMES, said, strict=True))
    spec = f"columns: {{{named}}}\n" + draw(st.sampled_from(ATTRIBUTES)) + draw(st.sampled_from(ITEMS))
    spec += draw(st.sampled_from(["", "provenance: off\n", "mode: update\n", "mode: delete\n"]))
    pools = [
        [*mostly, *mostly, *mostly, *(("",) if name != "Id" else ()), draw(st.sampled_from(ODD))]
        for name, (_, mostly) in zip(NAMES, said, strict=True)
    ]
    chance = draw(st.randoms(use_true_random=False))
    rows = [[chance.choice(pool) for pool in pools] for _ in range(draw(st.integers(1, 80)))]
    if draw(st.booleans()):
        rows.insert(len(rows) // 2, draw(st.lists(st.sampled_from(ODD), max_size=5)))
    return spec, rows


def plan(spec: str, schema: KeySchema) -> Plan:
    return plan_for(read_spec(spec), NAMES, schema, Provenance('in/"a".csv', WHEN))
