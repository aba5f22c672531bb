"""A closed import → the event that tells of it, pure (docs/contracts.md, "Closed imports")."""

from collections.abc import Sequence
from typing import Any

from artifacts import root
from facts import ROW_COUNTERS, equation_holds
from imports import Import, Part, total
from report import load_seconds

SOURCE = "csv-to-dynamodb"
DETAIL_TYPE = "CSV Import Closed"


def closed_event(
    closed: Import, parts: Sequence[Part], *, deployment: str, artifacts_bucket: str, table_name: str
) -> dict[str, Any]:
    """Give the event's detail.

    It holds no message of an error and no reject, for those may hold what stands in the file.
    """
    counters = total(parts)
    prefix = root(closed.import_id, closed.run)
    rejected = counters.get("rows_rejected", 0)
    return {
        "deployment": deployment,
        "import_id": closed.import_id,
        "run": closed.run,
        "state": closed.state.value,
        "error": {"code": closed.failure.code} if closed.failure else None,
        "object": {
            "bucket": closed.object.bucket,
            "key": closed.object.key,
            "version_id": closed.object.version_id,
            "etag": closed.object.etag,
            "size": closed.object.size,
        },
        "table_name": closed.pinned.table_name if closed.pinned else table_name,
        **{name: counters.get(name, 0) for name in ROW_COUNTERS},
        "equation_holds": equation_holds(counters),
        "report": {"bucket": artifacts_bucket, "key": f"{prefix}report.json"},
        "rejects_key": f"{prefix}rejects.csv" if rejected else None,
        "received_at": closed.received_at,
        "closed_at": closed.closed_at,
        "duration_s": load_seconds(parts),
    }
