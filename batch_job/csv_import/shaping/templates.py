"""Texts composed from a row's values: `PRODUCT#{ProductId}`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class TemplateFault(ValueError):
    """A template that cannot be meant; says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with columns in it.

    Attributes:
        literals: the texts around the columns: one more than there are columns.
        columns: the columns' names, in order.
    """

    literals: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def constant(self) -> str | None:
        """The text, where there is no column in it."""
        return None if self.columns else self.literals[0]


def parse_template(text: str) -> Template:
    """Read a template: `{Column}` stands for a column, `{{` and `}}` for braces.

    Raises:
        TemplateFault: for a brace that is not closed or opened, and for an empty pair.
    """
    literals, columns = [""], []
    for piece in _PIECE.finditer(text):
        column = piece[1]
        if column:
            columns.append(column)
            literals.append("")
        elif column == "":
            raise TemplateFault("{} names no column; write the column's name between the braces")
        elif piece[0] in ("{", "}"):
            raise TemplateFault(
                f"a {piece[0]!r} stands alone; write it twice where the brace itself is meant"
            )
        else:
            literals[-1] += {"{{": "{", "}}": "}"}.get(piece[0], piece[0])
    return Template(tuple(literals), tuple(columns))


def parse_path(text: str) -> tuple[str, ...]:
    r"""Read the path of an attribute: `address.city`; `\.` is a dot in a name.

    Raises:
        ValueError: for a name that is empty.
    """
    names = [""]
    for piece in re.findall(r"\\.|\.|[^.\\]+|\\", text, re.DOTALL):
        if piece == ".":
            names.append("")
        else:
            names[-1] += piece.removeprefix("\\") or piece
    if "" in names:
        raise ValueError("a name in the path is empty")
    return tuple(names)
