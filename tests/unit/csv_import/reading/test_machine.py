import pytest

from csv_import.reading.dialect import Dialect, Escape
from csv_import.reading.machine import Machine, read_text
from csv_import.reading.repair import repair

NINE = Dialect(columns=9)
TWO = Dialect(columns=2)


def cells_of(text: str, dialect: Dialect = TWO) -> list[list[str]]:
    return [read.cells for read in read_text(text, dialect) if not read.ignored]


@pytest.mark.parametrize(
    ("text", "dialect", "rows"),
    [
        pytest.param('a,"b, c"\n', TWO, [["a", "b, c"]], id="a comma in quotes"),
        pytest.param('a,""\n"",b\n', TWO, [["a", ""], ["", "b"]], id="empty quoted cells"),
        pytest.param('a,"he said ""yes"""\n', TWO, [["a", 'he said "yes"']], id="doubled quotes"),
        pytest.param('a,"{""k"": [1, 2]}"\n', TWO, [["a", '{"k": [1, 2]}']], id="JSON in a cell"),
        pytest.param('"one\r\ntwo",b\r\n', TWO, [["one\r\ntwo", "b"]], id="CRLF in a cell"),
        pytest.param('"a\n""b""\n",c\n', TWO, [['a\n"b"\n', "c"]], id="quotes and line ends"),
        pytest.param("ʤ,ü\n", TWO, [["ʤ", "ü"]], id="not ASCII"),
        pytest.param(
            'a||"b||c"||d|e\n', Dialect(delimiter="||"), [["a", "b||c", "d|e"]], id="two characters"
        ),
        pytest.param('a,"b\n', Dialect(quote=None), [["a", '"b']], id="no quotes"),
        pytest.param(
            ' "a" , "b"\t,c \n', Dialect(padded_quotes=True), [["a", "b", "c "]], id="padded quotes"
        ),
        pytest.param(
            r'"b\"c\\","\N",8\'9,C:\dir,d\,e' + "\n",
            Dialect(escape=Escape.BACKSLASH),
            [['b"c\\', r"\N", r"8\'9", r"C:\dir", "d,e"]],
            id="backslash takes the meaning from what has one",
        ),
        pytest.param(
            'a,b\\\nc\n"x\\\ny",z\\',
            Dialect(escape=Escape.BACKSLASH),
            [["a", "b\nc"], ["x\ny", "z\\"]],
            id="escaped line ends",
        ),
        pytest.param("#a\n \nb\n", Dialect(comment="#"), [["b"]], id="comment and blank lines"),
    ],
)
def test_strict_reading(text: str, dialect: Dialect, rows: list[list[str]]) -> None:
    assert cells_of(text, dialect) == rows
    assert not any(read.damage for read in read_text(text, dialect))


@pytest.mark.parametrize(
    ("text", "dialect", "cells", "code", "cost"),
    [
        pytest.param(
            'x,y,"1,RI,$80,Shoes,"Great, dry.","http://x",\n',
            NINE,
            ["x", "y", '"1', "RI", "$80", "Shoes", "Great, dry.", "http://x", ""],
            "stray_quote",
            1,
            id="an opening quote too many",
        ),
        pytest.param(
            'a,b,c,d,e,f,"Table, Round 48"","In oak","http://x"\n',
            NINE,
            ["a", "b", "c", "d", "e", "f", 'Table, Round 48"', "In oak", "http://x"],
            "stray_quote",
            1,
            id="a closing quote too many",
        ),
        pytest.param(
            '""These boots","http"\n', TWO, ['"These boots', "http"], "stray_quote", 1, id="opened twice"
        ),
        pytest.param('a,"5" pipe, long"\n', TWO, ["a", '5" pipe, long'], "stray_quote", 1, id="an inch mark"),
        pytest.param('a,"b\n', TWO, ["a", '"b'], "unclosed_quote", 1, id="not closed"),
        pytest.param('"a\nb","c"d"\n', TWO, ["a\nb", 'c"d'], "stray_quote", 1, id="over two lines"),
        pytest.param('"a"b"c\n', Dialect(), ['"a"b"c'], "stray_quote", 3, id="columns not known"),
    ],
)
def test_damaged_records(text: str, dialect: Dialect, cells: list[str], code: str, cost: int) -> None:
    behind = ",".join("q" * (dialect.columns or 1)) + "\n"
    read, after = read_text(text + behind, dialect)
    assert read.damage is not None
    assert (read.cells, read.damage.code, read.damage.cost) == (cells, code, cost)
    assert after.cells == ["q"] * (dialect.columns or 1)


def test_a_quote_that_swallows_records_costs_its_own() -> None:
    reads = list(read_text('a,"b\nc,d\n"e",f\n', TWO))
    assert [read.cells for read in reads] == [["a", '"b'], ["c", "d"], ["e", "f"]]
    assert [read.damage is not None for read in reads] == [True, False, False]


@pytest.mark.parametrize("columns", [None, 2, 3])
@pytest.mark.parametrize("line", ['x","""y\n', 'a,"b\n', 'a,"b\\\n', "a,b\\\n", '"\n'])
@pytest.mark.parametrize("escape", list(Escape))
def test_lines_that_are_open_from_either_side_take_linear_time(
    monkeypatch: pytest.MonkeyPatch, line: str, columns: int | None, escape: Escape
) -> None:
    """Each line's quote has to be followed to the end of the text, but no line more than once for all of them."""
    steps = []
    step = Machine._step

    def counted(self: Machine, *at: object) -> object:
        steps.append(at)
        return step(self, *at)  # type: ignore[arg-type]

    monkeypatch.setattr(Machine, "_step", counted)
    list(read_text(line * 1000, Dialect(columns=columns, escape=escape)))
    assert len(steps) <= 2 * 1000


def test_the_steps_of_a_repair_are_limited() -> None:
    from csv_import.reading.grammar import grammar_of

    text = '"a"",' * 20_000
    assert (
        repair(grammar_of(Dialect(columns=19_000)), text, 0, stop=len(text), max_lines=1, ends=True) is None
    )
