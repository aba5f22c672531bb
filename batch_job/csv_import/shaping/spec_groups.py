"""Lists and groups of fields in a spec, and how JSON Schema says them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from csv_import.shaping.spec_kinds import Fault, Kind, Misfit, Notes, Path, near


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several values of one kind; a single one may stand without a list."""

    kind: Kind
    single: bool = True

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> tuple[Any, ...]:
        """The values, in order."""
        if isinstance(node, yaml.SequenceNode):
            found = []
            for number, each in enumerate(node.value):
                inside = (*path, str(number + 1))
                notes.lines[inside] = each.start_mark.line + 1
                try:
                    found.append(self.kind.read(each, inside, notes))
                except Misfit as misfit:
                    notes.faults.append(misfit.fault)
            return tuple(found)
        if not self.single:
            raise Misfit(node, path, "a list is wanted here: begin each entry with '- '")
        return (self.kind.read(node, path, notes),)

    def schema(self) -> dict[str, Any]:
        """A list, or one entry."""
        several = {"type": "array", "items": self.kind.schema()}
        return {"anyOf": [self.kind.schema(), several]} if self.single else several


@dataclass(frozen=True, slots=True)
class NamedOf:
    """Values of one kind by names that the user chooses."""

    kind: Kind
    names: str

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> dict[str, Any]:
        """Name → value, in the spec's order."""
        found: dict[str, Any] = {}
        for name, inside, value in entries(
            node, path, notes, wanted=f"{self.names}, each with what holds for it,"
        ):
            try:
                found[name] = self.kind.read(value, inside, notes)
            except Misfit as misfit:
                notes.faults.append(misfit.fault)
        return found

    def schema(self) -> dict[str, Any]:
        """Any names."""
        return {"type": "object", "additionalProperties": self.kind.schema()}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: what it takes, and what it is for."""

    kind: Kind
    doc: str


@dataclass(frozen=True, slots=True)
class Record:
    """A group of named fields, made into a dataclass.

    Args:
        make: gets the fields that are said as keyword arguments.
        fields: by their names in the spec.
        required: fields that must be said.
        shorthand: what a bare word in place of the group means, and its JSON Schema.
    """

    make: Callable[..., Any]
    fields: Mapping[str, Field]
    required: tuple[str, ...] = ()
    shorthand: Callable[[yaml.ScalarNode, Path, Notes], Any] | None = None
    short_schema: Mapping[str, Any] | None = None

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> Any:
        """The dataclass; a field with a fault is left out, for the fault is noted."""
        if self.shorthand is not None and isinstance(node, yaml.ScalarNode):
            return self.shorthand(node, path, notes)
        said: dict[str, Any] = {}
        for name, inside, value in entries(
            node, path, notes, wanted=f"a group of fields ({', '.join(self.fields)})"
        ):
            if name not in self.fields:
                listed = ", ".join(self.fields)
                problem = f"there is no field {name!r}{near(name, self.fields)}; the fields are {listed}"
                notes.faults.append(Fault(notes.lines[inside], inside, problem))
                continue
            try:
                said[python_name(name)] = self.fields[name].kind.read(value, inside, notes)
            except Misfit as misfit:
                notes.faults.append(misfit.fault)
        for name in self.required:
            if python_name(name) not in said and (*path, name) not in notes.lines:
                raise Misfit(node, path, f"the field {name!r} is missing")
        if any(python_name(name) not in said for name in self.required):
            raise Misfit(node, path, "see above")
        return self.make(**said)

    def schema(self) -> dict[str, Any]:
        """No other fields than these."""
        group: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"description": each.doc, **each.kind.schema()} for name, each in self.fields.items()
            },
        }
        if self.required:
            group["required"] = list(self.required)
        return {"anyOf": [dict(self.short_schema), group]} if self.short_schema else group


def python_name(name: str) -> str:
    """The name of a field in Python, where `as` is a word of the language."""
    return f"{name}_" if name == "as" else name


def entries(
    node: yaml.Node, path: Path, notes: Notes, *, wanted: str
) -> Iterable[tuple[str, Path, yaml.Node]]:
    """Name, path and value of each entry of a group; what is said twice is a fault.

    Raises:
        Misfit: the node is no group.
    """
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return
    if not isinstance(node, yaml.MappingNode):
        raise Misfit(node, path, f"{wanted} is wanted here")
    if node.flow_style and any(value.start_mark.index == value.end_mark.index for _, value in node.value):
        raise Misfit(node, path, "a text that begins with '{' goes in quotes, such as '{Column}'")
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            notes.faults.append(Misfit(key, path, "a name is wanted before the colon").fault)
            continue
        name: str = key.value
        inside = (*path, name)
        if name in seen:
            notes.faults.append(Misfit(key, inside, "it is said twice; keep one of the two").fault)
            continue
        seen.add(name)
        notes.lines[inside] = key.start_mark.line + 1
        yield name, inside, value
