"""`check`: reads a whole file, writes nothing, and says what its import would come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cli.csv_file import CsvFile
from cli.documents import Ignored, notices_json, reading_json, reject_json, spec_json
from cli.item_size import size_of
from cli.write_estimate import PRICE_AS_OF, PRICE_REGION, ItemSizes, Rates
from csv_import.accounting.counters import Counters
from csv_import.accounting.reject_limit import RejectLimit
from csv_import.accounting.tally import Tally
from csv_import.reading.blocks import RecordBlock
from csv_import.rejects import Location, Reject
from csv_import.shaping.item import digests_of

FIRST_REJECTS = 3
"""Of each code."""

_MAX_DIGEST_BYTES = 32 << 20


@dataclass(kw_only=True)
class RejectsOfCode:
    """How often rows were rejected for one reason, and where first."""

    count: int = 0
    first: list[Reject] = field(default_factory=list)


@dataclass(kw_only=True)
class Checked:
    """What a file's import would come to.

    Attributes:
        stop: why and where the import would stop, for more rows are rejected than the spec allows; None where it
            would not. All else is counted over the whole file.
        rejects: by code, in the order of their first place.
        rows_superseded: accepted rows whose key a later row carries: the key of a row's first item.
        items_accepted, items_superseded: the same of items, which differ from rows where a row becomes several.
        bytes_read: of the content, counted as it came in; records and ignored spans were counted apart.
    """

    file: CsvFile
    rates: Rates
    stop: str | None = None
    rows_read: int = 0
    rows_accepted: int = 0
    rows_superseded: int = 0
    items_accepted: int = 0
    items_superseded: int = 0
    bytes_read: int = 0
    bytes_records: int = 0
    ignored: Ignored = field(default_factory=Ignored)
    rejects: dict[str, RejectsOfCode] = field(default_factory=dict)
    sizes: ItemSizes = field(default_factory=ItemSizes)

    @property
    def rows_rejected(self) -> int:
        """Rows without an item."""
        return sum(rejects.count for rejects in self.rejects.values())

    @property
    def distinct_keys(self) -> int:
        """How many items the table would have, were it empty."""
        return self.items_accepted - self.items_superseded

    @property
    def equation_holds(self) -> bool:
        """Every row has one end, and every byte one place."""
        return (
            self.rows_read == self.rows_accepted + self.rows_rejected
            and self.bytes_read == self.bytes_records + self.ignored.size
        )

    def as_json(self) -> dict[str, Any]:
        """All of it as one JSON document."""
        opened, units = self.file.opened, self.sizes.write_units
        return {
            "file": self.file.name,
            "size": self.file.source.size,
            "compression": opened.compression,
            "mode": self.file.options.mode.value,
            "spec": spec_json(self.file.options.spec),
            **reading_json(opened.detection, opened.header, self.file.keys),
            "error": self.stop and {"code": "too_many_rejects", "message": self.stop},
            "rows_read": self.rows_read,
            "rows_accepted": self.rows_accepted,
            "rows_rejected": self.rows_rejected,
            "rows_superseded": self.rows_superseded,
            "distinct_keys": self.distinct_keys,
            "items": {"accepted": self.items_accepted, "superseded": self.items_superseded},
            "mended": dict(self.file.fitting.mendings),
            "notices": notices_json(self.file.plan.notices.counts),
            "rejects": {
                code: {"count": rejects.count, "first": [reject_json(reject) for reject in rejects.first]}
                for code, rejects in self.rejects.items()
            },
            "item_bytes": self.sizes.summary(),
            "writes": {
                "units": units,
                "price_usd_per_million": self.rates.price_usd,
                "price_region": PRICE_REGION if self.rates.price_is_default else None,
                "price_as_of": PRICE_AS_OF if self.rates.price_is_default else None,
                "cost_usd": self.rates.cost_usd(units),
                "capacity_units_per_s": self.rates.capacity,
                "at_least_s": self.rates.seconds(units),
            },
            "bytes": {
                "read": self.bytes_read,
                "records": self.bytes_records,
                "ignored": self.ignored.size,
            },
            "ignored": self.ignored.as_json(),
            "equation_holds": self.equation_holds,
        }


def check(file: CsvFile, rates: Rates, on_block: Callable[[RecordBlock], None]) -> Checked:
    """Read a file to its end. Memory does not grow with it: keys are counted from digests that spill to disk.

    Raises:
        BadData: `missing_key_column` where nobody says what the key is; and where the file cannot be read on.
    """
    file.require_keys()
    checked = Checked(file=file, rates=rates, ignored=Ignored(file.opened.header.ignored))
    limit = _reject_limit(file)
    end = None
    with Tally(_MAX_DIGEST_BYTES, several=file.plan.items_per_row > 1) as tally:
        for block in file.opened.blocks:
            checked.ignored.add(block.ignored)
            checked.bytes_records += block.bytes_records
            row_keys: list[bytes] = []
            item_keys: list[bytes] = []
            for outcome in file.outcomes(block):
                checked.rows_read += 1
                if isinstance(outcome, Reject):
                    _reject(checked, outcome)
                    _hold_against(limit, checked, outcome.location)
                    continue
                checked.rows_accepted += 1
                row_keys.append(outcome[0].key)
                for item in outcome:
                    item_keys.append(item.key)
                    checked.sizes.add(size_of(item.body))
            tally.add(digests_of(row_keys), digests_of(item_keys))
            end = block.end()
            on_block(block)
        counters = Counters(rows_accepted=checked.rows_accepted)
        tally.settle(counters)
    if end is not None:  # a share may count only now
        _hold_against(limit, checked, Location(end.line, end.record, end.offset))
    checked.rows_superseded = counters.rows_superseded
    checked.items_accepted, checked.items_superseded = counters.items_accepted, counters.items_superseded
    checked.bytes_read = file.content_bytes()
    return checked


def _reject_limit(file: CsvFile) -> RejectLimit:
    if file.options.spec is None:
        return RejectLimit()
    spec = file.options.spec.spec
    return RejectLimit(spec.max_rejects, spec.max_reject_ratio, spec.max_reject_ratio_from_rows)


def _hold_against(limit: RejectLimit, checked: Checked, at: Location) -> None:
    """Note where the import would stop, as its guard does."""
    if checked.stop is None and limit.is_set:
        exceeded = limit.exceeded(checked.rows_read, checked.rows_rejected)
        checked.stop = (
            exceeded and f"the import would stop at line {at.line} (record {at.record}): {exceeded}"
        )


def _reject(checked: Checked, reject: Reject) -> None:
    rejects = checked.rejects.setdefault(reject.reason.code.value, RejectsOfCode())
    rejects.count += 1
    if len(rejects.first) < FIRST_REJECTS:
        rejects.first.append(reject)
