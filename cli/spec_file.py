"""A spec from a file on this machine, as the job reads it from the bucket."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from csv_import.reading.dialect import Given
from csv_import.shaping.spec_checks import check_spec
from csv_import.shaping.spec_reader import ReadSpec, read_spec


def read_spec_file(path: Path | None) -> ReadSpec:
    """The spec of `--spec`, for `csv_import.shaping.plan.plan_for`; one that says nothing where none is given.

    Raises:
        OSError: the file cannot be read.
        BadConfiguration: `invalid_spec`, with line, field and remedy.
    """
    if path is None:
        return ReadSpec()
    read = read_spec(path.read_bytes(), path.name)
    check_spec(read)
    return read


def given_by(options: Given, read: ReadSpec) -> Given:
    """What is given of a dialect: by the command line's options, which win, and by the spec."""
    said = {each.name: getattr(options, each.name) for each in fields(Given)}
    return Given(
        **{name: getattr(read.spec.dialect, name) if value is None else value for name, value in said.items()}
    )
