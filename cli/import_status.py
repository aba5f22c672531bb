"""How far imports are: a document of one or of all open ones, and its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.visible import visible
from errors import UnknownImportError
from facts import ROW_COUNTERS
from imports import Import, total

if TYPE_CHECKING:
    from wiring import Application

_LATER = timedelta(hours=1)
"""The ledger's clocks may go ahead of ours."""


def of_one(import_id: str, app: Application) -> dict[str, Any]:
    """Give all that matters about an import; raises `UnknownImportError`."""
    found = app.ledger.read(import_id)
    if found is None:
        raise UnknownImportError(import_id)
    import_, parts = found
    queue = app.ledger.queue(import_.object.bucket, import_.object.key)
    return {
        **_shown(import_),
        "object": {
            "bucket": import_.object.bucket,
            "key": import_.object.key,
            "version_id": import_.object.version_id,
            "size": import_.object.size,
        },
        "behind": None if import_.state.closed else queue.ahead_of(import_id),
        "job": import_.claimant or import_.submitted_job,
        "parts_by_status": dict(sorted(Counter(part.status.value for part in parts).items())),
        **{name: total(parts).get(name, 0) for name in ROW_COUNTERS},
        "closed_at": import_.closed_at,
        "error": {"code": import_.failure.code, "message": import_.failure.message}
        if import_.failure
        else None,
    }


def of_all(app: Application) -> dict[str, Any]:
    """Give all open imports, longest untouched first."""
    return {"imports": [_shown(each) for each in app.ledger.open_imports(until=app.clock() + _LATER)]}


def lines_of_one(shown: Mapping[str, Any]) -> Iterator[str]:
    """Write the document of an import for people."""
    thing = shown["object"]
    yield f"{shown['import_id']}  {shown['state']}, run {shown['run']}"
    yield f"  object    {visible('s3://{}/{}'.format(thing['bucket'], thing['key']))}, {thing['size']:,} bytes"
    if shown["behind"]:
        yield f"  behind    {shown['behind']}, an older version of the object"
    if shown["job"]:
        yield f"  job       {shown['job']}"
    by_status = ", ".join(f"{count} {status}" for status, count in shown["parts_by_status"].items())
    yield f"  parts     {shown['parts']}{by_status and f': {by_status}'}"
    yield "  rows      " + ", ".join(f"{shown[name]:,} {name.removeprefix('rows_')}" for name in ROW_COUNTERS)
    if shown["error"]:
        yield visible(f"  error     {shown['error']['code']}: {shown['error']['message']}")


def lines_of_all(shown: Mapping[str, Any]) -> Iterator[str]:
    """Write the document of all open imports for people."""
    if not shown["imports"]:
        yield "no import is open"
    for each in shown["imports"]:
        yield f"{each['import_id']}  {each['state']}, run {each['run']}, since {each['updated_at']}"


def _shown(import_: Import) -> dict[str, Any]:
    return {
        "import_id": import_.import_id,
        "state": import_.state.value,
        "run": import_.run,
        "parts": import_.parts,
        "received_at": import_.received_at,
        "updated_at": import_.updated_at,
    }
