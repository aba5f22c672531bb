"""What a deployment lets a spec do: the modes and the tables that it may name."""

from __future__ import annotations

from collections.abc import Sequence

from csv_import.errors import BadConfiguration
from csv_import.shaping.spec_reader import ReadSpec


def check_allowed(read: ReadSpec, *, modes: Sequence[str], tables: Sequence[str] | None) -> None:
    """Refuse a table or a mode that the deployment does not allow.

    Args:
        modes: those that it allows.
        tables: those that it allows, its own one included; None where that is not known.

    Raises:
        BadConfiguration: `table_not_allowed` or `mode_not_allowed`.
    """
    spec = read.spec
    if tables is not None and spec.table not in (None, *tables):
        allowed = ", ".join(tables)
        raise BadConfiguration(
            "table_not_allowed",
            f"{read.fault(('table',), f'this deployment does not load into {spec.table!r}; it allows {allowed}')}"
            " (parameter AllowedTables)",
        )
    if spec.mode not in modes:
        allowed = ", ".join(modes)
        raise BadConfiguration(
            "mode_not_allowed",
            f"{read.fault(('mode',), f'this deployment does not allow the mode {spec.mode}; it allows {allowed}')}"
            " (parameter AllowedModes)",
        )
