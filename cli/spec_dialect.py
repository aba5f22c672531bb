"""What a drafted spec has to say of the dialect, so that the job reads the file as it was read for the draft."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from csv_import.reading.dialect import Dialect, Given
from csv_import.reading.local_file import LocalFile
from csv_import.reading.opening import open_file
from csv_import.settings import ReadLimits


def needed_dialect(file: Path, read_as: Dialect, given: Given, key_names: list[str]) -> Given:
    """What was given, and what else would be found out differently by who knows no more than that.

    Args:
        read_as: the dialect that the draft was made with.
        given: by the person.
        key_names: columns that the table's key needs, as far as the spec leaves them to be.
    """
    while True:
        opened = open_file(LocalFile(file), given=given, limits=ReadLimits(), key_names=key_names)
        found = opened.detection.dialect
        more: dict[str, Any] = {
            each.name: _said(getattr(read_as, each.name))
            for each in fields(Given)
            if getattr(given, each.name) is None and getattr(read_as, each.name) != getattr(found, each.name)
        }
        if not more:
            return given
        given = replace(given, **more)


def _said(value: Any) -> Any:
    """No quote, and no comment, is the empty string where it is given."""
    return "" if value is None else value
