"""Files of the sorts that people drop, made from a seed, each with the truth about its dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from benchmarks.dialects.tables import FRENCH, GERMAN, ISO, SWISS, UK, US, Locale, Table, table
from csv_import.reading.dialect import Dialect, Escape

Row = list[str]


@dataclass(slots=True)
class Case:
    """A file, and how it is to be read.

    Attributes:
        dialect: the truth; `columns` is not part of it.
        rows: header records and records, as they are to be read.
        footer: whether lines at its end are no records.
        damaged: whether some rows cannot be read back as they were.
    """

    sort: str
    data: bytes
    dialect: Dialect
    rows: list[Row]
    footer: bool = False
    damaged: bool = False


@dataclass(slots=True)
class Draft:
    """A file while it is written."""

    table: Table
    dialect: Dialect = field(default_factory=Dialect)
    line_end: str = "\n"
    quote_all: bool = False
    mark: bytes = b""
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    header: list[Row] | None = None
    change: Callable[[list[str]], None] | None = None

    def case(self, sort: str, *, damaged: bool = False) -> Case:
        """Write it."""
        header = [self.table.names] if self.header is None else self.header
        rows = [*header, *self.table.rows]
        dialect = replace(self.dialect, header_records=len(header), skipped_lines=len(self.before))
        if "\n" in str(rows) and dialect.quote is None and dialect.escape is Escape.DOUBLED:
            rows = [[cell.replace("\n", " ") for cell in row] for row in rows]
        encodable = _encodable(rows, dialect.encoding)
        lines = [self._line(row, dialect) for row in encodable]
        if self.change:
            self.change(lines)
        text = self.line_end.join([*self.before, *lines, *self.after, ""])
        data = self.mark + text.encode(dialect.encoding, "replace")
        return Case(sort, data, dialect, encodable, bool(self.after), damaged)

    def _line(self, row: Row, dialect: Dialect) -> str:
        return dialect.delimiter.join(self._cell(cell, dialect) for cell in row)

    def _cell(self, cell: str, dialect: Dialect) -> str:
        quote, delimiter = dialect.quote, dialect.delimiter
        if quote is None:
            if dialect.escape is Escape.BACKSLASH:
                return cell.replace("\\", "\\\\").replace(delimiter, f"\\{delimiter}").replace("\n", "\\\n")
            return cell.replace(delimiter, " ")
        special = delimiter in cell or quote in cell or "\n" in cell or "\r" in cell
        if not (special or self.quote_all):
            return cell
        escaped = quote * 2 if dialect.escape is Escape.DOUBLED else f"\\{quote}"
        body = cell.replace("\\", "\\\\") if dialect.escape is Escape.BACKSLASH else cell
        text = f"{quote}{body.replace(quote, escaped)}{quote}"
        return f" {text} " if dialect.padded_quotes else text


def corpus(seed: int, times: int) -> Iterator[Case]:
    """`times` files of every sort."""
    for sort, draw in _SORTS.items():
        for number in range(times):
            yield draw(Random(f"{seed} {sort} {number}"), sort)


def _encodable(rows: list[Row], encoding: str) -> list[Row]:
    return [[cell.encode(encoding, "replace").decode(encoding) for cell in row] for row in rows]


def _rows(random: Random) -> int:
    return random.choice((8, 20, 60, 200))


def _excel(locale: Locale, delimiter: str) -> Callable[[Random, str], Case]:
    def draw(random: Random, sort: str) -> Case:
        encoding, mark = random.choice((("cp1252", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-8", b"")))
        draft = Draft(
            table(random, locale, rows=_rows(random)),
            Dialect(encoding, delimiter),
            line_end="\r\n",
            mark=mark,
        )
        if random.random() < 0.2:
            draft.before = [f"sep={delimiter}"]
        return draft.case(sort)

    return draw


def _unicode_text(random: Random, sort: str) -> Case:
    encoding, mark = random.choice(
        (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b""), ("utf-16-be", b""))
    )
    return Draft(
        table(random, UK, rows=_rows(random)), Dialect(encoding, "\t"), line_end="\r\n", mark=mark
    ).case(sort)


def _database(random: Random, sort: str) -> Case:
    dialect, quote_all = random.choice(
        (
            (Dialect(), False),
            (Dialect(), True),
            (Dialect(delimiter="\t", quote=None, escape=Escape.BACKSLASH), False),
            (Dialect(delimiter=",", escape=Escape.BACKSLASH), True),
            (Dialect(delimiter=";", escape=Escape.BACKSLASH), False),
            (Dialect(delimiter="|"), False),
            (Dialect(delimiter="\x01", quote=None), False),
            (Dialect(delimiter="\x1f", quote=None), False),
            (Dialect(delimiter=",", quote="'"), True),
        )
    )
    draft = Draft(table(random, ISO, rows=_rows(random)), dialect, quote_all=quote_all)
    if random.random() < 0.4:
        draft.header = []
    return draft.case(sort)


def _mainframe(random: Random, sort: str) -> Case:
    delimiter = random.choice(("|", ";", "^", "~", "||", "|~", "::", "\u00a6", "\u00a7", "#"))
    encoding = random.choice(("cp1252", "utf-8"))
    kinds = ("id", "code", "date", "amount", "count", "place")
    draft = Draft(
        table(random, ISO, rows=_rows(random), kinds=kinds),
        Dialect(encoding, delimiter, quote=None),
        line_end="\r\n",
    )
    draft.header = [] if random.random() < 0.5 else None
    return draft.case(sort)


def _log(random: Random, sort: str) -> Case:
    delimiter = random.choice((" ", "\t", ",", ";"))
    draft = Draft(
        table(
            random, ISO, rows=_rows(random), kinds=("date", "time", "code", "url", "count", "share"), empty=0
        ),
        Dialect(delimiter=delimiter),
    )
    draft.header = [] if random.random() < 0.4 else None
    if random.random() < 0.4:
        draft.dialect = replace(draft.dialect, comment="#")

        def comment(lines: list[str]) -> None:
            for at in sorted(random.sample(range(3, len(lines)), 2), reverse=True):
                lines.insert(at, f"# rotated, level {at}: everything's fine")

        draft.change = comment
    return draft.case(sort)


def _hand(random: Random, sort: str) -> Case:
    locale = random.choice((US, UK, SWISS))
    dialect = random.choice(
        (Dialect(delimiter=", "), Dialect(padded_quotes=True), Dialect(), Dialect(quote="'"))
    )
    draft = Draft(
        table(random, locale, rows=_rows(random)), dialect, line_end=random.choice(("\n", "\r\n", "\r"))
    )
    if random.random() < 0.3:

        def blank_lines(lines: list[str]) -> None:
            lines.insert(random.randrange(1, len(lines)), "")
            lines.append("")

        draft.change = blank_lines
    return draft.case(sort)


def _prose(random: Random, sort: str) -> Case:
    locale = random.choice((US, GERMAN))
    dialect = Dialect(delimiter=random.choice((",", ";", "\t")))
    kinds = random.choice(
        (("name", "prose"), ("id", "prose"), ("prose", "date", "prose"), ("id", "prose", "name"))
    )
    return Draft(table(random, locale, rows=_rows(random), kinds=kinds), dialect).case(sort)


def _tiny(random: Random, sort: str) -> Case:
    kinds = random.choice(
        (None, ("id",), ("amount",), ("name",), ("date", "count"), ("code", "name", "date", "amount"))
    )
    dialect = Dialect(delimiter=random.choice((",", ";", "\t", "|")))
    if kinds is not None and len(kinds) == 1:
        dialect = Dialect()
    return Draft(table(random, ISO, rows=random.choice((0, 1, 1, 2, 3)), kinds=kinds, empty=0), dialect).case(
        sort
    )


def _structure(random: Random, sort: str) -> Case:
    locale, delimiter = random.choice(((US, ","), (GERMAN, ";"), (FRENCH, ";"), (ISO, "\t")))
    draft = Draft(table(random, locale, rows=_rows(random)), Dialect(delimiter=delimiter))
    width = len(draft.table.names)
    padding = delimiter * (width - 1)
    match random.randrange(6):
        case 0:
            draft.before = [f"Report of orders{padding}", padding]
        case 1:
            draft.before = ["Report of orders", "as of 2026-11-01", ""]
        case 2:
            draft.before = ["# made by export 3.1", "# region: north", "# rows: all"]
        case 3:
            draft.after = ["", "Source: warehouse, own figures" if delimiter == ";" else "Source: warehouse"]
        case 4:
            draft.after = [f"{len(draft.table.rows)} rows"]
        case _:
            draft.header = [draft.table.names, draft.table.units]
            if sum(1 for unit in draft.table.units if unit) < 2:
                draft.header = [draft.table.names]
    return draft.case(sort)


def _damage(random: Random, sort: str) -> Case:
    locale, delimiter = random.choice(((US, ","), (GERMAN, ";")))
    draft = Draft(table(random, locale, rows=60), Dialect(delimiter=delimiter))

    def harm(lines: list[str]) -> None:
        for at in random.sample(range(1, len(lines)), 3):
            if "\n" in lines[at]:
                continue
            cells = lines[at].split(delimiter)
            match random.randrange(4):
                case 0:
                    cells[random.randrange(len(cells))] += '"'
                case 1:
                    cell = random.randrange(len(cells))
                    cells[cell] = '"' + cells[cell]
                case 2:
                    cells.pop()
                case _:
                    cells.append("surplus")
            lines[at] = delimiter.join(cells)

    draft.change = harm
    return draft.case(sort, damaged=True)


_SORTS: dict[str, Callable[[Random, str], Case]] = {
    "Excel, US": _excel(US, ","),
    "Excel, UK": _excel(UK, ","),
    "Excel, German": _excel(GERMAN, ";"),
    "Excel, French": _excel(FRENCH, ";"),
    "Excel, Unicode text": _unicode_text,
    "database": _database,
    "mainframe": _mainframe,
    "log": _log,
    "hand edits": _hand,
    "prose": _prose,
    "tiny": _tiny,
    "structure": _structure,
    "damage": _damage,
}
