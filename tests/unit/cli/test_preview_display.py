import io
from typing import Any

import pytest
from rich.console import Console

from cli.documents import parts
from cli.preview_display import dialect_table, shown
from csv_import.reading.dialect import STANDARD, Detection, Finding


def table(findings: dict[str, Finding], **console: Any) -> str:
    text = io.StringIO()
    Console(file=text, width=100, **console).print(dialect_table(Detection(STANDARD, findings)))
    return text.getvalue()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("\t", r"'\t'"),
        (", ", "', '"),
        ('"', "'\"'"),
        ("utf-8", "utf-8"),
        ("|~", "'|~'"),
        ("\x1b", r"'\x1b'"),
        (None, "none"),
        (True, "yes"),
        (0, "0"),
    ],
)
def test_a_part_as_a_person_would_write_it(value: Any, said: str) -> None:
    assert shown(value) == said


def test_each_part_has_its_confidence_and_evidence() -> None:
    lines = table(
        {
            "delimiter": Finding(",", 0.98, "because"),
            "encoding": Finding("utf-8", 1.0, "given"),
            "footer": Finding(2, 0.4, "two lines"),
        }
    ).splitlines()
    words = [" ".join(line.split()) for line in lines]
    assert "delimiter ',' 98% because" in words
    assert "encoding utf-8 certain given" in words
    assert "footer 2 40% two lines" in words


def test_what_nobody_looked_for_is_shown_only_where_it_matters() -> None:
    text = table({})
    assert "delimiter" in text
    assert "comment" not in text


def test_evidence_is_no_markup_and_no_control() -> None:
    assert "[bold]" in table({"delimiter": Finding(",", 0.5, "[bold] \x1b[31m")})
    assert "\x1b" not in table({"delimiter": Finding(",", 0.5, "\x1b[31m")})


def test_parts_come_in_the_order_of_the_dialect_then_what_else_was_found() -> None:
    names = [part.name for part in parts(Detection(STANDARD, {"footer": Finding(0, 0.9, "none")}))]
    assert names[:3] == ["encoding", "delimiter", "quote"]
    assert names[-1] == "footer"
