"""Dialects, and text that means something in them."""

from __future__ import annotations

from hypothesis import strategies as st

from csv_import.reading.dialect import Dialect, Escape, LineEnd

dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", ",", ";", "\t", " ", "||", "::", "|"]),
    quote=st.sampled_from(['"', '"', '"', "'", None]),
    escape=st.sampled_from([Escape.DOUBLED, Escape.DOUBLED, Escape.BACKSLASH]),
    padded_quotes=st.sampled_from([False, False, True]),
    line_end=st.sampled_from([LineEnd.ANY, LineEnd.ANY, *LineEnd]),
    comment=st.sampled_from([None, None, "#", "//"]),
    columns=st.sampled_from([None, 1, 2, 2, 3, 4]),
)
plain_dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", ";", "\t"]),
    columns=st.sampled_from([None, 1, 2, 3, 4]),
)
ENDS = {
    LineEnd.ANY: ["\n", "\n", "\n", "\r\n", "\r"],
    LineEnd.LF: ["\n"],
    LineEnd.CRLF: ["\r\n"],
    LineEnd.CR: ["\r"],
}


def texts(dialect: Dialect, *, max_size: int = 40) -> st.SearchStrategy[str]:
    """Text of what a reader of the dialect can stumble over, more often than chance would have it."""
    quote = dialect.quote or '"'
    pieces = [
        *([quote] * 4),
        quote * 2,
        *([dialect.delimiter] * 4),
        dialect.delimiter[0],
        *(ENDS[dialect.line_end] * 2),
        "\n",
        "\r",
        "\\",
        " ",
        dialect.comment or "#",
        "a",
        "bc",
        "é",
        "\0",
        "\u2028",
    ]
    return st.lists(st.sampled_from(pieces), max_size=max_size).map("".join)
