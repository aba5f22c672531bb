"""How large files are cut, as a person says it, and the template parameters that it means."""

import re

_SIZE = re.compile(r"(?P<number>\d+)\s*(?P<unit>[KMGT])?(?P<binary>iB|B)?", re.IGNORECASE)
_UNITS = ("", "K", "M", "G", "T")


def size_in_bytes(text: str) -> int:
    """Read `1048576`, `1024K`, `1M` or `1MiB`: units are powers of 1,024. Raises ValueError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match["binary"] and not match["unit"] and match["binary"].lower() == "ib"):
        raise ValueError(f"{text!r} is no size: a number of bytes, or with a unit as in 64M")
    return int(match["number"]) << 10 * _UNITS.index((match["unit"] or "").upper())


def template_parameters(
    *, split_threshold: str | None, part_bytes: str | None, max_parts: int | None
) -> dict[str, str]:
    """Give the template's parameters; what is not given keeps the template's default. Raises ValueError."""
    parameters: dict[str, str] = {}
    if split_threshold is not None:
        parameters["SplitThresholdBytes"] = str(size_in_bytes(split_threshold))
    if part_bytes is not None:
        parameters["PartBytes"] = str(size_in_bytes(part_bytes))
    if max_parts is not None:
        parameters["MaxParts"] = str(max_parts)
    return parameters
