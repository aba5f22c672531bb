"""The capacity of a table: units come at a rate, and a second's worth of them is kept."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass

from benchmarks.sink_http import answer

JSON_1_0 = "application/x-amz-json-1.0"


@dataclass(slots=True)
class Meter:
    """Takes as many items of a batch, one unit each, as it has units for; the others come back unprocessed.

    Args:
        units_per_s: the rate.
        at: the time, in seconds that only grow.
    """

    units_per_s: float
    at: float
    units: float = 0.0

    def take(self, body: bytes, now: float) -> tuple[int, bytes]:
        """How many items of a BatchWriteItem are taken, and the answer."""
        self.units = min(self.units + (now - self.at) * self.units_per_s, self.units_per_s)
        self.at = now
        ((table, requests),) = json.loads(body)["RequestItems"].items()
        count = min(len(requests), int(self.units))
        self.units -= count
        left = requests[count:]
        told = json.dumps(
            {
                "UnprocessedItems": {table: left} if left else {},
                "ConsumedCapacity": [{"TableName": table, "CapacityUnits": float(count)}],
            }
        ).encode()
        return count, answer(200, told, JSON_1_0, x_amz_crc32=str(zlib.crc32(told)))
