"""The spec: how a CSV file becomes items, as a person says it in `_import.yaml`.

One model for all: the reader, the checks, the JSON Schema in docs/ and the drafted spec follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field as DataclassField
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from csv_import.reading.dialect import Given
from csv_import.settings import Mode as Rows


class Mode(StrEnum):
    """What happens to an item of the table whose key a row carries."""

    PUT = "put"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Type(StrEnum):
    """What a cell is read as; `DATE`, `TIMESTAMP` and `TTL` become strings or numbers."""

    S = "S"
    N = "N"
    BOOL = "BOOL"
    B = "B"
    SS = "SS"
    NS = "NS"
    BS = "BS"
    L = "L"
    JSON = "JSON"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    TTL = "TTL"


class ElementType(StrEnum):
    """What the elements of a list are."""

    S = "S"
    N = "N"
    BOOL = "BOOL"


class Encoding(StrEnum):
    """How bytes are written in a cell."""

    BASE64 = "base64"
    HEX = "hex"


class Form(StrEnum):
    """How a point in time is stored."""

    ISO = "iso"
    ISO_MS = "iso_ms"
    ISO_US = "iso_us"
    EPOCH_S = "epoch_s"
    EPOCH_MS = "epoch_ms"


class Absent(StrEnum):
    """What an empty cell becomes."""

    OMIT = "omit"
    NULL = "null"
    STRING = "string"
    REMOVE = "remove"


class NullAs(StrEnum):
    """What a null word becomes."""

    NULL = "null"
    OMIT = "omit"
    REMOVE = "remove"


class Others(StrEnum):
    """What becomes of columns that the spec does not name."""

    KEEP = "keep"
    DROP = "drop"


def said(doc: str, kind: str, default: Any = None) -> Any:
    """A field of the spec: `doc` for people, `kind` by its name in `spec_reader.KINDS`."""
    metadata = {"doc": doc, "kind": kind}
    if default == {}:
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """How a text becomes a value."""

    type: Type | None = said("The type of the value; S, or what the table's key wants, if not said.", "type")
    trim: bool = said(
        "Whether blanks around the cell, and around each element, are taken away.", "switch", False
    )
    decimal: str | None = said("N, NS: the decimal mark, '.' if not said.", "text")
    thousands: str | None = said("N, NS: the mark between groups of three digits; none if not said.", "text")
    true: tuple[str, ...] = said("BOOL: the words for true, in any case; 'true' if not said.", "words", ())
    false: tuple[str, ...] = said("BOOL: the words for false, in any case; 'false' if not said.", "words", ())
    encoding: Encoding | None = said("B, BS: how bytes are written; base64 if not said.", "encoding")
    separator: str | None = said("SS, NS, BS, L: what stands between two elements.", "text")
    of: ElementType | None = said("L: the type of the elements; S if not said.", "element_type")
    formats: tuple[str, ...] = said(
        "DATE, TIMESTAMP, TTL: how it is written, such as '%d.%m.%Y %H:%M'; also iso, epoch_s, epoch_ms. The first"
        " that fits counts; iso if not said.",
        "words",
        (),
    )
    time_zone: str | None = said(
        "TIMESTAMP, TTL: where times without an offset are meant, such as Europe/Berlin; UTC if not said.",
        "text",
    )
    as_: Form | None = said("TIMESTAMP: how it is stored, in UTC; iso if not said.", "form")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Conversion):
    """What becomes of a column's cells."""

    to: str | None = said(
        "The attribute's name, or a path into nested maps: address.city (a dot of a name: '\\.').", "text"
    )
    drop: bool = said(
        "Whether the column makes no attribute; templates may use it all the same.", "switch", False
    )
    empty: Absent | None = said(
        "What an empty cell becomes: omit (no attribute), null, or string (an empty one); mode update: omit leaves the"
        " attribute as it is, remove takes it off the item.",
        "absent",
    )
    default: str | None = said("The text that an empty cell counts as.", "text")
    required: bool = said("Whether a row with an empty cell here is rejected.", "switch", False)
    nulls: tuple[str, ...] = said("Cells that mean that there is no value, such as NULL or \\N.", "words", ())
    nulls_as: NullAs = said(
        "What such a cell becomes: null, or omit (no attribute); mode update: omit leaves the attribute as it is,"
        " remove takes it off the item.",
        "null_as",
        NullAs.NULL,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Conversion):
    """An attribute that no column gives by itself: a constant, or a template over columns."""

    value: str = said(
        "The text; {Column} stands for the column's value, {{ and }} for braces.", "any_text", ""
    )
    required: bool = said(
        "Whether a row that lacks a column of the template is rejected; else no attribute.", "switch", False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSpec:
    """One of the items that a row becomes."""

    attributes: Mapping[str, Attribute] = said("Attributes of this item, by name.", "attributes", {})
    columns: tuple[str, ...] | None = said(
        "The columns that this item has; all if not said, [] for none.", "list_of_words"
    )
    optional: bool = said(
        "Whether the item is left out where its key lacks a column; else the row is rejected.",
        "switch",
        False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceNames:
    """Names of the attributes that say where an item came from; None where one is turned off."""

    filename: str | None = "Filename"
    last_modified: str | None = "LastModified"
    created_time: str | None = "CreatedTime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """All that is said about the files under a prefix."""

    table: str | None = said(
        "The table to load into, one that the deployment allows; the stack's own if not said.", "text"
    )
    mode: Mode = said(
        "put (the row replaces the item), insert (an item that is there stays), update (the row's attributes are"
        " set), delete (the item goes).",
        "mode",
        Mode.PUT,
    )
    dialect: Given = said("How the file is written; what is not said is found out.", "dialect", Given())
    rows: Rows | None = said(
        "strict (a row that does not fit its header is rejected), or lenient (it is made to fit, and counted); what"
        " the deployment says, if not said.",
        "rows",
    )
    columns: Mapping[str, Column] = said(
        "What becomes of columns, by their names in the header.", "columns", {}
    )
    other_columns: Others = said(
        "Columns that are not named above: keep them as strings, or drop them.", "others", Others.KEEP
    )
    attributes: Mapping[str, Attribute] = said(
        "Constants and templates, by the attribute's name.", "attributes", {}
    )
    items: tuple[ItemSpec, ...] = said(
        "The items that a row becomes, where it is more than one.", "items", ()
    )
    provenance: ProvenanceNames = said(
        "New names for Filename, LastModified and CreatedTime; off for one of them, or for all.",
        "provenance",
        ProvenanceNames(),
    )
    max_rejects: int | None = said("The most rows that may be rejected before the import stops.", "count")
    max_reject_ratio: float | None = said(
        "The largest share of rows that may be rejected, from 0 to 1.", "share"
    )
    max_reject_ratio_from_rows: int = said(
        "How many rows are read before the share counts.", "positive", 1000
    )
    write_budget: int | None = said(
        "The most write units a second; where the deployment has a budget too, the smaller one holds.",
        "positive",
    )


PLAIN = Spec()
"""What holds where there is no spec: every column a string, but for the table's keys."""


def said_fields(model: type) -> dict[str, DataclassField[Any]]:
    """The fields of a model by their names in the spec."""
    return {each.name.rstrip("_"): each for each in fields(model)}
