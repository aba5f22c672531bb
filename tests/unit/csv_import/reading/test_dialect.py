from decimal import Decimal

import pytest

from csv_import.reading.dialect import STANDARD, Dialect, Escape, Given, LineEnd, dialect_from

ODD = Dialect(
    encoding="cp1252",
    delimiter="||",
    quote=None,
    escape=Escape.BACKSLASH,
    padded_quotes=True,
    line_end=LineEnd.CR,
    comment="#",
    spares_records=True,
    skipped_lines=3,
    header_records=2,
    columns=7,
)


@pytest.mark.parametrize("dialect", [STANDARD, ODD])
def test_a_pinned_dialect_is_read_back_equal(dialect: Dialect) -> None:
    pinned = {
        name: Decimal(value) if type(value) is int else value for name, value in dialect.as_map().items()
    }
    assert dialect_from(pinned) == dialect


def test_what_is_given_wins() -> None:
    given = Given(delimiter=";", quote="", comment="%", header_records=0)
    assert given.over(ODD) == Dialect(
        encoding="cp1252",
        delimiter=";",
        quote=None,
        escape=Escape.BACKSLASH,
        padded_quotes=True,
        line_end=LineEnd.CR,
        comment="%",
        spares_records=True,
        skipped_lines=3,
        header_records=0,
        columns=7,
    )
    assert given.names() == {"delimiter", "quote", "comment", "header_records"}


def test_nothing_given_changes_nothing() -> None:
    assert Given().over(ODD) == ODD
    assert Given().names() == frozenset()


@pytest.mark.parametrize(
    ("dialect", "plain"),
    [
        (STANDARD, True),
        (Dialect(delimiter="\t", quote="'"), True),
        (Dialect(quote=None), True),
        (Dialect(quote=None, escape=Escape.BACKSLASH), False),
        (Dialect(escape=Escape.BACKSLASH), False),
        (Dialect(delimiter=", "), False),
        (Dialect(comment="#"), False),
        (Dialect(line_end=LineEnd.LF), False),
        (Dialect(padded_quotes=True), False),
    ],
)
def test_csv_reader_reads_what_is_plain(dialect: Dialect, plain: bool) -> None:
    assert dialect.is_plain is plain
