"""docs/import-spec.md: every field is explained, every example does what it shows; the JSON Schema is the model's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cli.spec_command import schema_text
from csv_import.reading.dialect import Given
from csv_import.reading.fitting import Fitting
from csv_import.reading.local_file import LocalFile
from csv_import.reading.opening import open_file
from csv_import.rejects import Reason
from csv_import.settings import Mode, ReadLimits
from csv_import.shaping.key_columns import key_columns
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec import Attribute, Column, Conversion, ItemSpec, Spec, Type, said_fields
from csv_import.shaping.spec_checks import check_spec
from csv_import.shaping.spec_reader import read_spec
from tests.documents import DOCS, Block, blocks
from tests.unit.csv_import.shaping.specs import compiled, items

TEXT = (DOCS / "import-spec.md").read_text(encoding="utf-8")
BLOCKS = blocks("import-spec.md")
OWN = ("Filename", "LastModified", "CreatedTime")


def examples() -> Iterator[tuple[Block, Block, Block]]:
    """A spec, a file and what becomes of it."""
    for spec, file, becomes in zip(BLOCKS, BLOCKS[1:], BLOCKS[2:], strict=False):
        if (spec.language, file.language, becomes.language) == ("yaml", "csv", "json"):
            yield spec, file, becomes


def all_fields() -> set[str]:
    models: tuple[type, ...] = (Spec, Column, Attribute, ItemSpec)
    return {name for model in models for name in said_fields(model)} | {each.name for each in fields(Given)}


def test_every_field_has_a_row_in_a_table() -> None:
    rows = re.findall(r"^\| (`.*?) \|", TEXT, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert all_fields() <= named, all_fields() - named
    assert {str(type_) for type_ in Type} <= named


def test_every_field_stands_in_an_example() -> None:
    specs = "\n".join(block.text for block in BLOCKS if block.language == "yaml")
    shown = set(re.findall(r"(\w+):(?= |$)", specs, re.M))
    assert all_fields() <= shown, all_fields() - shown
    types = set(re.findall(r"\b([A-Z]+)\b", specs))
    assert {str(type_) for type_ in Type} <= types, {str(type_) for type_ in Type} - types


def test_there_are_examples() -> None:
    assert len(list(examples())) >= 10


@pytest.mark.parametrize("spec", [block.text for block in BLOCKS if block.language == "yaml"])
def test_every_spec_is_sound(spec: str) -> None:
    check_spec(read_spec(spec))


@pytest.mark.parametrize("number", range(len(list(examples()))))
def test_every_example_becomes_what_is_shown(number: int, tmp_path: Path) -> None:
    spec, file, becomes = list(examples())[number]
    keys = (file.word.removeprefix("key=") or "Id").split(",")
    schema = KeySchema(tuple(KeyAttribute(name, "S", 1024) for name in keys))
    (tmp_path / "a.csv").write_text(file.text, encoding="utf-8")
    said = read_spec(spec.text).spec
    opened = open_file(
        LocalFile(tmp_path / "a.csv"),
        given=said.dialect,
        limits=ReadLimits(),
        key_names=key_columns(said, schema),
    )
    plan = compiled(spec.text, opened.header.names, schema)
    fitting = Fitting(
        columns=len(opened.header.names),
        delimiter=opened.detection.dialect.delimiter,
        mode=said.rows or Mode.STRICT,
    )
    found = []
    for block in opened.blocks:
        for record, row in enumerate(fitting.rows(block.rows), block.start.record):
            assert not isinstance(row, Reason), row
            found += items(plan, *row, record=record)
    if "provenance" not in spec.text:
        found = [{name: value for name, value in each.items() if name not in OWN} for each in found]
    shown: list[dict[str, Any]] = [json.loads(line) for line in becomes.text.splitlines()]
    assert json.loads(json.dumps(found).replace("in/a.csv", "in/file.csv")) == shown


def test_the_json_schema_is_the_models() -> None:
    """Write it anew with `.venv/bin/python -m cli spec --schema > docs/import-spec.schema.json`."""
    assert (DOCS / "import-spec.schema.json").read_text(encoding="utf-8") == schema_text()


def test_every_field_of_the_schema_says_what_it_is_for() -> None:
    def descriptions(schema: Any) -> Iterator[tuple[str, str]]:
        if isinstance(schema, list):
            for each in schema:
                yield from descriptions(each)
        elif isinstance(schema, dict):
            for name, each in schema.get("properties", {}).items():
                yield name, each.get("description", "")
            for each in schema.values():
                yield from descriptions(each)

    told = list(descriptions(json.loads(schema_text())))
    assert {name for name, _ in told} == all_fields() | {*OWN}
    assert all(description.endswith((".", ".)")) for _, description in told), told


def test_a_conversion_is_what_columns_and_attributes_share() -> None:
    assert said_fields(Conversion).keys() <= said_fields(Column).keys() & said_fields(Attribute).keys()
