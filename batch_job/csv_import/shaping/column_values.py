"""The values of one attribute in consecutive rows: as texts of one type, or looked up by their cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

import orjson

from csv_import.shaping.bodies import Bodies
from csv_import.shaping.cells import text_of
from csv_import.shaping.item_plan import KeyCheck
from csv_import.shaping.values.value import Value

_Each = TypeVar("_Each")


class ColumnValues(Protocol):
    """One value a row, or none."""

    def texts(self) -> Sequence[str]:
        """What templates and keys see; nothing where there is no value."""
        ...

    def escaped(self) -> list[bytes]:
        """`texts` as they stand between the quotes of JSON."""
        ...

    def unfit(self, check: KeyCheck) -> Iterator[int]:
        """The rows whose value is too large a key."""
        ...

    def missing(self) -> Iterator[int]:
        """The rows without a value."""
        ...

    def add_to(self, bodies: Bodies, name: str) -> None:
        """Put the values into the items as an attribute of this name."""
        ...


class Texts:
    """Strings or numbers, all of them.

    Args:
        kind: S or N.
        escaped: the texts as they stand between the quotes of JSON; an empty one is no value.
        texts: gives them without escapes.
    """

    def __init__(self, kind: str, escaped: list[bytes], texts: Callable[[], list[str]]) -> None:
        self._kind = kind
        self._escaped = escaped
        self._make_texts = texts
        self._texts: list[str] | None = None

    def texts(self) -> list[str]:
        """As they are."""
        if self._texts is None:
            self._texts = self._make_texts()
        return self._texts

    def escaped(self) -> list[bytes]:
        """As they go into the items."""
        return self._escaped

    def unfit(self, check: KeyCheck) -> Iterator[int]:
        """Escaped texts are never shorter, so there mostly is nothing to look at."""
        if max(map(len, self._escaped), default=0) > check.attribute.max_bytes:
            yield from (index for index, text in enumerate(self.texts()) if check.size_of(text) is not None)

    def missing(self) -> Iterator[int]:
        """Empty texts."""
        if b"" in self._escaped:
            yield from (index for index, text in enumerate(self._escaped) if not text)

    def add_to(self, bodies: Bodies, name: str) -> None:
        """Piece by piece."""
        bodies.add_texts(name, self._kind, self._escaped)


class LookedUp:
    """Values of any types, each made once for all cells that are alike.

    Args:
        cells: one a row.
        values: in DynamoDB's JSON, by cell; nothing where a cell has no value.
    """

    def __init__(self, cells: Sequence[str], values: Mapping[str, bytes]) -> None:
        self._cells = cells
        self._values = values

    def texts(self) -> list[str]:
        """In the form in which equal values are equal text."""
        return self._each(self._text_of_each())

    def escaped(self) -> list[bytes]:
        """Made once for all cells that are alike."""
        return self._each({cell: escaped_text(text) for cell, text in self._text_of_each().items()})

    def unfit(self, check: KeyCheck) -> Iterator[int]:
        """By the cell."""
        return self._rows(
            {cell for cell, text in self._text_of_each().items() if check.size_of(text) is not None}
        )

    def missing(self) -> Iterator[int]:
        """By the cell."""
        return self._rows({cell for cell, value in self._values.items() if not value})

    def add_to(self, bodies: Bodies, name: str) -> None:
        """As whole members."""
        opening = b"," + orjson.dumps(name) + b":"
        bodies.add_members(
            self._each({cell: opening + value if value else b"" for cell, value in self._values.items()})
        )

    def _text_of_each(self) -> dict[str, str]:
        return {cell: text_of(orjson.loads(value)) if value else "" for cell, value in self._values.items()}

    def _rows(self, cells: Collection[str]) -> Iterator[int]:
        if cells:
            yield from (index for index, cell in enumerate(self._cells) if cell in cells)

    def _each(self, by_cell: Mapping[str, _Each]) -> list[_Each]:
        return list(map(by_cell.__getitem__, self._cells))


class Constant:
    """One value for all rows, which the items have already.

    Args:
        value: in DynamoDB's JSON.
        count: of the rows.
    """

    def __init__(self, value: Value, count: int) -> None:
        self._value = value
        self._count = count

    def texts(self) -> list[str]:
        """The same for each."""
        return [text_of(self._value)] * self._count

    def escaped(self) -> list[bytes]:
        """The same for each."""
        return [escaped_text(text_of(self._value))] * self._count

    def unfit(self, check: KeyCheck) -> Iterator[int]:
        """All rows or none."""
        if check.size_of(self._value[check.attribute.type]) is not None:
            yield from range(self._count)

    def missing(self) -> Iterator[int]:
        """None."""
        return iter(())

    def add_to(self, bodies: Bodies, name: str) -> None:
        """It is there."""


def escaped_text(text: str) -> bytes:
    """A text as it stands between the quotes of JSON."""
    return orjson.dumps(text)[1:-1]
