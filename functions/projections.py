"""What is read of parts where not all is needed: an import may have ten thousand of them."""

from facts import ROW_COUNTERS

_PLAIN = ("sk", "part", "status", "error", "started_at", "finished_at", "lease_owner", "lease_until_epoch_s")
_NESTED = (
    ("checkpoint", "record"),
    ("range", "record"),
    *(("counters", name) for name in (*ROW_COUNTERS, "bytes_read")),
)

_PATHS = (*((name,) for name in _PLAIN), *_NESTED)

OF_A_DECISION = {
    "ProjectionExpression": ", ".join(".".join(f"#{name}" for name in path) for path in _PATHS),
    "ExpressionAttributeNames": {f"#{name}": name for path in _PATHS for name in path},
}
"""The arguments of Query that read what `decide`, the event of a closed import and whoever shows progress need."""
