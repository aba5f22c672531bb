"""Files that are not as they should be: a clear outcome with its place, and the good rows are in the table."""

import json
from dataclasses import dataclass

import pytest

from tests.end_to_end.application import Application


@dataclass(frozen=True)
class Bad:
    """A bad file and what must become of it."""

    content: bytes
    state: str
    code: str
    place: int | None
    """Line of the reject; None where the file as a whole fails, or nothing does."""
    items: tuple[str, ...] = ()
    read: int = 0


CASES = {
    "binary": Bad(bytes(range(256)) * 40, "FAILED", "not_text", None),
    "no key column": Bad(b"Sku,Name\n1,a\n", "FAILED", "missing_key_column", None),
    "too many cells": Bad(
        b"ProductId,Name\ng1,a\nb1,b,c\ng2,d\n", "DONE", "too_many_cells", 3, ("g1", "g2"), 3
    ),
    "empty key": Bad(b"ProductId,Name\ng3,a\n,b\n", "DONE", "empty_key", 3, ("g3",), 2),
    "a quote left open": Bad(b'ProductId,Name\ng4,a\nb4,"b\ng5,c\n', "DONE", "unclosed_quote", 3, ("g4",)),
    "not UTF-8": Bad(
        "ProductId,Name\ng6,äöü\n".encode() + b"b6,\xff\ng7,b\n",
        "DONE",
        "invalid_encoding",
        3,
        ("g6", "g7"),
        3,
    ),
    "header only": Bad(b"ProductId,Name\n", "DONE", "", None),
    "header without line end": Bad(b"ProductId,Name", "DONE", "", None),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_file(application: Application, name: str) -> None:
    bad = CASES[name]
    key = f"bad/{name}.csv"
    dropped = application.drop(key, bad.content)
    import_ = application.closed(dropped.import_id)
    report = application.report(dropped.import_id)
    assert (import_.state, report["state"]) == (bad.state, bad.state)
    assert report["equation_holds"]
    assert set(bad.items) <= set(application.items(key))
    if bad.state == "FAILED":
        assert (import_.failure and import_.failure.code) == bad.code
        assert report["error"]["code"] == bad.code
    if bad.place:
        (first, *_) = report["rejects"]["first"]
        assert (first["code"], first["line"]) == (bad.code, bad.place)
        check_rejects(application, dropped.import_id, bad)


def check_rejects(application: Application, import_id: str, bad: Bad) -> None:
    """Look for the reject in the files of rejects: byte for byte, under the file's own header."""
    lines = bad.content.splitlines(keepends=True)
    rejects = application.artifact(import_id, "rejects.csv")
    assert rejects.startswith(lines[0])
    assert lines[(bad.place or 0) - 1] in rejects
    first = json.loads(application.artifact(import_id, "rejects.jsonl").splitlines()[0])
    start = first["offset"]
    assert bad.content[start : start + first["length"]] in rejects


def test_mended_rejects_go_in_when_dropped_again(application: Application) -> None:
    dropped = application.drop("mend.csv", b"ProductId,Name\nm1,a\nm2,b,c\n")
    application.closed(dropped.import_id)
    mended = application.artifact(dropped.import_id, "rejects.csv").replace(b",c", b"")
    again = application.drop("mend-again.csv", mended)
    assert application.closed(again.import_id).state == "DONE"
    assert application.items("mend-again.csv")["m2"]["Name"] == {"S": "b"}
