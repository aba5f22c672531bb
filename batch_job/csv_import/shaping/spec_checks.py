"""What a spec says, held against itself: mistakes that show without a file and without a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from csv_import.shaping.dialect_checks import dialect_problems
from csv_import.shaping.sizes import MAX_NAME_BYTES, name_is_too_long
from csv_import.shaping.spec import Absent, Attribute, Column, Conversion, Mode, NullAs, Spec, Type
from csv_import.shaping.spec_kinds import Fault, Path, Problem
from csv_import.shaping.spec_reader import ReadSpec
from csv_import.shaping.templates import TemplateFault, parse_path, parse_template
from csv_import.shaping.values.boolean import FALSE, TRUE
from csv_import.shaping.values.document import MAX_LEVELS
from csv_import.shaping.values.time_formats import FormatFault, read_time

_NUMBERS = {Type.N, Type.NS, Type.L}
_TIMES = {Type.DATE, Type.TIMESTAMP, Type.TTL}
APPLIES: Mapping[str, set[Type]] = {
    "decimal": _NUMBERS,
    "thousands": _NUMBERS,
    "true": {Type.BOOL, Type.L},
    "false": {Type.BOOL, Type.L},
    "encoding": {Type.B, Type.BS},
    "separator": {Type.SS, Type.NS, Type.BS, Type.L},
    "of": {Type.L},
    "formats": _TIMES,
    "time_zone": {Type.TIMESTAMP, Type.TTL},
    "as": {Type.TIMESTAMP},
}
"""The types that a field of a conversion belongs to."""


MAX_ITEMS_PER_ROW = 100
_TOO_LONG = f"DynamoDB takes names of at most {MAX_NAME_BYTES} bytes; take a shorter one"


def check_spec(read: ReadSpec) -> None:
    """Refuse a spec that can't work, whatever file and table it meets.

    Raises:
        BadConfiguration: `invalid_spec`.
    """
    read.refuse(_faults(read))


def _faults(read: ReadSpec) -> Iterator[Fault]:
    for path, problem in _problems(read.spec):
        yield read.fault(path, problem)


def _problems(spec: Spec) -> Iterator[Problem]:
    yield from dialect_problems(spec.dialect)
    for name, column in spec.columns.items():
        path = ("columns", name)
        yield from _conversion(path, column)
        yield from _column(path, column, spec.mode)
    yield from _attributes(("attributes",), spec.attributes, spec.mode)
    for number, item in enumerate(spec.items, start=1):
        path = ("items", str(number))
        yield from _attributes((*path, "attributes"), item.attributes, spec.mode)
        if number == 1 and item.optional:
            yield (
                (*path, "optional"),
                "the first item stands for its row in the counts, so it can't be optional",
            )
    if len(spec.items) > MAX_ITEMS_PER_ROW:
        yield ("items",), f"a row becomes at most {MAX_ITEMS_PER_ROW} items, for they are held together"
    names = [name for name in _provenance_names(spec) if name is not None]
    if any(map(name_is_too_long, names)):
        yield ("provenance",), _TOO_LONG
    if len(set(names)) < len(names):
        yield ("provenance",), "two of the attributes have one name; give each its own"


def _provenance_names(spec: Spec) -> tuple[str | None, ...]:
    names = spec.provenance
    return (names.filename, names.last_modified, names.created_time)


def _conversion(path: Path, said: Conversion) -> Iterator[Problem]:
    type_ = said.type
    for name, types in APPLIES.items():
        if _is_said(said, name) and type_ not in types:
            listed = ", ".join(each for each in Type if each in types)
            has = f"not to {type_}" if type_ else "and the column has none: say it"
            yield (*path, name), f"{name} belongs to the types {listed}, {has}"
    if type_ in APPLIES["separator"] and said.separator is None:
        yield (
            (*path, "type"),
            f"{type_} needs a separator: what stands between two elements, such as separator: '|'",
        )
    yield from _marks(path, said)
    yield from _words(path, said)
    if said.trim:
        yield from _words_with_blanks(path, said, ("true", "false"))
    for format_ in said.formats:
        try:
            read_time(format_, dates_only=type_ is Type.DATE)
        except FormatFault as fault:
            yield (*path, "formats"), f"the format {format_!r} can't be meant: {fault}"
    if said.time_zone is not None and not _zone_exists(said.time_zone):
        yield (
            (*path, "time_zone"),
            f"there is no time zone {said.time_zone!r}; it is a name such as Europe/Berlin or UTC",
        )


def _is_said(said: Any, name: str) -> bool:
    return getattr(said, "as_" if name == "as" else name) not in (None, ())


def _marks(path: Path, said: Conversion) -> Iterator[Problem]:
    for name in ("decimal", "thousands"):
        mark = getattr(said, name)
        if mark is not None and (len(mark) > 1 or mark.isalnum() or mark in "+-"):
            yield (*path, name), f"a mark is one character that is no digit, letter or sign, not {mark!r}"
    if (said.decimal or ".") == said.thousands:
        yield (
            (*path, "thousands"),
            f"{said.thousands!r} can't be the decimal mark too: say both, such as decimal: ','",
        )


def _words(path: Path, said: Conversion) -> Iterator[Problem]:
    if bool(said.true) != bool(said.false):
        missing, given = ("false", "true") if said.true else ("true", "false")
        yield (*path, given), f"the words for {given} are said, so say those for {missing} too"
        return
    true, false = ({word.casefold() for word in words} for words in (said.true or TRUE, said.false or FALSE))
    if both := sorted(true & false):
        yield (*path, "false"), f"{both[0]!r} can't mean both true and false"
    for name in ("true", "false"):
        if "" in getattr(said, name):
            yield (*path, name), "an empty cell is no word: say default: for what it counts as"


def _words_with_blanks(path: Path, said: Any, fields: Sequence[str]) -> Iterator[Problem]:
    """Words that no cell is, once the blanks around it are gone."""
    for name in fields:
        for word in getattr(said, name):
            if word != word.strip():
                problem = (
                    f"no cell is {word!r}, for trim takes blanks around cells away; write it without them"
                )
                yield (*path, name), problem


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _column(path: Path, column: Column, mode: Mode) -> Iterator[Problem]:
    if column.to is not None:
        yield from _path((*path, "to"), column.to, mode, column.type)
        if column.drop:
            yield (
                (*path, "drop"),
                "a column that is dropped has no attribute: take either 'drop' or 'to' away",
            )
    if column.drop and column.empty is not None:
        yield (
            (*path, "empty"),
            "a column that is dropped has no attribute for its empty cells: take 'empty' away",
        )
    if column.empty is Absent.STRING and column.type not in (None, Type.S):
        yield (*path, "empty"), f"an empty string is of type S, not {column.type}; say omit or null"
    for one, other in (("default", "required"), ("default", "empty"), ("required", "empty")):
        if getattr(column, one) and getattr(column, other):
            yield (*path, other), f"it can't be reached, for {one!r} says already what an empty cell means"
    yield from _nulls(path, column)
    if column.trim and column.default is not None and column.default != column.default.strip():
        yield (
            (*path, "default"),
            "trim takes blanks around cells away, so the default has none either; write it without them",
        )
    for name in ("empty", "nulls_as"):
        if getattr(column, name) in (Absent.REMOVE, NullAs.REMOVE) and mode is not Mode.UPDATE:
            yield (
                (*path, name),
                f"mode {mode} has nothing to remove an attribute from; say omit, or use mode update",
            )


def _nulls(path: Path, column: Column) -> Iterator[Problem]:
    if "" in column.nulls:
        yield (*path, "nulls"), "an empty cell is no word: say empty: null"
    if column.trim:
        yield from _words_with_blanks(path, column, ("nulls",))
    if column.nulls_as is not NullAs.NULL:
        if not column.nulls:
            yield (*path, "nulls_as"), "there are no null words; say which, such as nulls: [NULL, n/a]"
        elif column.required:
            problem = (
                "it can't be reached, for 'required' rejects a row with a null word as one with an empty cell"
            )
            yield (*path, "nulls_as"), problem
    for name in ("true", "false"):
        for word in sorted(set(getattr(column, name)) & set(column.nulls)):
            yield (
                (*path, name),
                f"{word!r} can't mean {name}, for it is one of the null words; take it out of one",
            )


def _attributes(path: Path, attributes: Mapping[str, Attribute], mode: Mode) -> Iterator[Problem]:
    for name, attribute in attributes.items():
        yield from _path((*path, name), name, mode, attribute.type)
        yield from _conversion((*path, name), attribute)
        if attribute.trim and attribute.type not in APPLIES["separator"]:
            listed = ", ".join(each for each in Type if each in APPLIES["separator"])
            problem = f"trim is for columns, and for the elements of {listed}; take it away, or say it of the columns"
            yield (*path, name, "trim"), problem
        try:
            template = parse_template(attribute.value)
        except TemplateFault as fault:
            yield (*path, name, "value"), str(fault)
            continue
        if attribute.required and not template.columns:
            yield (*path, name, "required"), "a constant is never missing: take 'required' away"
        if attribute.value == "":
            yield (
                (*path, name, "value"),
                "an attribute needs a value: a text, or a template such as 'PRODUCT#{Id}'",
            )


def _path(path: Path, text: str, mode: Mode, type_: Type | None) -> Iterator[Problem]:
    try:
        names = parse_path(text)
    except ValueError:
        yield path, f"{text!r} is no path: names with dots between, such as address.city"
        return
    if any(map(name_is_too_long, names)):
        yield path, _TOO_LONG
    if len(names) > 1 and mode is Mode.UPDATE:
        yield (
            path,
            "mode update can't set a part of a map, for DynamoDB refuses that where the map is missing; name an"
            " attribute without dots, or use mode put",
        )
    if len(names) + (type_ is Type.L) > MAX_LEVELS:
        yield path, f"DynamoDB nests at most {MAX_LEVELS} levels deep"
