"""A record that could not be read as it stands, as a value: what is wrong, and the best reading of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from csv_import.rejects import Reason, RejectCode


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a record.

    Attributes:
        code: of the reject.
        message: for people; it holds nothing that stands in the file.
        cost: how many quotes had to be taken as text for the reading.
    """

    code: RejectCode
    message: str
    cost: int = 0


class DamagedRow(list[str]):
    """The cells of a damaged record as they can best be read; it knows its damage."""

    __slots__ = ("damage",)

    def __init__(self, cells: Iterable[str], damage: Damage) -> None:
        super().__init__(cells)
        self.damage = damage


def damage_of(row: list[str]) -> Reason | None:
    """Why a row's record is damaged; None for any other row."""
    return Reason(row.damage.code, row.damage.message) if isinstance(row, DamagedRow) else None
