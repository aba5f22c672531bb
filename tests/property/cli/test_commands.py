"""Whatever a file holds and however it is to be read: an answer that adds up, or one clear line."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from cli.app import app

_PIECES = [
    *(
        b"Id",
        b"1",
        b"b c",
        b",",
        b",",
        b";",
        b"\t",
        b"||",
        b"\n",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b'"',
        b'"',
        b"'",
        b"\\",
    ),
    *(b"#", b"\xff", b"\xfe", b"\0", b"\xc3\xa9", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"sep=;\n"),
]
contents = st.lists(st.sampled_from(_PIECES), max_size=50).map(b"".join) | st.binary(max_size=60)
options = st.fixed_dictionaries(
    {"--partition-key": st.sampled_from(["Id", "column_1", "Filename"])},
    optional={
        "--delimiter": st.sampled_from([",", ";", "tab", "||", r"\x01"]),
        "--quote": st.sampled_from(["double", "single", "none"]),
        "--escape": st.sampled_from(["doubled", "backslash"]),
        "--encoding": st.sampled_from(["utf-8", "utf-16", "utf-16-be", "cp1252", "latin-1", "koi8-r"]),
        "--line-end": st.sampled_from(["any", "lf", "crlf", "cr"]),
        "--comment": st.sampled_from(["#", "none"]),
        "--skip-lines": st.sampled_from(["0", "1", "3"]),
        "--header-records": st.sampled_from(["0", "1", "2"]),
        "--mode": st.sampled_from(["strict", "lenient"]),
    },
)


def run(content: bytes, *arguments: str, given_options: dict[str, str]) -> Result:
    said = [part for option in given_options.items() for part in option]
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        Path(file.name).write_bytes(content)
        result = CliRunner().invoke(app, [*arguments, file.name, *said])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@settings(max_examples=100, deadline=None)
@given(contents, options)
def test_check_answers_or_refuses_in_one_line(content: bytes, given_options: dict[str, str]) -> None:
    result = run(content, "check", "--json", given_options=given_options)
    if not result.stdout:
        assert result.exit_code in (1, 2)
        assert result.stderr.count("\n") == 1
        return
    document = json.loads(result.stdout)
    assert document["equation_holds"] is True
    assert result.exit_code == int(document["rows_rejected"] > 0)
    assert document["rows_read"] == document["rows_accepted"] + document["rows_rejected"]
    if document["compression"] is None:
        assert document["bytes"]["read"] == len(content)


@settings(max_examples=100, deadline=None)
@given(contents, options)
def test_all_records_are_as_many_as_check_reads(content: bytes, given_options: dict[str, str]) -> None:
    written = run(content, "preview", "--all", given_options=given_options)
    checked = run(content, "check", "--json", given_options=given_options)
    if not checked.stdout:
        return
    document = json.loads(checked.stdout)
    rows = list(csv.reader(io.StringIO(written.stdout_bytes.decode(), newline=""), strict=True))
    header = int(document["dialect"]["header_records"] > 0)
    assert len(rows) == header + document["rows_read"]


@settings(max_examples=100, deadline=None)
@given(contents, options)
def test_preview_shows_or_refuses_in_one_line(content: bytes, given_options: dict[str, str]) -> None:
    for arguments in (("preview",), ("preview", "--json")):
        result = run(content, *arguments, given_options=given_options)
        assert (result.exit_code == 0) == bool(result.stdout or not content)
        assert "\x1b" not in result.stdout
        assert result.stderr.count("\n") == (0 if result.stdout else 1)
