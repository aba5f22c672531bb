"""Bytes, written in Base64 or hexadecimal."""

from __future__ import annotations

import base64
import binascii
import re

from csv_import.rejects import RejectCode
from csv_import.shaping.spec import Encoding
from csv_import.shaping.values.value import Convert, Refused

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


def base64_text(cell: str) -> str:
    """The cell, if it is the one form that its bytes have in Base64.

    Bits that are left over behind the last byte must be zero: `QR==` would lose one, and is damaged or no Base64.
    https://www.rfc-editor.org/rfc/rfc4648#section-3.5
    """
    try:
        data = base64.b64decode(cell, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(RejectCode.INVALID_BASE64, "the cell is not in Base64") from None
    if base64.b64encode(data).decode() != cell:
        raise Refused(RejectCode.INVALID_BASE64, "the cell is not in Base64: bits are left over at its end")
    return cell


def hex_text(cell: str) -> str:
    """The cell's bytes in Base64."""
    if not _HEX.fullmatch(cell):
        raise Refused(
            RejectCode.INVALID_HEX, "the cell is not in hexadecimal: two digits a byte, nothing else"
        )
    return base64.b64encode(bytes.fromhex(cell)).decode()


BINARY = {Encoding.BASE64: base64_text, Encoding.HEX: hex_text}


def binary(encoding: Encoding) -> Convert:
    """Makes the conversion to B."""
    read = BINARY[encoding]
    return lambda cell: {"B": read(cell)}
