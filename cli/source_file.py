"""The file that a person names: can it be imported, and under which key."""

import os
import re
from pathlib import Path

_NOT_FOR_KEYS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class SourceFileError(Exception):
    """The file cannot be imported; the message is one line for a person."""


def check(path: Path) -> int:
    """Make sure that there is something to read, and give its size in bytes; raises `SourceFileError`."""
    size = readable_size(path)
    if size == 0:
        raise SourceFileError(f"{path} is empty")
    return size


def readable_size(path: Path) -> int:
    """Make sure that a file can be read, and give its size in bytes; raises `SourceFileError`."""
    try:
        if not path.exists():
            raise SourceFileError(f"{path} does not exist")
        if path.is_dir():
            raise SourceFileError(f"{path} is a folder; name a CSV file")
        if not path.is_file():
            raise SourceFileError(f"{path} is no regular file")
        size = path.stat().st_size
    except OSError as error:
        raise SourceFileError(f"{path} cannot be read: {error.strerror}") from error
    if not os.access(path, os.R_OK):
        raise SourceFileError(f"{path} cannot be read: permission denied")
    return size


def object_key(name: str) -> str:
    """Give the key for a file's name: the name itself wherever the trigger would import it.

    Otherwise the ending is added, and what makes the trigger look away is taken off the front.
    """
    from objects import ENDINGS  # noqa: PLC0415 - brings libraries that only `run` needs

    key = _NOT_FOR_KEYS.sub("_", name).lstrip("._") or "file"
    return key if key.lower().endswith(ENDINGS) else f"{key}{ENDINGS[0]}"
