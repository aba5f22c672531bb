"""How one item is put together from a row's values: worked out once per file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from csv_import.rejects import Reason, RejectCode
from csv_import.shaping.key_schema import KeyAttribute
from csv_import.shaping.sizes import base64_bytes
from csv_import.shaping.templates import Template
from csv_import.shaping.values.value import Convert, Refused, Value

Path = tuple[str, ...]
Body = dict[str, Value]


class LeftOut(Exception):
    """An item that may be missing lacks its key."""


class Composer:
    """Composes the value of an attribute from a template.

    Args:
        name: of the attribute.
        template: with at least one column.
        indexes: where its columns stand in a row.
        convert: from the text to the value.
        required: whether a row that lacks one of the columns is refused.

    Attributes:
        format: what `%` makes the text with, from a tuple of the columns' texts.
    """

    def __init__(
        self, name: str, template: Template, indexes: Sequence[int], convert: Convert, *, required: bool
    ) -> None:
        self.indexes = tuple(indexes)
        self.convert = convert
        self.required = required
        self.format = "%s".join(literal.replace("%", "%%") for literal in template.literals)
        self._name = name
        self._columns = template.columns

    def __call__(self, texts: Sequence[str]) -> Value | Reason | None:
        """The value; None where a column of the template is empty."""
        pieces = tuple([texts[index] for index in self.indexes])
        if "" in pieces:
            if not self.required:
                return None
            column = self.missing(texts)
            message = f"the cell is empty, and the spec requires {self._name!r}, which is made of it"
            return Reason(RejectCode.REQUIRED_CELL_EMPTY, message, column)
        try:
            return self.convert(self.format % pieces)
        except Refused as refused:
            message = refused.message.replace("the cell", f"what {self._name!r} is made of", 1)
            return Reason(refused.code, message, self._columns[0])

    def missing(self, texts: Sequence[str]) -> str | None:
        """The first of its columns that is empty."""
        return next((name for name, i in zip(self._columns, self.indexes, strict=True) if not texts[i]), None)


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """One of the items that a row becomes.

    Attributes:
        plain: attribute and index of the column whose cell is its string.
        typed: attribute and slot of a value.
        nested: path and slot of a value that stands in maps.
        composed: path and composer of a template.
        fixed: attributes that are the same in every row.
        fixed_nested: paths, and values that are the same in every row.
        created_time: the attribute that gets the row's own time; None where it is off.
        keys: what table and indexes demand: attribute, column that gives it, check, and whether it is needed.
        optional: whether the item is left out where it lacks its key.
    """

    plain: tuple[tuple[str, int], ...]
    typed: tuple[tuple[str, int], ...]
    nested: tuple[tuple[Path, int], ...]
    composed: tuple[tuple[Path, Composer], ...]
    fixed: Mapping[str, Value]
    fixed_nested: tuple[tuple[Path, Value], ...]
    created_time: str | None
    keys: tuple[KeyCheck, ...]
    optional: bool

    @property
    def constants(self) -> Body:
        """What is the same in every row, maps put together."""
        body: Body = dict(self.fixed)
        for path, value in self.fixed_nested:
            _place(body, path, value)
        return body

    def build(
        self, row: Sequence[str], values: Sequence[Value | None], texts: Sequence[str], created_time: str
    ) -> Body | Reason:
        """The item of a row, or why there is none.

        Raises:
            LeftOut: it lacks its key, and may.
        """
        body: Body = {name: {"S": cell} for name, index in self.plain if (cell := row[index])}
        for name, slot in self.typed:
            value = values[slot]
            if value is not None:
                body[name] = value
        for path, slot in self.nested:
            value = values[slot]
            if value is not None:
                _place(body, path, value)
        for path, composer in self.composed:
            made = composer(texts)
            if isinstance(made, Reason):
                return made
            if made is not None:
                _place(body, path, made)
        body.update(self.fixed)
        for path, value in self.fixed_nested:
            _place(body, path, value)
        if self.created_time is not None:
            body[self.created_time] = {"S": created_time}
        for check in self.keys:
            reason = check(body, texts, optional=self.optional)
            if reason is not None:
                return reason
        return body


def _place(body: Body, path: Path, value: Value) -> None:
    *above, name = path
    for each in above:
        body = body.setdefault(each, {"M": {}})["M"]
    body[name] = value


class KeyCheck:
    """Checks one key attribute of table or index in a finished item: whether it is there, and its size.

    Args:
        attribute: as the table wants it.
        needed: whether it is part of the table's own key.
        column: the column that gives it, or None.
        composer: what composes it, or None.
    """

    def __init__(
        self, attribute: KeyAttribute, *, needed: bool, column: str | None, composer: Composer | None
    ) -> None:
        self.attribute = attribute
        self.needed = needed
        self._column = column
        self._composer = composer
        self._bytes: Callable[[str], int] = {"S": _text_bytes, "N": _no_bytes, "B": base64_bytes}[
            attribute.type
        ]

    def __call__(self, body: Body, texts: Sequence[str], *, optional: bool) -> Reason | None:
        """Why the item is refused; None where the key is as it should be.

        Raises:
            LeftOut: the key is missing in an item that is optional.
        """
        name = self.attribute.name
        value = body.get(name)
        if value is None:
            return self._missing(texts, optional=optional) if self.needed else None
        size = self.size_of(value.get(self.attribute.type, ""))  # an index's may be removed
        if size is None:
            return None
        message = f"the key {name!r} has {size} bytes; DynamoDB takes at most {self.attribute.max_bytes}"
        return Reason(RejectCode.KEY_TOO_LONG, message, self._column)

    def size_of(self, text: str) -> int | None:
        """How many bytes the key has, where these are too many."""
        limit = self.attribute.max_bytes
        return size if len(text) * 4 > limit and (size := self._bytes(text)) > limit else None

    def _missing(self, texts: Sequence[str], *, optional: bool) -> Reason:
        if optional:
            raise LeftOut
        name = self.attribute.name
        if self._composer is None:
            return Reason(RejectCode.EMPTY_KEY, f"the key column {self._column!r} is empty", self._column)
        column = self._composer.missing(texts)
        return Reason(
            RejectCode.EMPTY_KEY, f"the key {name!r} lacks the column {column!r}, which is empty", column
        )


def _text_bytes(text: str) -> int:
    return len(text.encode())


def _no_bytes(_text: str) -> int:
    return 0
