"""What a spec says of a file's dialect, held against itself and against what can be read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from csv_import.errors import BadConfiguration
from csv_import.reading.detection.detect import check_given
from csv_import.reading.detection.encoding import refuse_unsupported
from csv_import.reading.dialect import Given
from csv_import.shaping.spec_kinds import Problem


def dialect_problems(given: Given) -> Iterator[Problem]:
    """What keeps any file from being read so."""
    encoding = _encoding_problem(given.encoding)
    if encoding is not None:
        yield ("dialect", "encoding"), encoding
    elif given.encoding is not None and not _writes(given.encoding, given.delimiter or ""):
        yield (
            ("dialect", "delimiter"),
            f"the encoding {given.encoding} has no {given.delimiter!r}; take another",
        )
    if given.quote and len(given.quote) > 1:
        yield ("dialect", "quote"), f"a quote is one character, not {given.quote!r}; '' where there is none"
    elif given.delimiter is not None and set(given.delimiter) & {"\n", "\r", given.quote}:
        yield ("dialect", "delimiter"), "a delimiter holds no line end and no quote"
    else:
        try:
            check_given(given)
        except BadConfiguration as refused:
            yield ("dialect",), refused.message


def _encoding_problem(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        return f"there is no encoding {encoding!r}; utf-8 and cp1252 are common ones"
    try:
        refuse_unsupported(encoding)
    except BadConfiguration as refused:
        return refused.message
    return None


def _writes(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
