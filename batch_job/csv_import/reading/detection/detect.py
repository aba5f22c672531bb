"""The way from a file's first bytes to a dialect, one part after the other, each with its evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from csv_import.errors import BadConfiguration
from csv_import.reading.detection.comments import find_comment
from csv_import.reading.detection.encoding import decode, encoded_size, find_encoding
from csv_import.reading.detection.footer import find_footer
from csv_import.reading.detection.header_rows import find_header
from csv_import.reading.detection.key_names import header_that_names, line_that_names
from csv_import.reading.detection.line_ends import find_record_end
from csv_import.reading.detection.preamble import find_preamble, separator_line
from csv_import.reading.detection.sample import Sample, lines_of, read_sample, usual_width
from csv_import.reading.detection.search import Choice, choose, refine
from csv_import.reading.dialect import Detection, Dialect, Escape, Finding, Given

_HEAD = 32_768
_TAIL = 16_384
_AGREED = 0.9


def detect(
    front: bytes, *, complete: bool, tail: bytes | None, given: Given, key_names: Collection[str] = ()
) -> Detection:
    """Find out the dialect of a file.

    Args:
        front: the decompressed file's first bytes, 256 KiB or fewer.
        complete: whether that is the whole file.
        tail: the file's last bytes, where `front` is not the whole and they can be had.
        given: what the caller knows; it wins over all evidence and helps to find the rest.
        key_names: columns that the table's key needs: a record that has them all is the header.

    Raises:
        BadData: `not_text`.
        BadConfiguration: `unsupported_encoding`, `invalid_dialect`.
    """
    check_given(given)
    encoding = find_encoding(front, given.encoding)
    if given.encoding is not None:
        given = replace(given, encoding=str(encoding.value))  # as the codec's own name
    text = decode(front, str(encoding.value))
    try:
        (given.delimiter or "").encode(str(encoding.value))
    except UnicodeEncodeError:
        raise BadConfiguration(
            "invalid_dialect", f"the given delimiter does not exist in the encoding {encoding.value}"
        ) from None
    return _Search(
        text,
        complete,
        tail,
        given,
        frozenset(key_names),
        {"encoding": encoding, "record_end": find_record_end(text)},
    ).detection()


def check_given(given: Given) -> None:
    """Refuse parts of a dialect that no file can be read with.

    Raises:
        BadConfiguration: `invalid_dialect`.
    """
    problem = None
    if given.delimiter is not None and (not given.delimiter or set(given.delimiter) & set("\r\n")):
        problem = "a delimiter is one or more characters, and no line end"
    elif given.quote and (len(given.quote) > 1 or given.quote in "\r\n"):
        problem = "a quote is one character, and no line end; give the empty string for none"
    elif given.delimiter and ('"' if given.quote is None else given.quote or "\n") in given.delimiter:
        problem = "quote and delimiter are the same character; give another quote, or none"
    elif given.delimiter and "\\" in given.delimiter and given.escape is Escape.BACKSLASH:
        problem = "delimiter and escape are the same character"
    elif given.comment and set(given.comment) & set("\r\n"):
        problem = "the mark of a comment holds no line end"
    elif min(given.skipped_lines or 0, given.header_records or 0) < 0:
        problem = "lines and records are counted from 0"
    if problem:
        raise BadConfiguration("invalid_dialect", f"the given dialect cannot be used: {problem}")


@dataclass(slots=True)
class _Search:
    """What is known so far of one file."""

    text: str
    complete: bool
    tail: bytes | None
    given: Given
    key_names: frozenset[str]
    findings: dict[str, Finding] = field(default_factory=dict)

    def detection(self) -> Detection:
        given = self.given
        start = self._skip()
        body = self.text[start:]
        choice, preamble = self._table(body)
        skipped = self._skipped_lines(start, preamble)
        body = body[_start_of_line(body, int(preamble.value or 0)) :]

        dialect = refine(body, choice, given, complete=self.complete)
        head = self._head(body, dialect)
        width = usual_width(head.rows)
        dialect = replace(dialect, columns=width)
        comment = self._comment(head, width, dialect)
        if comment is not None:
            dialect = replace(dialect, comment=comment, spares_records=True)
            head = self._head(body, dialect)
            width = usual_width(head.rows)

        header = self._header(head, width)
        columns, why = _columns(head, width, header)
        dialect = replace(dialect, skipped_lines=skipped, header_records=header, columns=columns)
        self._tell_format(dialect, choice, head)
        self.findings["columns"] = Finding(columns, 0.5 if columns is None else 0.95, why)
        footer_bytes = self._footer(body, dialect)
        findings = {
            name: Finding(finding.value, 1.0, "given") if name in given.names() else finding
            for name, finding in self.findings.items()
        }
        return Detection(given.over(dialect), findings, footer_bytes)

    def _skip(self) -> int:
        """How much of the text the caller, or a line such as `sep=;`, says to skip."""
        given = self.given
        if given.skipped_lines is not None:
            self.findings["skipped_lines"] = Finding(given.skipped_lines, 1.0, "given")
            return _start_of_line(self.text, given.skipped_lines)
        found = separator_line(self.text)
        if found is None:
            return 0
        delimiter, length = found
        if given.delimiter is None:
            self.given = replace(given, delimiter=delimiter)
            self.findings["delimiter"] = Finding(delimiter, 1.0, "the first line names it: sep=")
        return length

    def _table(self, body: str) -> tuple[Choice, Finding]:
        """The reading of the table, and the lines before it; where there are such, the table is read anew without."""
        given = self.given
        base = Given(line_end=given.line_end, comment=given.comment).over(
            Dialect(encoding=str(self.findings["encoding"].value))
        )
        choice = choose(body, base, given, complete=self.complete)
        if given.skipped_lines is not None:
            return choice, Finding(0, 1.0, "given")
        preamble = self._preamble(body, choice)
        if preamble.value:
            choice = choose(
                body[_start_of_line(body, int(preamble.value)) :], base, given, complete=self.complete
            )
            preamble = self._preamble(body, choice)
        return choice, preamble

    def _preamble(self, body: str, choice: Choice) -> Finding:
        head = self._head(body, choice.best.dialect)
        return line_that_names(self.key_names, head) or find_preamble(head, usual_width(head.rows))

    def _skipped_lines(self, start: int, preamble: Finding) -> int:
        if "skipped_lines" in self.findings:
            return int(self.findings["skipped_lines"].value or 0)
        separator = 1 if start else 0
        skipped = int(preamble.value or 0) + separator
        evidence = f"a line that names the delimiter; {preamble.evidence}" if separator else preamble.evidence
        self.findings["skipped_lines"] = Finding(skipped, preamble.confidence, evidence)
        return skipped

    def _head(self, body: str, dialect: Dialect) -> Sample:
        """The first records of the table."""
        if len(body) <= _HEAD:
            return read_sample(body, dialect, complete=self.complete)
        end = max(body.rfind("\n", 0, _HEAD), body.rfind("\r", 0, _HEAD - 1)) + 1
        return read_sample(body[: end or len(body)], dialect, complete=False)

    def _comment(self, head: Sample, width: int | None, dialect: Dialect) -> str | None:
        if self.given.comment is not None:
            self.findings["comment"] = Finding(dialect.comment, 1.0, "given")
            return None
        found = self.findings["comment"] = find_comment(head, width, dialect.delimiter)
        return str(found.value) if found.value else None

    def _header(self, head: Sample, width: int | None) -> int:
        found = header_that_names(self.key_names, head.rows, find_header(head.rows, width or 1))
        self.findings["header_records"] = found
        given = self.given.header_records
        return int(found.value or 0) if given is None else given

    def _tell_format(self, dialect: Dialect, choice: Choice, head: Sample) -> None:
        quotes = self.text.count(dialect.quote) if dialect.quote else 0
        mended = sum(1 for record in head.records if record.damage)
        sure = choice.confidence if quotes else 0.6
        self.findings.setdefault("delimiter", Finding(dialect.delimiter, choice.confidence, choice.evidence))
        self.findings["quote"] = Finding(
            dialect.quote,
            sure,
            f"it occurs {quotes} times; {mended} of the first {len(head.records)} records have quotes to mend"
            if dialect.quote
            else f"with quotes {mended} records or more would have to be mended",
        )
        backslashes = self.text.count("\\")
        doubled = self.text.count(dialect.quote * 2) if dialect.quote else 0
        self.findings["escape"] = Finding(
            str(dialect.escape),
            sure if backslashes or doubled else 0.6,
            f"{backslashes} backslashes, {doubled} doubled quotes",
        )
        self.findings["padded_quotes"] = Finding(
            dialect.padded_quotes,
            sure,
            "blanks stand around quotes" if dialect.padded_quotes else "quotes stand close",
        )
        ends = self.findings["record_end"]
        self.findings["line_end"] = Finding(str(dialect.line_end), ends.confidence, ends.evidence)

    def _footer(self, body: str, dialect: Dialect) -> int:
        """How many bytes at the file's end are a footer."""
        if self.complete:
            end = body
        elif self.tail is not None:
            end = decode(self.tail, dialect.encoding, at_start=False)
        else:
            self.findings["footer"] = Finding(None, 0.0, "the end of the file is not known")
            return 0
        if not self.complete or len(end) > _TAIL:
            end = end[-_TAIL:]
            end = end[_start_of_line(end, 1) :]
        sample = read_sample(end, dialect, complete=True)
        found, line = find_footer(sample, dialect.columns, dialect.quote)
        self.findings["footer"] = found
        if line is None:
            return 0
        return encoded_size("".join(sample.lines[line:]), dialect.encoding)


def _columns(head: Sample, width: int | None, header: int) -> tuple[int | None, str]:
    """Cells of a whole record: as the header has, unless the records agree on another number."""
    if width is None:
        return None, "the sample holds no record"
    rows = head.rows
    whole = sum(1 for row in rows[header:] if len(row) == width)
    evidence = f"{whole} of the first {len(rows) - header} records have {width} cells"
    if not header:
        return width, evidence
    named = max(map(len, rows[:header]))
    evidence += f", the header has {named}"
    if named != width and (len(rows) - header < 3 or whole < _AGREED * (len(rows) - header)):
        return named, evidence
    return width, evidence


def _start_of_line(text: str, number: int) -> int:
    """Where a line begins, counted from 0; the text's end where it has not so many."""
    return sum(map(len, lines_of(text)[:number])) if number else 0
