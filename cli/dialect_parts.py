"""The parts of a dialect as a person writes them in an option."""

import re
from collections.abc import Callable

from cli.visible import decodable
from csv_import.reading.dialect import Escape, Given, LineEnd

_NAMES = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
_QUOTES = {"double": '"', "single": "'", "none": ""}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([tnr\\]))")
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def given(
    *,
    delimiter: str | None = None,
    quote: str | None = None,
    escape: Escape | None = None,
    encoding: str | None = None,
    line_end: LineEnd | None = None,
    comment: str | None = None,
    skip_lines: int | None = None,
    header_records: int | None = None,
) -> Given:
    """Give what the options say. Raises ValueError, whose message names the option and what it takes."""
    parts = Given(
        encoding=encoding,
        delimiter=_read(delimiter, _delimiter),
        quote=_read(quote, _quote),
        escape=escape,
        line_end=line_end,
        comment=_read(comment, _comment),
        skipped_lines=skip_lines,
        header_records=header_records,
    )
    if parts.quote and parts.delimiter and parts.quote in parts.delimiter:
        raise ValueError("--quote and --delimiter are one character; name two that differ")
    return parts


def characters(text: str) -> str:
    r"""Read `\t`, `\x01`, `\u00a6` and `\\` in an option; other characters stand for themselves. Raises ValueError."""

    def read(match: re.Match[str]) -> str:
        byte, unit, letter = match.groups()
        return _LETTERS[letter] if letter else chr(int(byte or unit, 16))

    meant = _ESCAPE.sub(read, text)
    if meant != decodable(meant):
        raise ValueError("an option holds bytes, or half of a character, that are no text")
    return meant


def _read(text: str | None, parse: Callable[[str], str]) -> str | None:
    return None if text is None else parse(text)


def _delimiter(text: str) -> str:
    delimiter = _NAMES.get(text) or characters(text)
    if not delimiter:
        raise ValueError(r"--delimiter is empty; give one or more characters, such as ';', tab or \x01")
    if _breaks_line(delimiter):
        raise ValueError("--delimiter holds a line end, which ends a record already")
    return delimiter


def _quote(text: str) -> str:
    quote = _QUOTES.get(text) if text in _QUOTES else characters(text)
    assert quote is not None
    if len(quote) > 1 or _breaks_line(quote):
        raise ValueError("--quote is one character, or double, single or none")
    return quote


def _comment(text: str) -> str:
    comment = "" if text == "none" else characters(text)
    if _breaks_line(comment):
        raise ValueError("--comment holds a line end; give what a comment line begins with")
    return comment


def _breaks_line(text: str) -> bool:
    return "\n" in text or "\r" in text
