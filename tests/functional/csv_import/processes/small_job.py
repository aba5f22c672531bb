"""The job as a process of its own, with limits so small that a few rows are many segments, and a short lease.

`python -m tests.functional.csv_import.processes.small_job load --import-id ID --run N`
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from csv_import import __main__ as job
from csv_import.settings import AccountingLimits, ReadLimits, Settings, WriteLimits, settings_from

SEGMENT = 20
IN_FLIGHT = 12
"""Rows of the tests' files that fit into `max_unacknowledged_bytes`, at most."""

LEASE_S = 1.0


def small_settings(environment: Mapping[str, str], **command: Any) -> Settings:
    settings = settings_from(environment, **command)
    return replace(
        settings,
        plan=replace(settings.plan, piece_bytes=200, request_bytes=1000, max_held_bytes=2000),
        read=ReadLimits(chunk_bytes=300),
        write=WriteLimits(lanes=3, max_batch_items=4, max_unacknowledged_bytes=600),
        accounting=AccountingLimits(
            segment_records=SEGMENT,
            checkpoint_rest_s=0.0,
            max_unsaved_bytes=16 * SEGMENT,
            lease_s=LEASE_S,
            heartbeat_s=0.1,
        ),
    )


if __name__ == "__main__":
    job.settings_from = small_settings  # type: ignore[attr-defined]
    sys.exit(job.main(sys.argv[1:], os.environ))
