"""`preview --all`: every record as it was read, or every item, to standard output."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import IO

from cli.csv_file import CsvFile
from cli.json_lines import json_line_of
from cli.visible import decodable
from csv_import.reading.blocks import RecordBlock
from csv_import.reading.opening import OpenedFile
from csv_import.rejects import Reject


def write_csv(opened: OpenedFile, out: IO[bytes], on_block: Callable[[RecordBlock], None]) -> None:
    """Write every record exactly as it was read: UTF-8, commas, doubled quotes where needed, CRLF (RFC 4180).

    Rows keep their width and a damaged row is written by its best reading. The header comes first where the
    file has one; nothing is written for what is no record.
    """
    if opened.header.as_read:
        out.write(csv_bytes([opened.header.as_read]))
    for block in opened.blocks:
        out.write(csv_bytes(block.rows))
        on_block(block)


def csv_bytes(rows: Iterable[list[str]]) -> bytes:
    """Rows as CSV; bytes that could not be decoded as U+FFFD."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    written = text.getvalue()
    try:
        return written.encode()
    except UnicodeEncodeError:
        return decodable(written).encode()


def write_items(file: CsvFile, out: IO[bytes], on_block: Callable[[RecordBlock], None]) -> int:
    """Write every item as a line of DynamoDB's JSON; gives how many rows were rejected."""
    rejected = 0
    for block in file.opened.blocks:
        lines: list[bytes] = []
        for outcome in file.outcomes(block):
            if isinstance(outcome, Reject):
                rejected += 1
            else:
                lines += [json_line_of(item.body) for item in outcome]
        out.writelines(lines)
        on_block(block)
    return rejected
