"""What may stand in a field of a spec: how it is read from YAML, with its line, and how JSON Schema says it.

A scalar counts as it is written: `007`, `no` and `null` are these three texts wherever a text is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Protocol

import yaml

Path = tuple[str, ...]
"""Where a field stands: `("columns", "Price", "decimal")`."""

Problem = tuple[Path, str]
"""Where a mistake stands, and what it is."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a spec: where it stands, what it is and what to do."""

    line: int
    path: Path
    problem: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {'.'.join(self.path)}" if self.path else "")
        return f"{where}: {self.problem}"


@dataclass(slots=True)
class Notes:
    """What is noted while a spec is read: the line of each field, and the mistakes."""

    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class Misfit(Exception):
    """A node is not what its field takes; whoever holds the field notes it and goes on."""

    def __init__(self, node: yaml.Node, path: Path, problem: str) -> None:
        super().__init__(problem)
        self.fault = Fault(node.start_mark.line + 1, path, problem)


class Kind(Protocol):
    """One kind of value."""

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> Any:
        """The value of a node.

        Raises:
            Misfit: the node is of another kind.
        """
        ...

    def schema(self) -> dict[str, Any]:
        """The kind as JSON Schema."""
        ...


def near(word: str, words: Iterable[str]) -> str:
    """` (did you mean …?)` where one of the words is like `word`, otherwise nothing."""
    known = {str(each).casefold(): str(each) for each in words}
    found = difflib.get_close_matches(word.strip().casefold(), known, n=1, cutoff=0.7)
    return f" (did you mean {known[found[0]]!r}?)" if found else ""


def _scalar(node: yaml.Node, path: Path, wanted: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise Misfit(node, path, f"{wanted} is wanted here, not a list or a group of fields")
    text: str = node.value
    return text


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; not the empty one unless `empty`."""

    wanted: str = "a text"
    empty: bool = False

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> str:
        """The text as it is written."""
        text = _scalar(node, path, self.wanted)
        if not text and not self.empty:
            raise Misfit(node, path, f"nothing is said; {self.wanted} is wanted here")
        return text

    def schema(self) -> dict[str, Any]:
        """Numbers and truth values are taken as they are written."""
        return {
            "type": ["string", "number", "boolean", "null"] if self.empty else ["string", "number", "boolean"]
        }


@dataclass(frozen=True, slots=True)
class OneOf:
    """A word of a closed list."""

    words: type[StrEnum]

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> StrEnum:
        """The word."""
        listed = ", ".join(self.words)
        text = _scalar(node, path, f"one of {listed}")
        try:
            return self.words(text)
        except ValueError:
            problem = f"there is no {text!r}{near(text, self.words)}; it is one of {listed}"
            raise Misfit(node, path, problem) from None

    def schema(self) -> dict[str, Any]:
        """YAML has another reading of `null`, which means the word here."""
        words: list[str | None] = [str(word) for word in self.words]
        return {"enum": [*words, None] if "null" in words else words}


@dataclass(frozen=True, slots=True)
class Switch:
    """Yes or no."""

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> bool:
        """True or False."""
        text = _scalar(node, path, "true or false").lower()
        if text not in ("true", "false"):
            raise Misfit(node, path, f"true or false is wanted here, not {text!r}")
        return text == "true"

    def schema(self) -> dict[str, Any]:
        """JSON Schema's own."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    at_least: int = 0

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> int:
        """The number."""
        text = _scalar(node, path, "a whole number")
        if not (text.isascii() and text.isdecimal() and len(text) <= 18 and int(text) >= self.at_least):
            raise Misfit(node, path, f"a whole number from {self.at_least} on is wanted here, not {text!r}")
        return int(text)

    def schema(self) -> dict[str, Any]:
        """JSON Schema's own."""
        return {"type": "integer", "minimum": self.at_least}


@dataclass(frozen=True, slots=True)
class Share:
    """A number from 0 to 1."""

    def read(self, node: yaml.Node, path: Path, notes: Notes) -> float:
        """The number."""
        text = _scalar(node, path, "a number from 0 to 1")
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not (number.is_finite() and 0 <= number <= 1):
            raise Misfit(node, path, f"a number from 0 to 1 is wanted here, such as 0.01, not {text!r}")
        return float(number)

    def schema(self) -> dict[str, Any]:
        """JSON Schema's own."""
        return {"type": "number", "minimum": 0, "maximum": 1}
