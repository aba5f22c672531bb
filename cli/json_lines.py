"""JSON documents a line each, safe for readers that know more line ends than one."""

_SEPARATORS = {char.encode(): f"\\u{ord(char):04x}".encode() for char in "\x85\u2028\u2029"}
"""What some readers take for the end of a line; JSON need not escape it, but nobody minds."""


def json_line_of(document: bytes) -> bytes:
    """Give a JSON document without line ends as a line."""
    for separator, escape in _SEPARATORS.items():
        if separator in document:
            document = document.replace(separator, escape)
    return document + b"\n"
