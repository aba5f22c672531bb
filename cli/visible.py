"""What stands in a file, made safe to show on a terminal."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_UNDECODABLE = re.compile("[\ud800-\udfff]")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def visible(text: str) -> str:
    """Write out characters that would move the cursor, colour the screen or hide themselves."""
    return _CONTROL.sub(lambda match: _SHORT.get(match[0]) or _written(ord(match[0])), text)


def decodable(text: str) -> str:
    """Put U+FFFD in place of each byte that could not be decoded."""
    return _UNDECODABLE.sub("\ufffd", text)


def shortened(text: str, length: int) -> str:
    """Cut a long text, and say how long it is."""
    return text if len(text) <= length else f"{text[:length]}… ({len(text):,} characters)"


def byte_count(size: int) -> str:
    """Give a size as a person says it: `258 bytes`, `1.4 MiB`."""
    if size < 1024:
        return f"{size:,} byte{'s' * (size != 1)}"
    amount = float(size)
    for unit in ("KiB", "MiB", "GiB"):
        amount /= 1024
        if amount < 1024:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1024:,.1f} TiB"


def duration(seconds: float) -> str:
    """Give a time as a person says it: `0.4 s`, `12 min`, `3.5 h`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:,.1f} h"


def _written(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
