"""One of the items that a row becomes, while it is planned, and what keeps several from being told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from csv_import.shaping.column_plan import PlannedColumn
from csv_import.shaping.item_plan import Composer
from csv_import.shaping.spec import Attribute, ItemSpec
from csv_import.shaping.spec_kinds import Path, Problem
from csv_import.shaping.values.value import Value


@dataclass(slots=True)
class ItemDraft:
    """An item while it is planned: what gives each attribute, by its path.

    Attributes:
        at: where the spec says it; nowhere in one that lists no items.
        said: what it says there.
        attributes: the constants and templates of the item, those for all included.
        columns, composed, fixed: what gives an attribute.
        created_time: the attribute that gets the row's own time.
        paths: all attributes.
        maps: what stands around them.
    """

    at: Path
    said: ItemSpec
    attributes: Mapping[str, Attribute]
    columns: dict[tuple[str, ...], PlannedColumn] = field(default_factory=dict)
    composed: dict[tuple[str, ...], Composer] = field(default_factory=dict)
    fixed: dict[tuple[str, ...], Value] = field(default_factory=dict)
    created_time: str | None = None
    paths: set[tuple[str, ...]] = field(default_factory=set)
    maps: set[tuple[str, ...]] = field(default_factory=set)

    def claim(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """Take a path for an attribute; gives the path that stands in its way, if one does."""
        above = [path[:length] for length in range(1, len(path))]
        taken = next((each for each in (*above, path) if each in self.paths), None)
        if taken is None and path in self.maps:
            taken = next(each for each in self.paths if each[: len(path)] == path)
        self.paths.add(path)
        self.maps.update(above)
        return taken

    def source(self, name: str) -> str:
        """What gives an attribute, in a text that is the same for the same source."""
        column = self.columns.get((name,))
        if column is not None:
            return f"{{{column.name}}}"
        if name == self.created_time:
            return "{}"
        said = self.attributes.get(name)
        return str(self.fixed[(name,)]) if said is None else said.value


def equal_keys(drafts: Sequence[ItemDraft], keys: Sequence[str]) -> Iterator[Problem]:
    """Items of a row whose keys are put together alike: one would always take the other's place.

    Args:
        keys: the names of the table's key attributes.
    """
    first: dict[tuple[str, ...], int] = {}
    for number, draft in enumerate(drafts, start=1):
        if any((key,) not in draft.paths for key in keys):
            continue  # that is told already
        earlier = first.setdefault(tuple(map(draft.source, keys)), number)
        if earlier != number:
            problem = (
                f"its key is that of item {earlier} in every row, so one would take the other's place; give it"
                " another, such as one with a text of its own in it"
            )
            yield draft.at, problem
