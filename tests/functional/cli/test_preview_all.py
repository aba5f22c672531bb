"""`csvimport preview --all`: every record exactly as it was read, and every item."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from tests.functional.cli.conftest import Run, Write

_TOLD = ("--delimiter", ",")
"""These files are too small to tell."""


def all_of(run: Run, path: Path, *options: str, format_: str = "csv") -> bytes:
    result = run("preview", "--all", "--format", format_, path, *options)
    assert result.exit_code == 0, result.stderr
    return result.stdout_bytes


@pytest.mark.parametrize(
    ("content", "options", "written"),
    [
        ('a;b\n 1 ;x,y\n\n2;"c;d"\n', ("--delimiter", ";"), b'a,b\r\n 1 ,"x,y"\r\n2,c;d\r\n'),
        ("a,b\n1\n1,2,3\n", _TOLD, b"a,b\r\n1\r\n1,2,3\r\n"),
        (" a ,,a\n1,2,3\n", (*_TOLD, "--header-records", "1"), b" a ,,a\r\n1,2,3\r\n"),
        ("1,2\n3,4\n", (*_TOLD, "--header-records", "0"), b"1,2\r\n3,4\r\n"),
        ("Price,Name\nUSD,\n1,2\n", (*_TOLD, "--header-records", "2"), b"Price USD,Name\r\n1,2\r\n"),
        ('a,b\n1,"x\ny"\n', (), b'a,b\r\n1,"x\ny"\r\n'),
        ("\ufefftitle\na,b\n#c\n1,2\n", (*_TOLD, "--skip-lines", "1", "--comment", "#"), b"a,b\r\n1,2\r\n"),
        ("a,b\n1,é\n".encode("cp1252"), ("--encoding", "cp1252"), "a,b\r\n1,é\r\n".encode()),
        (b"a,b\n1,\xff\n", ("--encoding", "utf-8"), "a,b\r\n1,\ufffd\r\n".encode()),
        (b"a,b\n1,\x00\n", ("--encoding", "utf-8"), b"a,b\r\n1,\x00\r\n"),
        (gzip.compress(b"a,b\n1,2\n"), _TOLD, b"a,b\r\n1,2\r\n"),
        ("a,b\n1,2", _TOLD, b"a,b\r\n1,2\r\n"),
        ("a,b\n", (*_TOLD, "--header-records", "1"), b"a,b\r\n"),
        ("a,b\n1,007\n2, 1.50\n", (), b"a,b\r\n1,007\r\n2, 1.50\r\n"),
    ],
    ids=[
        *(
            "blanks stay",
            "ragged rows",
            "names untouched",
            "no header",
            "two header records",
            "line end in a cell",
        ),
        *(
            "nothing for ignored spans",
            "one-byte encoding",
            "undecodable",
            "NUL",
            "compressed",
            "no last line end",
        ),
        *("header only", "no typing"),
    ],
)
def test_every_record_exactly_as_read(
    run: Run, write: Write, content: bytes | str, options: tuple[str, ...], written: bytes
) -> None:
    assert all_of(run, write(content), *options) == written


def test_csv_is_what_all_means_where_no_format_is_named(run: Run, write: Write) -> None:
    assert run("preview", "--all", write("Id,Name\n1,a\n2,b\n")).stdout_bytes == b"Id,Name\r\n1,a\r\n2,b\r\n"


def test_a_damaged_row_is_written_by_its_best_reading(run: Run, write: Write) -> None:
    path = write('a,b,c\n1,2,3\n1,"x"y,3\n1,"z,3\n4,5,6\n')
    rows = list(csv.reader(io.StringIO(all_of(run, path, *_TOLD, "--quote", "double").decode(), newline="")))
    assert rows == [["a", "b", "c"], ["1", "2", "3"], ["1", '"x"y', "3"], ["1", '"z', "3"], ["4", "5", "6"]]


def test_a_file_of_many_chunks(run: Run, write: Write) -> None:
    rows = [[str(number), f'cell "{number}", of many', "x" * (number % 50)] for number in range(30_000)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["Id", "Text", "Fill"], *rows])
    assert len(text.getvalue()) > 4 * 256 * 1024
    assert all_of(run, write(text.getvalue())).decode() == text.getvalue()


def test_every_item_is_a_line_of_json(run: Run, write: Write) -> None:
    content = "ProductId,Name\n" + "".join(f"{n},\u2028\n" for n in range(9)) + ",no key\n"
    result = run("preview", "--all", "--format", "jsonl", write(content), *_TOLD)
    assert result.exit_code == 0
    items = [json.loads(line) for line in result.stdout.splitlines()]
    assert [item["ProductId"]["S"] for item in items] == list("012345678")
    assert items[0]["Name"] == {"S": "\u2028"}
    assert "1 row was rejected" in result.stderr


def test_items_need_a_key(run: Run, write: Write) -> None:
    result = run("preview", "--all", "--format", "jsonl", write("Sku\n1\n"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--partition-key NAME" in result.stderr
