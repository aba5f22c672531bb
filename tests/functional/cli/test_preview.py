"""What `csvimport preview` says of files of many kinds."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.functional.cli.conftest import Run, Write

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TABLE = "ProductId,Name,Price\n" + "".join(f"P{n:03},Name {n},{n}.50\n" for n in range(1, 21))


def seen(run: Run, *arguments: str | Path) -> dict[str, Any]:
    result = run("preview", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def names(document: dict[str, Any]) -> list[str]:
    found: list[str] = document["header"]["names"]
    return found


def strings(item: dict[str, dict[str, str]]) -> dict[str, str]:
    """An item's own attributes."""
    provenance = {"Filename", "LastModified", "CreatedTime"}
    return {name: value for name, typed in item.items() for value in typed.values() if name not in provenance}


def test_a_plain_file(run: Run, write: Write) -> None:
    document = seen(run, write(TABLE))
    assert (document["file"], document["size"], document["compression"]) == ("a.csv", len(TABLE), None)
    assert names(document) == ["ProductId", "Name", "Price"]
    assert document["keys"] == [{"name": "ProductId", "type": "S"}]
    assert document["dialect"]["delimiter"] == ","
    assert document["findings"]["delimiter"]["evidence"]
    assert len(document["items"]) == 5
    assert strings(document["items"][0]) == {"ProductId": "P001", "Name": "Name 1", "Price": "1.50"}
    assert document["items"][0]["Filename"] == {"S": "a.csv"}
    assert (document["records_read"], document["records_rejected"], document["whole_file"]) == (20, 0, True)
    assert document["ignored"] == {"header": {"spans": 1, "bytes": 21}}


def test_as_a_person_reads_it(run: Run, write: Write) -> None:
    result = run("preview", write(TABLE + "P021\n"), "--rows", "1")
    assert result.exit_code == 0
    for words in (
        "a.csv",
        "delimiter",
        "','",
        "ProductId  partition key (S)",
        "21 records in the whole file, 1 rejected",
        '"Price": {"S": "1.50"}',
        "too_few_cells",
        "1 cells, but the header has 3 columns",
    ):
        assert words in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("name", "compress"),
    [("gzip", gzip.compress), ("zstd", zstd.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)],
)
def test_a_compressed_file_is_known_by_its_content(
    run: Run, write: Write, name: str, compress: Callable[[bytes], bytes]
) -> None:
    document = seen(run, write(compress(TABLE.encode())))
    assert document["compression"] == name
    assert document["records_read"] == 20


@pytest.mark.parametrize(
    ("content", "options", "rows"),
    [
        ("ProductId;Name\n1;a,b\n2;c,d\n", (), [("1", "a,b"), ("2", "c,d")]),
        ("ProductId\tName\n1\ta\n2\tb\n", (), [("1", "a"), ("2", "b")]),
        ("ProductId;Name\n1;a\n", ("--delimiter", ";"), [("1", "a")]),
        ("ProductId\tName\n1\ta\n", ("--delimiter", r"\t"), [("1", "a")]),
        ("ProductId\tName\n1\ta\n", ("--delimiter", "tab"), [("1", "a")]),
        ("ProductId\x01Name\n1\x01a\n", ("--delimiter", r"\x01"), [("1", "a")]),
        ("ProductId||Name\n1||a|b\n", ("--delimiter", "||"), [("1", "a|b")]),
        ("ProductId,Name\n'1','a,b'\n", ("--quote", "single"), [("1", "a,b")]),
        ('ProductId,Name\n1,"a"\n', ("--quote", "none"), [("1", '"a"')]),
        ('ProductId,Name\n1,"a\\",b"\n', ("--escape", "backslash"), [("1", 'a",b')]),
        ("ProductId,Name\n1,\xe9\n".encode("cp1252"), ("--encoding", "cp1252"), [("1", "é")]),
        ("ProductId,Name\n1,é\n".encode("utf-16-le"), ("--encoding", "utf-16-le"), [("1", "é")]),
        ("\ufeffProductId,Name\n1,é\n".encode("utf-16-be"), (), [("1", "é")]),
        ("\ufeffProductId,Name\n1,a\n", (), [("1", "a")]),
        ("title\nby somebody\nProductId,Name\n1,a\n", ("--skip-lines", "2"), [("1", "a")]),
        ("ProductId,Name\n#no,row\n1,a\n", ("--comment", "#"), [("1", "a")]),
        ("ProductId,Name\n#1,a\n", ("--comment", "none"), [("#1", "a")]),
        ("ProductId,Name\r1,a\r2,b\r", ("--line-end", "cr"), [("1", "a"), ("2", "b")]),
    ],
)
def test_what_is_found_out_and_what_is_told(
    run: Run, write: Write, content: bytes | str, options: tuple[str, ...], rows: list[tuple[str, str]]
) -> None:
    document = seen(run, write(content), *options)
    assert names(document) == ["ProductId", "Name"]
    assert [tuple(strings(item).values()) for item in document["items"]] == rows
    assert document["records_rejected"] == 0


