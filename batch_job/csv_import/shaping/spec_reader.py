"""From the text of an `_import.yaml` to the spec, with a message for every mistake in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

from csv_import.errors import BadConfiguration
from csv_import.reading.dialect import Escape, Given, LineEnd
from csv_import.reading.spec_object import MAX_SPEC_BYTES, SPEC_NAME
from csv_import.settings import Mode as Rows
from csv_import.shaping.spec import (
    PLAIN,
    Absent,
    Attribute,
    Column,
    ElementType,
    Encoding,
    Form,
    ItemSpec,
    Mode,
    NullAs,
    Others,
    ProvenanceNames,
    Spec,
    Type,
    said_fields,
)
from csv_import.shaping.spec_groups import Field, ListOf, NamedOf, Record
from csv_import.shaping.spec_kinds import (
    Fault,
    Kind,
    Misfit,
    Notes,
    OneOf,
    Path,
    Share,
    Switch,
    Text,
    Whole,
)

_MAX_SHOWN = 10
_MAX_NODES, _MAX_DEPTH = 20_000, 12

PROVENANCE = {"Filename": "filename", "LastModified": "last_modified", "CreatedTime": "created_time"}


@dataclass(frozen=True, slots=True)
class ReadSpec:
    """A spec, and where each of its fields stands.

    Attributes:
        name: of the file, for messages.
        spec: what it says.
        lines: the line of each field.
    """

    spec: Spec = PLAIN
    name: str = SPEC_NAME
    lines: Mapping[Path, int] = field(default_factory=dict)

    def fault(self, path: Path, problem: str) -> Fault:
        """A mistake at a field, or at the nearest one around it that is said."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Fault(self.lines.get(known, 1), path, problem)

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Do nothing where there are no faults.

        Raises:
            BadConfiguration: `invalid_spec`, whose message lists up to ten faults by line.
        """
        found = sorted(set(faults), key=lambda each: (each.line, each.path, each.problem))
        if found:
            more = f"; and {len(found) - _MAX_SHOWN} more" if len(found) > _MAX_SHOWN else ""
            listed = "; ".join(str(each) for each in found[:_MAX_SHOWN])
            raise BadConfiguration("invalid_spec", f"{self.name}: {listed}{more}")


def read_spec(text: str | bytes, name: str = SPEC_NAME) -> ReadSpec:
    """Read a spec; what it says is checked against itself, not yet against a file or a table.

    Args:
        text: YAML.
        name: of the file, for messages.

    Raises:
        BadConfiguration: `invalid_spec`.
    """
    notes = Notes()
    told = ReadSpec(PLAIN, name)
    if len(text.encode(errors="surrogatepass") if isinstance(text, str) else text) > MAX_SPEC_BYTES:
        told.refuse(
            [
                Fault(
                    1,
                    (),
                    f"the spec has more than {MAX_SPEC_BYTES} bytes; it says things about columns, not rows",
                )
            ]
        )
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        told.refuse([_no_yaml(error)])
        raise AssertionError from error
    except RecursionError as error:
        told.refuse([Fault(1, (), "this is nested too deeply to be a spec")])
        raise AssertionError from error
    if node is None:
        return told
    if _says_too_much(node):
        told.refuse(
            [Fault(1, (), f"with what its aliases (*name) stand for it has more than {_MAX_NODES} values")]
        )
    try:
        spec = SPEC.read(node, (), notes)
    except Misfit as misfit:
        notes.faults.append(misfit.fault)
        spec = PLAIN
    found = ReadSpec(spec, name, notes.lines)
    found.refuse(notes.faults)
    return found


def _says_too_much(node: yaml.Node) -> bool:
    """Whether there are more values than any spec needs, each alias counted as what it stands for."""
    seen, level = 0, [node]
    for _ in range(_MAX_DEPTH):
        seen += len(level)
        if seen > _MAX_NODES:
            return True
        level = [child for each in level for child in _children(each)][: _MAX_NODES + 1]
    return False


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _no_yaml(error: Exception) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    if isinstance(error, ReaderError | UnicodeDecodeError):
        return Fault(line, (), "this is no text in UTF-8 without control characters; save it as UTF-8")
    problem = getattr(error, "problem", None) or str(error)
    return Fault(line, (), f"this is no YAML: {problem}; a text with special characters goes in quotes")


def _column_shorthand(node: yaml.ScalarNode, path: Path, notes: Notes) -> Column:
    if node.value == "drop":
        return Column(drop=True)
    if not node.value:
        raise Misfit(node, path, "nothing is said; a type, drop, or a group of fields is wanted here")
    return Column(type=OneOf(Type).read(node, path, notes))  # type: ignore[arg-type]


def _attribute_shorthand(node: yaml.ScalarNode, path: Path, notes: Notes) -> Attribute:
    return Attribute(value=Text("a text or a template", empty=True).read(node, path, notes))


def _provenance_off(node: yaml.ScalarNode, path: Path, notes: Notes) -> ProvenanceNames:
    if node.value != "off":
        raise Misfit(
            node, path, f"off, or new names for {', '.join(PROVENANCE)} are wanted here, not {node.value!r}"
        )
    return ProvenanceNames(filename=None, last_modified=None, created_time=None)


def _provenance(**names: str) -> ProvenanceNames:
    return ProvenanceNames(**{PROVENANCE[name]: None if to == "off" else to for name, to in names.items()})


def _given(**parts: Any) -> Given:
    if parts.get("delimiter") == "tab":
        parts["delimiter"] = "\t"
    return Given(**parts)


def _record(model: type, required: tuple[str, ...] = (), **more: Any) -> Record:
    kinds = {
        name: Field(KINDS[each.metadata["kind"]], each.metadata["doc"])
        for name, each in said_fields(model).items()
    }
    return Record(model, kinds, required, **more)


_TEXT = Text()
_DIALECT = Record(
    _given,
    {
        "encoding": Field(_TEXT, "The text's encoding, such as utf-8 or cp1252."),
        "delimiter": Field(_TEXT, "What stands between two cells; tab, or any text."),
        "quote": Field(Text(empty=True), "The quote around cells; '' where there is none."),
        "escape": Field(OneOf(Escape), "How a quote stands inside a quoted cell."),
        "line_end": Field(OneOf(LineEnd), "What ends a line."),
        "comment": Field(Text(empty=True), "What begins a line that is no record; '' where nothing does."),
        "skipped_lines": Field(Whole(), "Lines before the header."),
        "header_records": Field(Whole(), "Records that name the columns; 0 where the first one is data."),
    },
)
_OFF = {"enum": ["off", False]}
_PROVENANCE = Record(
    _provenance,
    {name: Field(_TEXT, f"The new name of {name}, or off.") for name in PROVENANCE},
    shorthand=_provenance_off,
    short_schema=_OFF,
)

KINDS: dict[str, Kind] = {
    "text": _TEXT,
    "any_text": Text(empty=True),
    "words": ListOf(Text("a word", empty=True)),
    "list_of_words": ListOf(Text("a column's name"), single=False),
    "switch": Switch(),
    "count": Whole(),
    "positive": Whole(1),
    "share": Share(),
    "mode": OneOf(Mode),
    "type": OneOf(Type),
    "element_type": OneOf(ElementType),
    "encoding": OneOf(Encoding),
    "form": OneOf(Form),
    "absent": OneOf(Absent),
    "null_as": OneOf(NullAs),
    "others": OneOf(Others),
    "dialect": _DIALECT,
    "rows": OneOf(Rows),
    "provenance": _PROVENANCE,
}
KINDS["columns"] = NamedOf(
    _record(
        Column, shorthand=_column_shorthand, short_schema={"enum": [*(str(each) for each in Type), "drop"]}
    ),
    "names of columns",
)
KINDS["attributes"] = NamedOf(
    _record(Attribute, ("value",), shorthand=_attribute_shorthand, short_schema=Text().schema()),
    "names of attributes",
)
KINDS["items"] = ListOf(_record(ItemSpec), single=False)
SPEC = _record(Spec)


def json_schema() -> dict[str, Any]:
    """The spec as JSON Schema, for completion and checks in editors."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "How a CSV file becomes DynamoDB items: _import.yaml",
        **SPEC.schema(),
    }
