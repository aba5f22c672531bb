"""What it takes to write a file's items: write units, what they cost on demand, how long a table needs for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

UNIT_BYTES = 1024
"""A write unit writes up to 1 KB; what is begun counts as whole.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html"""

DEFAULT_CAPACITY = 40_000.0
"""Write units a second: what a new account allows a table on demand.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"""

DEFAULT_PRICE_USD = 0.625
"""A million write request units, Standard table class, US East (N. Virginia), since November 2024.
https://aws.amazon.com/dynamodb/pricing/on-demand/"""

PRICE_REGION, PRICE_AS_OF = "us-east-1", "2024-11-01"

_PERCENTILES = (50, 90, 99)


class ItemSizes:
    """The sizes of a file's items, exactly: an item has at most 400 KB, so memory is bounded."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, size: int) -> None:
        """Count an item of `size` bytes."""
        self._counts[size] += 1

    @property
    def write_units(self) -> int:
        """What writing each item by itself takes."""
        return sum(-(-size // UNIT_BYTES) * count for size, count in self._counts.items())

    def summary(self) -> dict[str, float]:
        """Give smallest, mean, percentiles and largest size, and the total, in bytes; empty where there is no item."""
        items = self._counts.total()
        if not items:
            return {}
        total = sum(size * count for size, count in self._counts.items())
        sizes = sorted(self._counts)
        percentiles = {f"p{percent}": self._at(sizes, items, percent) for percent in _PERCENTILES}
        return {
            "min": sizes[0],
            "mean": round(total / items, 1),
            **percentiles,
            "max": sizes[-1],
            "total": total,
        }

    def _at(self, sizes: list[int], items: int, percent: int) -> int:
        """The smallest size that at least `percent` per cent of the items do not exceed."""
        seen = 0
        for size in sizes:
            seen += self._counts[size]
            if seen * 100 >= percent * items:
                return size
        raise AssertionError("percentiles end at the largest item")


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What the caller knows of the table.

    Attributes:
        capacity: write units a second that it takes.
        price_usd: of a million write units.
        price_is_default: whether nobody gave it.
    """

    capacity: float = DEFAULT_CAPACITY
    price_usd: float = DEFAULT_PRICE_USD
    price_is_default: bool = True

    def cost_usd(self, units: int) -> float:
        """What write units cost on demand."""
        return units * self.price_usd / 1_000_000

    def seconds(self, units: int) -> float:
        """How long the table needs for write units at least."""
        return units / self.capacity