@pytest.mark.parametrize(
    ("name", "written", "codec"),
    [
        ("UTF8", "utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig", "utf-8"),
        ("ascii", "ascii", "utf-8"),
        ("utf-16", "utf-16", "utf-16-le"),
        ("UTF-16BE", "utf-16-be", "utf-16-be"),
        ("latin1", "latin-1", "iso8859-1"),
        ("Windows-1252", "cp1252", "cp1252"),
    ],
)
def test_an_encoding_by_any_of_its_names(run: Run, write: Write, name: str, written: str, codec: str) -> None:
    text = "ProductId,Name\n1,%s\n" % ("e" if written == "ascii" else "é")
    document = seen(run, write(text.encode(written)), "--encoding", name, "--delimiter", ",")
    assert document["dialect"]["encoding"] == codec
    assert strings(document["items"][0]) == {"ProductId": "1", "Name": text[-2]}


def test_several_header_records(run: Run, write: Write) -> None:
    document = seen(run, write("ProductId,Price\n,USD\n1,2\n"), "--header-records", "2", "--delimiter", ",")
    assert names(document) == ["ProductId", "Price USD"]
    assert [strings(item) for item in document["items"]] == [{"ProductId": "1", "Price USD": "2"}]


def test_a_file_without_a_header(run: Run, write: Write) -> None:
    document = seen(run, write("1,a\n2,b\n"), "--header-records", "0", "--partition-key", "column_1:N")
    assert names(document) == ["column_1", "column_2"]
    assert document["items"][0]["column_1"] == {"N": "1"}
    assert document["records_read"] == 2


def test_names_that_had_to_be_adjusted(run: Run, write: Write) -> None:
    document = seen(run, write("ProductId, Name ,,Name\n1,a,b,c\n"))
    assert names(document) == ["ProductId", "Name", "column_3", "Name_2"]
    assert [each["column"] for each in document["header"]["adjusted"]] == [2, 3, 4]


@pytest.mark.parametrize(
    ("option", "keys"),
    [
        (("--partition-key", "Name"), [{"name": "Name", "type": "S"}]),
        (("--sort-key", "Price:N"), [{"name": "ProductId", "type": "S"}, {"name": "Price", "type": "N"}]),
    ],
)
def test_keys_are_those_of_the_options(
    run: Run, write: Write, option: tuple[str, str], keys: list[dict[str, str]]
) -> None:
    document = seen(run, write(TABLE), *option)
    assert document["keys"] == keys
    assert document["items"]


def test_without_a_known_key_there_are_records_and_a_word_how_to_name_it(run: Run, write: Write) -> None:
    path = write('Sku,Name\n1,"a\x1b[31m"\n2\n')
    document = seen(run, path)
    assert (document["keys"], document["items"]) == ([], [])
    assert document["records"] == [["1", "a\x1b[31m"], ["2"]]
    assert [reject["code"] for reject in document["rejects"]] == ["too_few_cells"]
    text = run("preview", path).stdout
    assert "--partition-key NAME" in text
    assert "\x1b" not in text


def test_rejects_have_place_code_and_message(run: Run, write: Write) -> None:
    document = seen(run, write("ProductId,Name\n1,a\n,b\n3\n"), "--delimiter", ",")
    assert [(each["line"], each["offset"], each["column"], each["code"]) for each in document["rejects"]] == [
        (3, 19, "ProductId", "empty_key"),
        (4, 22, "Name", "too_few_cells"),
    ]
    assert document["records_rejected"] == 2


