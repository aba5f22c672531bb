"""The judge of the reader: one character at a time, the whole file in memory, none of the project's code."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")

UNCLOSED = "unclosed"
NOT_UTF8 = "not utf-8"


@dataclass(frozen=True)
class Found:
    """A record: where it starts, its bytes, and its cells or what is wrong with it."""

    line: int
    record: int
    offset: int
    raw: bytes
    cells: tuple[str, ...] | str


@dataclass(frozen=True)
class Reading:
    """The records up to the end, or up to the line that is too long."""

    records: list[Found]
    too_long: int | None = None


def lines_of(data: bytes) -> list[bytes]:
    """LF, CRLF and CR end a line, and nothing else."""
    return _LINE.findall(data)


def read(data: bytes, max_record_bytes: int) -> Reading:
    """Read `data` record by record, a record being the fewest lines after which no quote is open."""
    lines = lines_of(data)
    found: list[Found] = []
    first = offset = 0
    while first < len(lines):
        if len(lines[first]) > max_record_bytes:
            return Reading(found, too_long=first + 1)
        last = _end_of_record(lines, first)
        damaged = last is None or sum(map(len, lines[first:last])) > max_record_bytes
        if damaged:
            last = first + 1
        raw = b"".join(lines[first:last])
        cells = UNCLOSED if damaged else _cells(raw)
        if cells:
            found.append(Found(first + 1, len(found) + 1, offset, raw, cells))
        offset += len(raw)
        first = last or 0
    return Reading(found)


def _end_of_record(lines: list[bytes], first: int) -> int | None:
    quoted = False
    for index in range(first, len(lines)):
        quoted = _open_after(lines[index].rstrip(b"\r\n"), quoted)
        if not quoted:
            return index + 1
    return None


def _open_after(line: bytes, quoted: bool) -> bool:
    """Whether a quoted cell is open behind the line, if one was (not) open before it."""
    at_start, after_quote = not quoted, False
    for character in line.decode("latin-1"):
        if quoted:
            quoted = character != '"'
            after_quote = not quoted
        elif after_quote and character == '"':
            quoted, after_quote = True, False
        elif character == '"' and at_start:
            quoted, at_start = True, False
        else:
            at_start, after_quote = character == ",", False
    return quoted


def _cells(raw: bytes) -> tuple[str, ...] | str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    rows = list(csv.reader(line.decode() for line in lines_of(raw)))
    assert len(rows) == 1, text
    return tuple(rows[0])
