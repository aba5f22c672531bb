"""What each type costs per cell: CPU of shaping alone, from a row's cells to its item, in one process.

`python -m benchmarks.shaping_cost` prints, for rows of six columns, the CPU a row of strings takes, and for each
type what one cell of it adds to that, in µs and as a ratio to a cell that is a string; then the same for rows that are
shaped one by one, as those are that lie between bad ones. Most cells of a column differ. All are measured in
turn, many times, and the fastest of each counts. `PYTHONPATH=batch_job` leads it to the package.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from csv_import.rejects import Reason
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.plan import Plan, plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.spec_reader import read_spec

NAMES = ("Id", "A", "B", "C", "D", "E")
CELLS = ("Desk lamp", "a text of thirty characters ..", "12 Main Street", "x", "y")
KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
BLOCK_ROWS = 1_000
"""About as many as a chunk of a file holds."""

COPIES = 4
"""How many cells of the type a row has beside the strings."""

TYPES: dict[str, tuple[str, Callable[[int], str]]] = {
    "S, trimmed": ("{trim: true}", lambda n: f" value {n} "),
    "S, nested": ("{to: map.NAME}", lambda n: f"value {n}"),
    "N, whole": ("N", str),
    "N, fraction": ("N", lambda n: f"{n}.25"),
    "N, zeros lost": ("N", lambda n: f"{n}.50"),
    "N, decimal comma and thousands": (
        "{type: N, decimal: ',', thousands: '.'}",
        lambda n: f"{n % 999 + 1}.{n % 1000:03d},25",
    ),
    "BOOL": ("BOOL", lambda n: "true" if n % 2 else "FALSE"),
    "B, base64": ("B", lambda n: "AAECAwQFBgc="),
    "B, hex": ("{type: B, encoding: hex}", lambda n: f"{n:016x}"),
    "SS of 3": ("{type: SS, separator: '|'}", lambda n: f"{n}|a|b"),
    "NS of 3": ("{type: NS, separator: '|'}", lambda n: f"{n}|-1|-2"),
    "L of 3": ("{type: L, separator: '|'}", lambda n: f"{n}|a|b"),
    "JSON of 5 values": ("JSON", lambda n: f'{{"a": [{n}, 1.5, null], "b": "text"}}'),
    "DATE, iso": ("DATE", lambda n: f"2026-11-{n % 28 + 1:02d}"),
    "DATE, %d.%m.%Y": ("{type: DATE, formats: '%d.%m.%Y'}", lambda n: f"{n % 28 + 1}.11.2026"),
    "TIMESTAMP, iso": ("TIMESTAMP", lambda n: f"2026-11-23T10:{n % 60:02d}:00Z"),
    "TIMESTAMP, zone": (
        "{type: TIMESTAMP, time_zone: Europe/Berlin}",
        lambda n: f"2026-11-23T10:{n % 60:02d}:00",
    ),
    "TTL, epoch": ("{type: TTL, formats: epoch_s}", lambda n: str(1_764_000_000 + n)),
}


TYPICAL = "columns: {X0: N, X1: N, X2: BOOL, X3: TIMESTAMP}"
"""A price, a stock, whether it is sold, and when."""


SECOND_ITEM = "items: [{}, {attributes: {Id: '2#{Id}'}, columns: [A, B, C, D, E]}]"


def typical(n: int) -> list[str]:
    """The last four cells of a row as `TYPICAL` says them."""
    return [
        f"{n}.{n % 100:02d}",
        str(n * 7),
        "true" if n % 3 else "false",
        f"2026-11-23T{n % 24:02d}:{n % 60:02d}:{n % 59:02d}Z",
    ]


@dataclass(slots=True)
class Measured:
    """A plan, rows for it, and the CPU of the fastest repeat in µs per row, many at once and one by one."""

    plan: Plan
    rows: list[list[str]]
    us: float = float("inf")
    us_by_row: float = float("inf")

    def repeat(self) -> None:
        """Shape all rows once more, in both ways."""
        block_plan, shape, rows = BlockPlan(self.plan), self.plan.shape, self.rows
        began = time.process_time()
        for at in range(0, len(rows), BLOCK_ROWS):
            shaped = block_plan.shape(
                rows[at : at + BLOCK_ROWS], range(at + 1, at + 1 + BLOCK_ROWS)[: len(rows) - at]
            )
        at_once = time.process_time()
        for record, row in enumerate(rows, 1):
            one = shape(row, record)
        by_row = time.process_time()
        assert not shaped.rejects, shaped.rejects[0]
        assert not isinstance(one, Reason), one
        self.us = min(self.us, (at_once - began) / len(rows) * 1e6)
        self.us_by_row = min(self.us_by_row, (by_row - at_once) / len(rows) * 1e6)


def measured(spec: str, names: Sequence[str], rows: list[list[str]]) -> Measured:
    """A spec, to be measured."""
    provenance = Provenance("in/file.csv", datetime(2026, 11, 23, tzinfo=UTC))
    return Measured(plan_for(read_spec(spec), names, KEYS, provenance), rows)


def runs_of(rows: int) -> dict[str, Measured]:
    """All that is measured."""
    strings = [[f"p{n}", *CELLS] for n in range(1, rows + 1)]
    extra = [f"X{copy}" for copy in range(COPIES)]
    names = (*NAMES, *extra)

    def with_cells(cell: Callable[[int], str]) -> list[list[str]]:
        return [[*row, *[cell(n)] * COPIES] for n, row in enumerate(strings, 1)]

    with_typical = [[*row, *typical(n)] for n, row in enumerate(strings, 1)]
    runs = {
        "bare": measured("", NAMES, strings),
        "spec": measured("columns: {A: S}", NAMES, strings),
        "S": measured("columns: {A: S}", names, with_cells(lambda n: f"value {n}")),
        "template": measured("attributes: {T: 'P#{Id}#{A}'}", NAMES, strings),
        "second item": measured(SECOND_ITEM, NAMES, strings),
        "as strings": measured("", names, with_typical),
        "typical": measured(TYPICAL, names, with_typical),
    }
    for name, (said, cell) in TYPES.items():
        columns = ", ".join(f"{column}: {said.replace('NAME', column)}" for column in extra)
        runs[name] = measured(f"columns: {{{columns}}}", names, with_cells(cell))
    return runs


def show(us: dict[str, float]) -> None:
    """Print one table."""
    strings, spec = us["bare"], us["spec"]
    string = (us["S"] - spec) / COPIES
    print(f"a row of {len(NAMES)} strings, without a spec      {strings:8.2f} µs")
    print(f"a row of {len(NAMES)} strings, by a spec           {spec:8.2f} µs   {spec / strings:.2f} x")
    four, typed = us["as strings"], us["typical"]
    print(f"with two N, BOOL, TIMESTAMP, as strings {four:8.2f} µs")
    print(f"with two N, BOOL, TIMESTAMP, by a spec  {typed:8.2f} µs   {typed / four:.2f} x")
    print(f"\n{'one more cell':<32}{'µs':>10}{'x a string':>12}")
    for name in ("S", *TYPES):
        cost = (us[name] - spec) / COPIES
        print(f"{name:<32}{cost:>10.2f}{cost / string:>12.1f}")
    print(f"{'a template of two columns':<32}{us['template'] - spec:>10.2f}")
    print(f"{'a second item':<32}{us['second item'] - spec:>10.2f}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=25)
    options = parser.parse_args()
    runs = runs_of(options.rows)
    for _ in range(options.repeats):
        for run in runs.values():
            run.repeat()
    print("Many rows at once\n")
    show({name: run.us for name, run in runs.items()})
    print("\nOne by one\n")
    show({name: run.us_by_row for name, run in runs.items()})


if __name__ == "__main__":
    main()