def test_lenient_makes_rows_fit_and_counts_them(run: Run, write: Write) -> None:
    document = seen(
        run, write("ProductId,Name,Price\n1,a,2\n2\n3,b,c,d\n"), "--mode", "lenient", "--delimiter", ","
    )
    assert [strings(item) for item in document["items"]] == [
        {"ProductId": "1", "Name": "a", "Price": "2"},
        {"ProductId": "2"},
        {"ProductId": "3", "Name": "b", "Price": "c,d"},
    ]
    assert document["mended"] == {"padded": 1, "joined": 1}
    assert document["records_rejected"] == 0


def test_bytes_that_cannot_be_decoded_break_no_document(run: Run, write: Write) -> None:
    path = write(b"Sku,Name\n1,\xff\xfe\n" + "2,é\n".encode() * 20)
    document = seen(run, path, "--encoding", "utf-8")
    assert document["records"][0] == ["1", "\ufffd\ufffd"]
    assert document["rejects"][0]["code"] == "invalid_encoding"
    assert run("preview", path, "--encoding", "utf-8").exit_code == 0


def test_a_name_that_cannot_be_decoded_breaks_no_document(run: Run, write: Write) -> None:
    document = seen(run, write(TABLE, os.fsdecode(b"\xff.csv")))
    assert document["file"] == "\ufffd.csv"
    assert document["items"][0]["Filename"] == {"S": "\ufffd.csv"}


@pytest.mark.parametrize("content", [b"\xff", b"\xc3\x80\x01\x80", b"a\xffb\n1\xff2\n3\xff4\n"])
def test_bytes_that_cannot_be_decoded_are_no_delimiter(run: Run, write: Write, content: bytes) -> None:
    document = seen(run, write(content), "--encoding", "utf-8", "--header-records", "0")
    assert document["dialect"]["delimiter"].isascii()


def test_rows_says_how_many_items(run: Run, write: Write) -> None:
    assert len(seen(run, write(TABLE), "--rows", "12")["items"]) == 12
    assert seen(run, write(TABLE), "--rows", "0")["items"] == []


def test_a_large_file_is_not_read_to_its_end(run: Run, write: Write) -> None:
    path = write("ProductId,Name\n" + "".join(f"{n},{'x' * 80}\n" for n in range(100_000)))
    document = seen(run, path)
    assert len(document["items"]) == 5
    assert document["whole_file"] is False
    assert 2_000 < document["records_read"] < 20_000


def test_an_empty_file_is_no_error(run: Run, write: Write) -> None:
    for options in ((), ("--json",), ("--all", "--format", "csv"), ("--all", "--format", "jsonl")):
        result = run("preview", write(""), *options)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (0, "", 1)
        assert "is empty" in result.stderr


@pytest.mark.parametrize("command", ["preview", "check"])
@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_used_is_one_line_and_code_2(
    run: Run, tmp_path: Path, command: str, name: str
) -> None:
    result = run(command, tmp_path / name)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("command", ["preview", "check"])
@pytest.mark.parametrize(
    "options",
    [
        ("--delimiter", ""),
        ("--quote", "xy"),
        ("--mode", "loose"),
        ("--line-end", "lfcr"),
        ("--skip-lines", "-1"),
        ("--encoding", "utf-7"),
        ("--encoding", "nonsense"),
        ("--partition-key", "x" * 256),
        ("--partition-key", "Filename:N"),
    ],
    ids=" ".join,
)
def test_an_option_that_cannot_be_used_is_code_2(
    run: Run, write: Write, command: str, options: tuple[str, str]
) -> None:
    result = run(command, write(TABLE), *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


@pytest.mark.parametrize("options", [("--format", "csv"), ("--all", "--format", "csv", "--json")])
def test_options_that_do_not_go_together(run: Run, write: Write, options: tuple[str, ...]) -> None:
    result = run("preview", write(TABLE), *options)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("command", ["preview", "check"])
@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"PK\x03\x04" + bytes(200), (), "not_text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(200), (), "not_text"),
        (gzip.compress(TABLE.encode())[:-20], (), "corrupt_compression"),
        (TABLE.encode(), ("--partition-key", "Sku"), "missing_key_column"),
    ],
    ids=["archive", "PDF", "cut short", "no such key"],
)
def test_what_is_no_table_is_one_line_with_code_and_remedy(
    run: Run, write: Write, *, command: str, content: bytes, options: tuple[str, ...], code: str
) -> None:
    result = run(command, write(content), *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"csvimport: {code}: ")
    assert result.stderr.count("\n") == 1
