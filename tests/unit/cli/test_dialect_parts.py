import pytest

from cli.dialect_parts import characters, given
from csv_import.reading.dialect import STANDARD, Given


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (";", ";"),
        ("tab", "\t"),
        (r"\t", "\t"),
        ("\t", "\t"),
        (r"\x01", "\x01"),
        (r"\u00a6", "¦"),
        ("pipe", "|"),
        ("space", " "),
        ("comma", ","),
        ("||", "||"),
        ("tabs", "tabs"),
        ("\\", "\\"),
        (r"\\", "\\"),
        (r"\q", r"\q"),
        (r"\x1", r"\x1"),
    ],
)
def test_a_delimiter_as_a_person_writes_it(text: str, meant: str) -> None:
    assert given(delimiter=text).delimiter == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [('"', '"'), ("'", "'"), ("double", '"'), ("single", "'"), ("none", ""), ("", ""), ("^", "^")],
)
def test_a_quote_as_a_person_writes_it(text: str, meant: str) -> None:
    assert given(quote=text).quote == meant


def test_that_there_is_none_is_something_that_can_be_said() -> None:
    dialect = given(quote="none", comment="none").over(STANDARD)
    assert (dialect.quote, dialect.comment) == (None, None)


def test_what_is_not_given_is_left_to_be_found_out() -> None:
    assert given() == Given()


@pytest.mark.parametrize(
    ("parts", "option"),
    [
        ({"delimiter": ""}, "--delimiter"),
        ({"delimiter": r"\n"}, "--delimiter"),
        ({"delimiter": "\udcff"}, "no text"),
        ({"comment": r"\ud800"}, "no text"),
        ({"quote": "ab"}, "--quote"),
        ({"quote": r"\r"}, "--quote"),
        ({"comment": r"#\n"}, "--comment"),
        ({"delimiter": "'", "quote": "single"}, "--quote and --delimiter"),
        ({"delimiter": "','", "quote": "single"}, "--quote and --delimiter"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_its_option(
    parts: dict[str, str], option: str
) -> None:
    with pytest.raises(ValueError, match=option):
        given(**parts)  # type: ignore[arg-type]


def test_a_backslash_before_a_backslash_is_one() -> None:
    assert characters(r"\\t") == r"\t"
